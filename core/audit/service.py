"""What happened, for a partner's owners and their programs, and whether it was tampered with.

Which events are shown at all is said in `core.audit.trail`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func
from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts.cursors import is_storable
from core.audit.csv_export import HEADER, Wording, lines
from core.audit.entities import AuditLink
from core.audit.names import actors_at, names_of_actors
from core.audit.sealing import count_unsealed, head_of
from core.audit.trail import MOST, Happened, TrailPage, TrailQuery, described, find, shown_to
from core.csv_cells import BOM, line
from core.errors import InvalidInput, NotFound
from core.events import Event
from core.numbers import number_of

_COLUMNS: dict[str, Any] = {
    "type": col(Event.type),
    "subject_type": col(Event.subject_type),
    "subject_id": col(Event.subject_id),
    "actor": col(Event.actor),
}
FILTERS = ("id", *_COLUMNS)
SORTS = ("id",)  # also the order of time
# A file that a spreadsheet still opens; whoever needs more narrows the days.
MOST_EXPORTED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """`filters` are AND-ed; the newest first unless `oldest_first`."""

    filters: Mapping[str, str] = field(default_factory=dict)
    oldest_first: bool = False
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Events, detached; names of the people and programs who acted, by actor."""

    rows: tuple[Event, ...]
    people: Mapping[str, str]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How far events are sealed; `sealed_at` is None before the first one is."""

    sealed_at: datetime | None
    waiting: int  # of the partner's own events


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetails:
    """One event; `seq` and `hash` of its link, once it is sealed."""

    row: Happened
    seq: int | None
    hash: str


class Audit:
    """Owners only, and programs that may read settings."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def events(self, who: Principal, query: AuditQuery) -> AuditPage:
        """One page of the partner's events. Raises InvalidInput (unknown_filter, bad_filter)."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            conditions = [*shown_to(who.tenant.partner_id), *_conditions(query.filters)]
            total = session.exec(select(func.count()).select_from(Event).where(*conditions)).one()
            order = col(Event.id).asc() if query.oldest_first else col(Event.id).desc()
            found = select(Event).where(*conditions).order_by(order)
            rows = session.exec(found.limit(query.limit).offset(query.offset)).all()
            return AuditPage(rows=tuple(rows), people=_people(session, rows), total=total)

    def event(self, who: Principal, event_id: str) -> AuditPage:
        """The one event, as a page of one. Raises NotFound."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            found = select(Event).where(*shown_to(who.tenant.partner_id), _is(event_id))
            row = session.exec(found).one_or_none()
            if row is None:
                raise NotFound(event_id=event_id)
            return AuditPage(rows=(row,), people=_people(session, [row]), total=1)

    def trail(self, who: Principal, query: TrailQuery) -> TrailPage:
        """One page of the record, the newest first. Raises NotSignedIn or Forbidden."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            return find(session, who.tenant.partner_id, query)

    def details(self, who: Principal, event_id: str) -> EventDetails:
        """One event with its place in the chain. Raises NotFound."""
        partner_id = who.tenant.partner_id
        with self._gate.reading(who, Permission.SETTINGS) as session:
            found = select(Event).where(*shown_to(partner_id), _is(event_id))
            event = session.exec(found).one_or_none()
            if event is None:
                raise NotFound(event_id=event_id)
            sealed = select(AuditLink).where(AuditLink.event_id == event.id)
            link = session.exec(sealed).one_or_none()
            (row,) = described(session, partner_id, [event])
        return EventDetails(row=row, seq=link.seq if link else None, hash=link.hash if link else "")

    def actors(self, who: Principal) -> dict[str, str]:
        """Whom the record can be filtered by: names of people and programs by actor."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            return actors_at(session, who.tenant.partner_id)

    def chain_state(self, who: Principal) -> ChainState:
        """How far events are sealed; whether the chain holds is the operator's to find out."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            head = head_of(session)
            newer = col(Event.id) > (head.event_id if head else 0)
            waiting = count_unsealed(session, *shown_to(who.tenant.partner_id), newer)
        return ChainState(sealed_at=head.sealed_at if head else None, waiting=waiting)

    def export_csv(self, who: Principal, query: TrailQuery, wording: Wording) -> Iterator[bytes]:
        """What the filters show, up to MOST_EXPORTED events; read as it is sent, page by page.

        Authority is looked at again for each page. Raises as `trail` does, at the first piece.
        """
        page = self.trail(who, replace(query, limit=MOST))
        yield BOM + line(HEADER).encode()
        left = MOST_EXPORTED
        while page.rows and left > 0:
            yield "".join(lines(page.rows[:left], wording)).encode()
            left -= len(page.rows)
            if page.next_id is None:
                return
            page = self.trail(who, replace(query, limit=MOST, before_id=page.next_id))


def _conditions(filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, value in filters.items():
        if name not in FILTERS:
            raise InvalidInput(code="unknown_filter", field=name)
        if not is_storable(value):
            raise InvalidInput(code="bad_filter", field=name)
        if name == "id":
            conditions.append(_is(value))
        else:
            conditions.append(_COLUMNS[name] == value)
    return conditions


def _is(event_id: str) -> ColumnElement[bool]:
    """The event of that id; none for what is no id."""
    number = number_of(event_id)
    return false() if number is None else col(Event.id) == number


def _people(session: Session, rows: Iterable[Event]) -> dict[str, str]:
    return names_of_actors(session, {row.actor for row in rows})
