"""The record as the partner's owners read it: which events are shown, found how, in what order.

One place for the rule of what is never shown; the API's list asks here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, true
from sqlmodel import Session, col, select

from core.audit.earlier import told_before
from core.audit.finding import about, kept
from core.audit.names import Names, names_of
from core.events import STAFF_ONLY, Event
from core.origin import EventOrigin

MOST = 200
MIN_VALUE = 3  # letters of what is looked for in values as well
MOST_VALUED = 200_000
_MAX_ID = 2**62
_SESSION, _SHORT = "session", 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailQuery:
    """Everything is AND-ed; the newest first."""

    text: str = ""  # a name, an id, a number, a value, an address
    text_types: Collection[str] = ()  # kinds whose title has the text in it
    types: Collection[str] = ()  # '' for all
    actor: str = ""
    subject: tuple[str, str] | None = None  # (type, id)
    since: datetime | None = None
    until: datetime | None = None  # not included
    before_id: int | None = None  # events older than this one
    limit: int = 50
    # Where no first day is chosen, values are looked for in so many of the newest events.
    most_valued: int = MOST_VALUED

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows it."""
        narrow = (self.text, self.types, self.actor, self.subject, self.since, self.until)
        return any(bool(each) for each in narrow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event with what it is about, in names as they are today."""

    id: int
    type: str
    at: datetime
    actor: str
    actor_name: str
    is_staff: bool  # the operator's own, whose whereabouts are not the partner's
    subject_type: str
    subject_id: str
    subject_name: str
    address: str  # '' for what came from nowhere outside
    agent: str
    is_erased: bool  # where it came from was erased with its person
    request_id: str
    data: dict[str, Any] = field(hash=False)
    people: Mapping[str, str] = field(hash=False)  # names of those whom the data mention
    # What the event before told, where this one tells only what is now.
    earlier: Mapping[str, Any] = field(hash=False, default_factory=dict)

    @property
    def subject_told(self) -> str:
        """The id as it is shown; a session's is the hash that it is kept by, so only its start."""
        is_session = self.subject_type == _SESSION
        return self.subject_id[:_SHORT] if is_session else self.subject_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """A page; `next_id` is `before_id` of the one behind it."""

    rows: tuple[Happened, ...]
    next_id: int | None


def shown_to(partner_id: str) -> tuple[ColumnElement[bool], ...]:
    """The events that a partner may see at all: its own, without what staff keep to themselves."""
    return (
        col(Event.partner_id) == partner_id,
        col(Event.type).not_in(sorted(STAFF_ONLY)),
    )


def find(session: Session, partner_id: str, query: TrailQuery) -> TrailPage:
    """One page; the session's gate has been passed."""
    asked = select(Event).where(*shown_to(partner_id), *_conditions(session, partner_id, query))
    limit = min(query.limit, MOST)
    events = session.exec(asked.order_by(col(Event.id).desc()).limit(limit + 1)).all()
    rows = described(session, partner_id, events[:limit])
    return TrailPage(rows=rows, next_id=rows[-1].id if len(events) > limit else None)


def described(session: Session, partner_id: str, events: Sequence[Event]) -> tuple[Happened, ...]:
    """The events with names and origins."""
    names = names_of(session, partner_id, events)
    named = {event.origin for event in events if event.origin}
    asked = select(EventOrigin).where(col(EventOrigin.id).in_(sorted(named)))
    origins = {row.id: row for row in session.exec(asked)} if named else {}
    before = told_before(session, partner_id, events)
    return tuple(
        _happened(event, names, origins.get(event.origin or ""), before.get(event.id or 0, {}))
        for event in events
    )


def _happened(
    event: Event, names: Names, origin: EventOrigin | None, earlier: Mapping[str, Any]
) -> Happened:
    is_staff = event.actor in names.staff
    whence = None if is_staff else origin
    return Happened(
        id=event.id or 0,
        type=event.type,
        at=event.at,
        actor=event.actor,
        actor_name=names.actors.get(event.actor, ""),
        is_staff=is_staff,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        subject_name=names.subjects.get((event.subject_type, event.subject_id), ""),
        address=whence.address if whence else "",
        agent=whence.agent if whence else "",
        is_erased=whence is not None and whence.erased_at is not None,
        request_id=event.request_id or "",
        data=event.data,
        people=names.people,
        earlier=earlier,
    )


def _conditions(session: Session, partner_id: str, query: TrailQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.types:
        conditions.append(col(Event.type).in_(sorted(query.types)))
    if query.actor:
        conditions.append(col(Event.actor) == kept(query.actor))
    if query.subject:
        conditions.append(col(Event.subject_type) == kept(query.subject[0]))
        conditions.append(col(Event.subject_id) == kept(query.subject[1]))
    if query.since:
        conditions.append(col(Event.at) >= query.since)
    if query.until:
        conditions.append(col(Event.at) < query.until)
    if query.before_id is not None:
        conditions.append(col(Event.id) < min(query.before_id, _MAX_ID))
    if query.text:
        valued = _valued(session, partner_id, query)
        conditions.append(about(session, partner_id, query.text, query.text_types, valued))
    return conditions


def _valued(session: Session, partner_id: str, query: TrailQuery) -> ColumnElement[bool]:
    """Events whose values are looked through; no index helps there, so each one is read."""
    if len(query.text) < MIN_VALUE:
        return false()
    if query.since:
        return true()
    own = select(Event.id).where(Event.partner_id == partner_id)
    if query.until:
        own = own.where(col(Event.at) < query.until)
    newest = own.order_by(col(Event.id).desc())
    last = session.exec(newest.offset(query.most_valued).limit(1)).first()
    return true() if last is None else col(Event.id) > last
