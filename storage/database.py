"""Transactions of one service verb each, told to open pages once they are committed.

Sessions are synchronous and belong to worker threads: opening one on the event loop raises. Keep
network calls, PDFs and everything slow out of a transaction: on SQLite it holds the only writer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import UOWTransaction, sessionmaker
from sqlmodel import Session

from core.errors import Unavailable
from core.events import Event, notices_of
from core.ports import ChangeFeed, Everything, Notice, Scope
from storage import origins, outbox  # noqa: F401  they listen to every session
from storage.engines import hasty, is_sqlite, reading_engine, truncate_journal, writing_engine
from storage.tenancy import HubSession

log = structlog.get_logger()

# SQLite's primary result codes for "not now": busy, locked, no memory, I/O error, full, file gone,
# locking protocol. The driver raises OperationalError for misspelt SQL as well.
_SQLITE_NOT_NOW = frozenset({5, 6, 7, 10, 13, 14, 15})


class SqlDatabase:
    """`core.ports.Database` on SQLite or PostgreSQL."""

    def __init__(self, url: str, feed: ChangeFeed, *, threads: int = 16) -> None:
        """`threads`: how many callers work at the same time; the pools have as many connections."""
        self.writer = writing_engine(url, connections=threads)
        self.reader = (
            reading_engine(url, connections=threads) if is_sqlite(self.writer) else self.writer
        )
        self._hasty = hasty(self.writer)
        self._feed = feed
        self._sessions = sessionmaker(class_=HubSession, expire_on_commit=False)
        # Transactions that were not taken, by reason; only grow, for the metrics.
        self.refusals = Counter({"pool_busy": 0, "unavailable": 0})

    @contextmanager
    def transaction(self, scope: Scope, *, waits_for_disk: bool = True) -> Iterator[Session]:
        """Commits at the end, rolls back on any exception, then tells what was recorded."""
        engine = self.writer if waits_for_disk else self._hasty
        with self._session(scope, engine, reading=False) as session:
            yield session
            session.commit()
        # Only now: whoever is told re-reads, and must find what was told of.
        if notices := notices_of(session):
            self._feed.publish(notices)

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """One snapshot (SQLite) or statement by statement (PostgreSQL), without a write lock."""
        with self._session(scope, self.reader, reading=True) as session:
            yield session

    def empty_journal(self, patience: float = 5.0) -> bool:
        """What was overwritten or deleted is in no file any more; False while somebody reads.

        `patience`: how long readers are waited for, in *seconds*. PostgreSQL sees to it itself.
        """
        return not is_sqlite(self.writer) or truncate_journal(self.writer, patience)

    def close(self) -> None:
        """Close all pooled connections."""
        self.writer.dispose()
        self.reader.dispose()

    @contextmanager
    def _session(self, scope: Scope, engine: Engine, *, reading: bool) -> Iterator[HubSession]:
        refuse_event_loop()
        if isinstance(scope, Everything):
            log.debug("scope_everything", reason=scope.reason)
        with (
            _told_as_unavailable(self.refusals),
            self._sessions(bind=engine, info={"scope": scope, "reading": reading}) as session,
        ):
            yield session


def refuse_event_loop() -> None:
    """Raise RuntimeError in a thread that runs an event loop: SQL would stop every open page."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("a transaction was opened on the event loop; use a worker thread")


@event.listens_for(HubSession, "after_flush")
def _collect_notices(session: Session, _context: UOWTransaction) -> None:
    # A savepoint that is rolled back may leave a notice of nothing: pages re-read in vain, no more.
    notices_of(session).extend(
        Notice(row.partner_id, row.type, row.subject_type, row.subject_id)
        for row in session.new
        if isinstance(row, Event)
    )


@contextmanager
def _told_as_unavailable(refusals: Counter[str]) -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        refusals["pool_busy"] += 1
        raise Unavailable("every database connection is busy") from error
    except DBAPIError as error:
        if not _is_passing(error):
            raise
        refusals["unavailable"] += 1
        log.warning("database_unavailable", error=type(error.orig).__name__)
        raise Unavailable("the database cannot do this now") from error


def _is_passing(error: DBAPIError) -> bool:
    """Whether the same call may succeed later: locked, full, restarted, gone."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # The low byte is the primary code, the rest says more.
        return (error.orig.sqlite_errorcode & 0xFF) in _SQLITE_NOT_NOW
    return True
