"""What the record's address asks for; the page and the file read it alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from core.audit.trail import TrailQuery
from core.numbers import number_of
from ui.pages import audit_words

PATH = "/audit"
EXPORT = "/audit/export.csv"
NAMES = ("search", "who", "kind", "about", "id", "from", "to", "before")
LONGEST = 200


def query_of(asked: dict[str, str], zone: tzinfo) -> TrailQuery:
    """The address as a question; what makes no sense in it is left out."""
    told = {name: asked.get(name, "").strip()[:LONGEST] for name in NAMES}
    text = told["search"]
    return TrailQuery(
        text=text,
        text_types=audit_words.types_called(text) if text else (),
        types=audit_words.types_of(told["kind"]),
        actor=told["who"],
        subject=(told["about"], told["id"]) if told["about"] and told["id"] else None,
        since=_midnight(told["from"], zone),
        until=_midnight(told["to"], zone, days=1),
        before_id=number_of(told["before"]),
    )


def about_path(subject_type: str, subject_id: str) -> str:
    """The record of one thing: where timelines lead."""
    return f"{PATH}?{urlencode({'about': subject_type, 'id': subject_id})}"


def _midnight(text: str, zone: tzinfo, days: int = 0) -> datetime | None:
    """The beginning of that day where the person is, in UTC; None for what is no day."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
