"""A worker for the tests that delivers webhooks and kills itself at the point it is told.

`python -m tests.services.webhooks_program URL POINT`; points are named in `POINTS`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import httpcore
from sqlmodel import Session

from core.access import Gate
from core.clock import FixedClock
from core.gateways.asyncio_network import AsyncioNetwork, AsyncioStream
from core.gateways.outgoing import GuardedOutgoing
from core.integration.outbound.book import Batch, Book, Result
from core.integration.outbound.drain import WebhookDrain
from core.integration.outbound.fanout import FanOut
from core.integration.outbound.room import Room
from core.integration.outbound.switching_off import SwitchingOff
from core.ports import Scope, Tenant
from core.settings import Settings
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.drain_locks import SqlDrainLocks
from storage.jobs_inline import InlineJobs
from tests.services.conftest import NOW
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMailer

POINTS = (
    "fanned out, not committed",
    "after claim",
    "during connect",
    "body half sent",
    "partner answered 200, result not stored",
    "result stored, next attempt not scheduled",
    "while disabling endpoint",
)
FANOUT, CLAIMED, CONNECT, HALF, ANSWERED, STORED, DISABLING = POINTS


class Killer:
    def __init__(self, point: str) -> None:
        self._point = point

    def pass_by(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


KILLER = Killer("")


class KillingStream(AsyncioStream):
    """Dies when half of the first request is on its way."""

    async def _flush(self) -> None:
        if KILLER._point == HALF and self._unsent:
            del self._unsent[len(self._unsent) // 2 :]
            await super()._flush()
        await super()._flush()
        KILLER.pass_by(HALF)


class KillingNetwork(AsyncioNetwork):
    """Dies when the other side has taken the call and nobody here knows."""

    async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = cast(AsyncioStream, await super().connect_tcp(*args, **options))
        KILLER.pass_by(CONNECT)
        return KillingStream(stream._reader, stream._writer)


class KillingBook(Book):
    def due(self, endpoint_id: str, most: int) -> Batch | None:
        batch = super().due(endpoint_id, most)
        KILLER.pass_by(CLAIMED)
        return batch

    def record(self, results: Sequence[Result]) -> None:
        KILLER.pass_by(ANSWERED)
        super().record(results)


class KillingOff(SwitchingOff):
    def switch_off(self, session: Session, endpoint_id: str, reason: str) -> None:
        super().switch_off(session, endpoint_id, reason)
        session.flush()
        KILLER.pass_by(DISABLING)


class KillingDatabase(SqlDatabase):
    """Dies before a commit: the fan-out works for one partner, results are everybody's."""

    @contextmanager
    def transaction(self, scope: Scope, *, waits_for_disk: bool = True) -> Iterator[Session]:
        with super().transaction(scope, waits_for_disk=waits_for_disk) as session:
            yield session
            session.flush()
            KILLER.pass_by(FANOUT if isinstance(scope, Tenant) else STORED)


def work(url: str, point: str) -> None:
    KILLER._point = point
    clock, feed = FixedClock(NOW), LocalFeed()
    database = KillingDatabase(url, feed, threads=4)
    settings = Settings(_env_file=None, mode="sandbox", base_url="https://hub.test")
    room = Room(
        gate=Gate(database, clock),
        database=database,
        clock=clock,
        vault=PlainVault(),
        outgoing=GuardedOutgoing(settings, dial=KillingNetwork()),
        feed=feed,
        settings=settings,
    )
    off = KillingOff(
        database=database, clock=clock, jobs=InlineJobs(), mailer=FakeMailer(), base_url=""
    )
    fanout, book = FanOut(database, clock, feed), KillingBook(room, off)
    WebhookDrain(room, fanout, book, SqlDrainLocks(url)).start()
    threading.Event().wait(60)


if __name__ == "__main__":
    work(*sys.argv[1:])
