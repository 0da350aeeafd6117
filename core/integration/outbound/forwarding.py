"""Passes what Meta tells of a number's conversations on to the webhook of that number.

Customers' messages and what became of the ones that were sent name their number in `metadata`
(contracts/meta.md section 11, `messages`). A body about one number goes out byte for byte; of one
about several, each number's webhook gets its own part in the same form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select
from sqlmodel import Session

from core.accounts.entities import Channel
from core.clock import Clock
from core.columns import new_key
from core.events import notices_of
from core.integration.outbound.entities import Delivery, WebhookEndpoint
from core.integration.outbound.fanout import QUEUED, delivery_row, skipped_at
from core.integration.outbound.happened import Told
from core.integration.outbound.permitted import NUMBERS, PERMITTED
from core.integration.outbound.room import SUBJECT
from core.ports import Notice

Json = dict[str, Any]

# The event's name in the log, where Meta gives none.
MESSAGES = "messages"
_FIELD = re.compile(r"[a-z_]{1,64}")
_ID = re.compile(r"[0-9]{1,32}")
_E: Any = WebhookEndpoint.__table__  # type: ignore[attr-defined]
_C: Any = Channel.__table__  # type: ignore[attr-defined]
_OF_NUMBERS = (
    select(_C.c.external_id, _E.c.id, _E.c.partner_id, _E.c.channel_id, _E.c.off_at)
    .select_from(NUMBERS.join(_E, _E.c.channel_id == _C.c.id))
    .where(_C.c.external_id.in_(bindparam("phones", expanding=True)), _E.c.removed_at.is_(None))
)
_WANTED = _OF_NUMBERS.where(*PERMITTED)


class Forwarding:
    """Called in the inbound queue's transaction, whose scope is everything."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def take(self, session: Session, told: Sequence[tuple[bytes, Json]]) -> int:
        """Deliveries of these bodies are written, each told once; how many."""
        of_numbers = [numbers_in(body) for _, body in told]
        phones = sorted({phone for numbers in of_numbers for phone in numbers})
        if not phones:
            return 0
        wanted = {row.external_id: row for row in session.execute(_WANTED, {"phones": phones})}
        now = self._clock.now()
        rows = [
            _row(wanted[phone], field, part_of(raw, body, phone), now)
            for (raw, body), numbers in zip(told, of_numbers, strict=True)
            for phone, field in numbers.items()
            if phone in wanted
        ]
        if rows:
            session.execute(insert(Delivery), rows)
            told_of = sorted({(row["partner_id"], row["endpoint_id"]) for row in rows})
            notices_of(session).extend(Notice(whose, QUEUED, SUBJECT, it) for whose, it in told_of)
        return len(rows)


def numbers_in(body: Json) -> dict[str, str]:
    """Meta's ids of the numbers whose conversations are told of, each with the first field."""
    found: dict[str, str] = {}
    for _, change in _changes(body):
        if phone := phone_of(change):
            found.setdefault(phone, _field(change))
    return found


def phone_of(change: Json) -> str:
    """Whose conversation a change is about; '' for one that is about something else."""
    value = change.get("value")
    metadata = value.get("metadata") if isinstance(value, dict) else None
    phone = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    return phone if isinstance(phone, str) and _ID.fullmatch(phone) else ""


def part_of(raw: bytes, body: Json, phone: str) -> bytes:
    """What of a body is about this number: all of it as it came, or its changes in that form."""
    kept: dict[int, list[Json]] = defaultdict(list)
    is_all = True
    for index, change in _changes(body):
        if phone_of(change) == phone:
            kept[index].append(change)
        else:
            is_all = False
    if is_all:
        return raw
    entries = [body["entry"][index] | {"changes": changes} for index, changes in kept.items()]
    return orjson.dumps(body | {"entry": entries})


def _field(change: Json) -> str:
    """As the log names it; Meta's own samples misplace it at times."""
    field = change.get("field")
    return field if isinstance(field, str) and _FIELD.fullmatch(field) else MESSAGES


def _changes(body: Json) -> Iterator[tuple[int, Json]]:
    """Every change, with the place of its entry."""
    entries = body.get("entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else ():
            if isinstance(change, dict):
                yield index, change


def _row(endpoint: Any, field: str, body: bytes, now: datetime) -> Json:
    told = Told(event=field, data={}, channel_id=endpoint.channel_id)
    row = delivery_row(endpoint.partner_id, endpoint.id, told, new_key(), body, now)
    return row | skipped_at(endpoint.off_at, now)
