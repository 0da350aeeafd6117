"""Seals events into the chain, behind the acts that wrote them: no insert waits for another.

Runs by schedule, on one process. An event that commits late, with a lower id than one that is
sealed already, is found because each run looks back further than any transaction lasts, and one
run a day looks at everything. It looks without a write lock, stretch by stretch, and takes one
only to write what it found.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

# So many in a transaction: some 35 milliseconds of SQLite's only writer on two busy cores.
BATCH = 500
# Ids that are looked through in one statement: far from the 30 seconds that PostgreSQL allows.
STRETCH = 50_000
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
            after = None if everything else self._floor()
            while (found := self._unsealed_after(after)) is not None:
                rows, after = found
                sealed += self._seal(rows) if rows else 0
        if sealed:
            log.debug("audit_sealed", events=sealed)
        return sealed

    def _floor(self) -> int:
        """The highest event that was sealed longer ago than any open transaction is old."""
        before = self._clock.now() - LOOK_BACK
        with self._database.reading(_SCOPE) as session:
            old = select(AuditLink.event_id).where(AuditLink.sealed_at < before)
            return session.exec(old.order_by(col(AuditLink.seq).desc()).limit(1)).first() or 0

    def _unsealed_after(self, after: int | None) -> tuple[Sequence[Mapping[str, Any]], int] | None:
        """Events above that id that wait, and up to which id that is all; None behind the last."""
        with self._database.reading(_SCOPE) as session:
            stretch = next_stretch(session, after)
            if stretch is None:
                return None
            waiting = select(*EVENT_COLUMNS).where(*stretch.unsealed()).order_by(col(Event.id))
            rows = [dict(row) for row in session.execute(waiting.limit(BATCH)).mappings()]
        return rows, rows[-1]["id"] if len(rows) == BATCH else stretch.last

    def _seal(self, events: Sequence[Mapping[str, Any]]) -> int:
        """One transaction. Raises Conflict when another process sealed at the same moment."""
        try:
            with self._database.transaction(_SCOPE) as session:
                links = list(_links(head_of(session), events, self._clock))
                session.execute(insert(AuditLink), [_row(link) for link in links])
        except IntegrityError as error:
            raise Conflict(code="sealed_elsewhere") from error
        return len(links)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids of events from `first` to `last`, both included."""

    first: int
    last: int

    def unsealed(self) -> tuple[ColumnElement[bool], ...]:
        """Events of it without a link."""
        # Said of the links as well: a planner that hashes them would else read them all each time.
        linked = col(AuditLink.event_id).between(self.first, self.last)
        here = col(Event.id).between(self.first, self.last)
        return here, ~exists().where(linked, col(AuditLink.event_id) == col(Event.id))


def next_stretch(session: Session, after: int | None) -> Stretch | None:
    """From the first event above that id, or the very first one; None behind the last."""
    lowest = select(func.min(Event.id))
    found = lowest if after is None else lowest.where(col(Event.id) > after)
    first = session.exec(found).one()
    return None if first is None else Stretch(first, first + STRETCH - 1)


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


def count_unsealed(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many events wait, of those that fit."""
    is_sealed = exists().where(col(AuditLink.event_id) == col(Event.id))
    waiting = select(func.count()).select_from(Event).where(~is_sealed, *conditions)
    return session.exec(waiting).one()


def _links(
    before: Link | None, events: Sequence[Mapping[str, Any]], clock: Clock
) -> Iterator[Link]:
    for event in events:
        before = link_after(before, event, clock.now())
        yield before


def _row(link: Link) -> dict[str, Any]:
    return {
        "seq": link.seq,
        "event_id": link.event_id,
        "event_hash": link.event_hash,
        "sealed_at": link.sealed_at,
        "hash": link.hash,
    }
