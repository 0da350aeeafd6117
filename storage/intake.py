"""Stores Meta's raw bodies with one commit for many: the write behind every 200.

One writer thread takes what has come since its last commit and commits it together, so the cost
of the disk's flush is shared. A body that was stored before changes nothing (unique key). Both
statements take a whole group at once: row by row the thread would hand the GIL to a busy event
loop and wait for it again at every row. Measured by `bench/intake.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import queue
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.columns import UtcDateTime
from core.errors import Unavailable
from core.ports import ChangeFeed, Notice

log = structlog.get_logger()

Waiting = tuple[bytes, "asyncio.Future[None]"]

# Larger groups gain nothing more and keep the first sender waiting.
_GROUP = 500
# SQLite parses each statement once per size; few sizes stay in the driver's cache.
_SIZES = (256, 64, 16, 4, 1)
WOKEN = Notice(partner_id="", type="inbound_stored", subject_type="inbound", subject_id="")

_COLUMNS = "body_hash, body, received_at, next_try_at, waiting, tries, error"
_ONCE = "ON CONFLICT (body_hash) DO NOTHING"
_POSTGRES = f"""
    INSERT INTO inbound_webhook ({_COLUMNS})
    SELECT body_hash, body, %s, %s, 0, 0, ''
    FROM unnest(%s::text[], %s::bytea[]) AS told (body_hash, body) {_ONCE}
"""  # noqa: S608  nothing from outside is in it


class IntakeWriter:
    """Start once per web process; `store` may be called from the event loop only."""

    def __init__(self, engine: Engine, clock: Clock, feed: ChangeFeed) -> None:
        self._engine = engine
        self._clock = clock
        self._feed = feed
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Commit what came, then end."""
        self._queue.put(None)
        self._thread.join(timeout=10)

    async def store(self, body: bytes) -> None:
        """Returns once the body is on disk; raises Unavailable when it could not be stored."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put((body, done))
        await done

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            while len(group) < _GROUP and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._commit(group)
                    return
                group.append(following)
            self._commit(group)

    def _commit(self, group: list[Waiting]) -> None:
        try:
            with self._engine.begin() as connection:
                _insert(connection, [body for body, _ in group], self._clock.now())
        except SQLAlchemyError as error:
            log.error("intake_failed", bodies=len(group), error=type(error).__name__)
            _tell(group, Unavailable("the database did not take the webhook"))
            return
        _tell(group, None)
        self._feed.publish([WOKEN])


def _tell(group: list[Waiting], error: Unavailable | None) -> None:
    """One hop to the event loop for the whole group."""
    loop = group[0][1].get_loop()
    try:
        loop.call_soon_threadsafe(_settle, [done for _, done in group], error)
    except RuntimeError:  # the loop closed: nobody waits for an answer any more
        log.debug("intake_loop_closed", bodies=len(group))


def _settle(waiting: list[asyncio.Future[None]], error: Unavailable | None) -> None:
    for done in waiting:
        if done.done():  # its sender has hung up
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _insert(connection: Connection, bodies: Sequence[bytes], now: datetime) -> None:
    told = [(hashlib.sha256(body).hexdigest(), body) for body in bodies]
    if connection.dialect.name == "postgresql":
        hashes, kept = [h for h, _ in told], [body for _, body in told]
        connection.exec_driver_sql(_POSTGRES, (now, now, hashes, kept))
        return
    at = _as_sqlite(connection, now)
    while told:
        size = next(size for size in _SIZES if size <= len(told))
        values = [value for hash_, body in told[:size] for value in (hash_, body, at, at)]
        connection.exec_driver_sql(_sqlite(size), tuple(values))
        told = told[size:]


@cache
def _sqlite(size: int) -> str:
    rows = ", ".join(["(?, ?, ?, ?, 0, 0, '')"] * size)
    return f"INSERT INTO inbound_webhook ({_COLUMNS}) VALUES {rows} {_ONCE}"  # noqa: S608


def _as_sqlite(connection: Connection, now: datetime) -> str:
    """A time as the column keeps it."""
    as_kept = UtcDateTime().bind_processor(connection.dialect)
    assert as_kept is not None  # noqa: S101  SQLite has no times of its own
    return str(as_kept(now))
