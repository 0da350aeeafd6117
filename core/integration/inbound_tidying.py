"""Takes Meta's bodies out of the inbox that are dealt with for long enough: people are in them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from core.clock import Clock
from core.integration.entities import InboundWebhook
from core.ports import Database, Everything, Jobs

JOB = "inbound_tidy"
_EVERY = timedelta(hours=1)
_ALL = Everything("intake: bodies that were dealt with long ago")
# Rows of one transaction: some ten milliseconds of SQLite's only writer.
_AT_ONCE = 500
_ROUNDS = 2000


class InboundTidying:
    """Registers itself as the scheduled job `inbound_tidy`."""

    def __init__(self, database: Database, clock: Clock, jobs: Jobs, kept: timedelta) -> None:
        """`kept` is longer than the seven days for which Meta repeats itself."""
        self._database = database
        self._clock = clock
        self._kept = kept
        jobs.schedule(JOB, _EVERY, self.tidy)

    def tidy(self) -> int:
        """How many bodies are gone; what could not be applied yet stays, however old."""
        gone = 0
        for _ in range(_ROUNDS):
            some = self._forget()
            gone += some
            if some < _AT_ONCE:
                break
        return gone

    def _forget(self) -> int:
        done = col(InboundWebhook.processed_at)
        old = select(InboundWebhook.id).where(done < self._clock.now() - self._kept)
        with self._database.transaction(_ALL) as session:
            ids = session.exec(old.order_by(done).limit(_AT_ONCE)).all()
            if ids:
                session.execute(delete(InboundWebhook).where(col(InboundWebhook.id).in_(ids)))
        return len(ids)
