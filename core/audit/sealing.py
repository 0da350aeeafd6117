"""Seals events into the chain, behind the acts that wrote them: no insert waits for another.

Runs by schedule, on one process. An event that commits late, with a lower id than one that is
sealed already, is found because each run looks back further than any transaction lasts, and the
first run of a process and one run a day look at everything.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, exists, func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.audit.chain import COLUMNS, Link, link_after
from core.audit.entities import AuditLink
from core.clock import Clock
from core.errors import Conflict
from core.events import Event
from core.ports import Database, Everything, Jobs

log = structlog.get_logger()

# So many in a transaction: some twenty milliseconds of SQLite's only writer.
BATCH = 500
# PostgreSQL ends a transaction that does nothing after a minute; an hour is far beyond any.
LOOK_BACK = timedelta(hours=1)
EVERY = timedelta(seconds=30)
_SCOPE = Everything("audit: the chain is over all partners' events")

EVENT_COLUMNS: tuple[Any, ...] = tuple(getattr(Event, name) for name in COLUMNS)


class Sealing:
    """`run` is what the schedule calls."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._one = threading.Lock()  # both schedules are of one process, and a chain has one end

    def schedule_in(self, jobs: Jobs) -> None:
        """The chain grows from now on."""
        jobs.schedule("seal_audit", EVERY, self.run)
        jobs.schedule("seal_audit_all", timedelta(days=1), lambda: self.run(everything=True))

    def run(self, *, everything: bool = False) -> int:
        """Every committed event is sealed (of the last hour's); how many were sealed now."""
        sealed = 0
        with self._one:
            floor = None if everything else self._floor()
            while number := self._seal_some(floor):
                sealed += number
        if sealed:
            log.debug("audit_sealed", events=sealed)
        return sealed

    def _floor(self) -> int:
        """The highest event that was sealed longer ago than any open transaction is old."""
        before = self._clock.now() - LOOK_BACK
        with self._database.reading(_SCOPE) as session:
            old = select(AuditLink.event_id).where(AuditLink.sealed_at < before)
            return session.exec(old.order_by(col(AuditLink.seq).desc()).limit(1)).first() or 0

    def _seal_some(self, floor: int | None) -> int:
        """One transaction. Raises Conflict when another process sealed at the same moment."""
        try:
            with self._database.transaction(_SCOPE) as session:
                before = head_of(session)
                links = []
                for event in session.execute(_unsealed(floor)).mappings():
                    before = link_after(before, dict(event), self._clock.now())
                    links.append(before)
                if links:
                    session.execute(insert(AuditLink), [_row(link) for link in links])
        except IntegrityError as error:
            raise Conflict(code="sealed_elsewhere") from error
        return len(links)


def head_of(session: Session) -> Link | None:
    """The newest link."""
    newest = select(AuditLink).order_by(col(AuditLink.seq).desc()).limit(1)
    row = session.exec(newest).first()
    return link_of(row) if row else None


def link_of(row: AuditLink) -> Link:
    """The row as a value."""
    return Link(
        seq=row.seq,
        event_id=row.event_id,
        event_hash=row.event_hash,
        sealed_at=row.sealed_at,
        hash=row.hash,
    )


def is_unsealed() -> ColumnElement[bool]:
    """An event without a link."""
    return ~exists().where(col(AuditLink.event_id) == col(Event.id))


def count_unsealed(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many events wait, of those that fit."""
    waiting = select(func.count()).select_from(Event).where(is_unsealed(), *conditions)
    return session.exec(waiting).one()


def _unsealed(floor: int | None) -> Any:
    waiting = select(*EVENT_COLUMNS).where(is_unsealed())
    if floor is not None:
        waiting = waiting.where(col(Event.id) > floor)
    return waiting.order_by(col(Event.id)).limit(BATCH)


def _row(link: Link) -> dict[str, Any]:
    return {
        "seq": link.seq,
        "event_id": link.event_id,
        "event_hash": link.event_hash,
        "sealed_at": link.sealed_at,
        "hash": link.hash,
    }
