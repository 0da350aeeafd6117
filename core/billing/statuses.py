"""What Meta's `messages` webhooks say about delivered messages: pure, no rows, no clock.

Meta tells the price on `sent` and on one of `delivered` and `read`, in any order and more than
once (contracts/meta.md sections 10 and 11). One message makes one report, whatever was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple

Json = dict[str, Any]

# A voice message that was played has been delivered as well.
_ARRIVED = ("delivered", "read", "played")
_LATEST = 253_402_214_399  # a day before the year 9999 ends: every zone can tell it
_LONGEST = 200  # characters kept of Meta's ids; theirs have about 60


class Report(NamedTuple):
    """One message that arrived; `at` is unix seconds by Meta's clock, 0 for an unreadable time.

    A tuple, since thousands a second are made of them.
    """

    wamid: str
    phone_id: str
    at: int
    recipient: str
    has_pricing: bool
    category: str = ""
    type: str = ""
    pricing_model: str = ""
    conversation_id: str = ""

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def as_json(self) -> Json:
        return self._asdict()


def reports_in(body: Json) -> Iterator[Report]:
    """Every status of one webhook body that says that a message arrived."""
    for entry in _objects(body.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            if change.get("field") == "messages" and isinstance(value, dict):
                yield from _in_value(value)


def one_each(reports: Iterable[Report]) -> list[Report]:
    """One report per message, oldest first: the earliest that carries a price, else the earliest.

    The same whatever the order in which they came, so that a batch told twice ends the same.
    """
    best: dict[str, Report] = {}
    for report in reports:
        known = best.get(report.wamid)
        if known is None or _rank(report) < _rank(known):
            best[report.wamid] = report
    return sorted(best.values(), key=attrgetter("at", "wamid"))


def _rank(report: Report) -> tuple[bool, int, str]:
    return not report.has_pricing, report.at, str(report)


def _in_value(value: Json) -> Iterator[Report]:
    metadata = value.get("metadata")
    phone_id = _text(metadata.get("phone_number_id")) if isinstance(metadata, dict) else ""
    for status in _objects(value.get("statuses")):
        if status.get("status") in _ARRIVED and (wamid := _text(status.get("id"))):
            yield _report(status, wamid, phone_id)


def _report(status: Json, wamid: str, phone_id: str) -> Report:
    pricing = status.get("pricing")
    told: Json = pricing if isinstance(pricing, dict) else {}
    conversation = status.get("conversation")
    return Report(
        wamid=wamid,
        phone_id=phone_id,
        at=_seconds(status.get("timestamp")),
        # Of a group only the participant has a country.
        recipient=_text(status.get("recipient_participant_id") or status.get("recipient_id")),
        has_pricing=bool(told),
        category=_text(told.get("category")).lower(),
        type=_text(told.get("type")).lower(),
        pricing_model=_text(told.get("pricing_model")).upper(),
        conversation_id=_text(conversation.get("id")) if isinstance(conversation, dict) else "",
    )


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    if value.isascii() and len(value) <= _LONGEST and "\x00" not in value:
        return value  # as they all are
    # Half a surrogate pair is good JSON, but no database takes it.
    return value.replace("\x00", "")[:_LONGEST].encode("utf-8", "replace").decode()


def _seconds(value: Any) -> int:
    text = str(value) if isinstance(value, int | str) else ""
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) <= len("9" * 12) else 0
    return seconds if seconds <= _LATEST else 0
