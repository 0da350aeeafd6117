"""Keeps where each event came from, in the event's own transaction; once for each origin."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session

from core.events import ORIGINS, Event
from core.origin import EventOrigin
from storage.tenancy import HubSession, bare_connection

_TABLE = EventOrigin.__table__  # type: ignore[attr-defined]
_KEEP = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),
}


@event.listens_for(HubSession, "after_flush")
def _keep(session: Session, _context: UOWTransaction) -> None:
    """Again with each flush: a savepoint that was rolled back has taken the row with it."""
    noted: dict[str, EventOrigin] = session.info.get(ORIGINS, {})
    named = {row.origin for row in session.new if isinstance(row, Event) and row.origin}
    rows = [noted[id_].model_dump() for id_ in sorted(named & noted.keys())]
    if rows:
        connection = bare_connection(session)
        connection.execute(_KEEP[connection.dialect.name], rows)
