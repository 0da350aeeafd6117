"""Stores Meta's raw bodies with one commit for many: the write behind every 200.

One writer thread takes what has come since its last commit and commits it together, so the cost
of the disk's flush is shared. A body that was stored before changes nothing (unique key).
"""

from __future__ import annotations

import asyncio
import hashlib
import queue
import threading
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.entities import InboundWebhook
from core.errors import Unavailable
from core.ports import ChangeFeed, Notice

log = structlog.get_logger()

Waiting = tuple[bytes, "Future[None]"]

# Larger groups gain nothing more and keep the first sender waiting.
_GROUP = 500
WOKEN = Notice(partner_id="", type="inbound_stored", subject_type="inbound", subject_id="")


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
        done: Future[None] = Future()
        self._queue.put((body, done))
        await asyncio.wrap_future(done)

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
                rows = [_row(body, self._clock.now()) for body, _ in group]
                connection.execute(_insert(self._engine.dialect.name), rows)
        except SQLAlchemyError as error:
            log.error("intake_failed", bodies=len(group), error=type(error).__name__)
            for _, done in group:
                done.set_exception(Unavailable("the database did not take the webhook"))
            return
        for _, done in group:
            done.set_result(None)
        self._feed.publish([WOKEN])


def _row(body: bytes, now: datetime) -> dict[str, Any]:
    return {
        "body_hash": hashlib.sha256(body).hexdigest(),
        "body": body,
        "received_at": now,
        "next_try_at": now,
        "waiting": 0,
        "tries": 0,
        "error": "",
    }


def _insert(dialect: str) -> Any:
    table = InboundWebhook.__table__  # type: ignore[attr-defined]
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=["body_hash"])
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=["body_hash"])
