"""What happened, as a partner's programs list it: events, without those that are staff's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts.cursors import is_storable
from core.errors import InvalidInput, NotFound
from core.events import STAFF_ONLY, Event
from core.partners.entities import Person

_COLUMNS: dict[str, Any] = {
    "type": col(Event.type),
    "subject_type": col(Event.subject_type),
    "subject_id": col(Event.subject_id),
    "actor": col(Event.actor),
}
FILTERS = ("id", *_COLUMNS)
SORTS = ("id",)  # also the order of time
_MAX_ID = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """`filters` are AND-ed; the newest first unless `oldest_first`."""

    filters: Mapping[str, str] = field(default_factory=dict)
    oldest_first: bool = False
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Events, detached; names by id of the people who acted."""

    rows: tuple[Event, ...]
    people: Mapping[str, str]
    total: int


class Audit:
    """Owners only, and programs that may read settings."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def events(self, who: Principal, query: AuditQuery) -> AuditPage:
        """One page of the partner's events. Raises InvalidInput (unknown_filter, bad_filter)."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            conditions = [*_shown(who.tenant.partner_id), *_conditions(query.filters)]
            total = session.exec(select(func.count()).select_from(Event).where(*conditions)).one()
            order = col(Event.id).asc() if query.oldest_first else col(Event.id).desc()
            found = select(Event).where(*conditions).order_by(order)
            rows = session.exec(found.limit(query.limit).offset(query.offset)).all()
            return AuditPage(rows=tuple(rows), people=_people(session, rows), total=total)

    def event(self, who: Principal, event_id: str) -> AuditPage:
        """The one event, as a page of one. Raises NotFound."""
        number = _number(event_id)
        with self._gate.reading(who, Permission.SETTINGS) as session:
            found = select(Event).where(*_shown(who.tenant.partner_id), Event.id == number)
            row = session.exec(found).one_or_none()
            if row is None:
                raise NotFound(event_id=event_id)
            return AuditPage(rows=(row,), people=_people(session, [row]), total=1)


def _shown(partner_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Event.partner_id) == partner_id,
        col(Event.type).not_in(sorted(STAFF_ONLY)),
    )


def _conditions(filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, value in filters.items():
        if name not in FILTERS:
            raise InvalidInput(code="unknown_filter", field=name)
        if not is_storable(value):
            raise InvalidInput(code="bad_filter", field=name)
        if name == "id":
            conditions.append(col(Event.id) == _number(value))
        else:
            conditions.append(_COLUMNS[name] == value)
    return conditions


def _number(text: str) -> int:
    """The id, or one that no event has."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1  # noqa: PLR2004
    return number if number < _MAX_ID else -1


def _people(session: Session, rows: Any) -> dict[str, str]:
    actors = sorted({row.actor for row in rows})
    found = select(Person.id, Person.name).where(col(Person.id).in_(actors))
    return dict(session.exec(found).all()) if actors else {}
