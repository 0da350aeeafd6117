"""What the event before told of the same thing, where an event tells only what is now.

Licences once told their tier without the one before; an event cannot be written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from core.events import Event, EventType

_TOLD = ("tier", "next_tier")


def told_before(session: Session, partner_id: str, events: Sequence[Event]) -> dict[int, Any]:
    """Values of the event before, by the event's id; one seek for each that needs it."""
    asked = [event.id or 0 for event in events if _tells_now_only(event)]
    if not asked:
        return {}
    before = aliased(Event)
    last = select(func.max(before.id)).where(
        before.partner_id == partner_id,
        before.subject_type == Event.subject_type,
        before.subject_id == Event.subject_id,
        col(before.id) < col(Event.id),
    )
    pairs = select(Event.id, last.correlate(Event).scalar_subquery()).where(
        Event.partner_id == partner_id, col(Event.id).in_(asked)
    )
    ids = {id_: earlier for id_, earlier in session.exec(pairs) if earlier is not None}
    found = select(Event.id, Event.data).where(col(Event.id).in_(sorted(ids.values())))
    told = dict(session.exec(found).all())
    return {id_: _values(told[earlier]) for id_, earlier in ids.items() if id_ is not None}


def _tells_now_only(event: Event) -> bool:
    return event.type == EventType.LICENCE_CHANGED and not event.data.keys().isdisjoint(_TOLD)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in _TOLD if name in data}
