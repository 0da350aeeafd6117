"""A worker for the tests that meters what is stored and kills itself at the point it is told.

`python -m tests.services.metering_program URL POINT`; points are named in `POINTS`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from core.billing.balance.watch import Watch
from core.billing.card_store import RateCards
from core.billing.metering import Metering
from core.billing.ports import MeteredNumber, UsageLines
from core.clock import FixedClock
from core.integration.inbound import Inbound
from core.ports import Scope
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POINTS = (
    "bodies read, nothing written",
    "half of the lines written",
    "lines written, debit not",
    "debit written, queue's mark not",
    "all written, not committed",
    "committed, nobody told",
)
READ, HALF, LINES, DEBIT, WRITTEN, COMMITTED = POINTS


class Killer:
    def __init__(self, point: str) -> None:
        self._point = point

    def pass_by(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


class KillingBook(SqlUsageBook):
    """Dies before its first statement, behind the lines, or behind the sums."""

    def __init__(self, killer: Killer) -> None:
        super().__init__()
        self._killer = killer

    def numbers(self, session: Session, phone_ids: Collection[str]) -> dict[str, MeteredNumber]:
        self._killer.pass_by(READ)
        return super().numbers(session, phone_ids)

    def write_usage(self, session: Session, groups: Sequence[UsageLines]) -> set[str]:
        new = super().write_usage(session, groups)
        self._killer.pass_by(HALF)
        return new

    def add_days(self, session: Session, rows: Sequence[dict[str, Any]]) -> None:
        super().add_days(session, rows)
        self._killer.pass_by(LINES)


class KillingMetering(Metering):
    """Dies when the debit is in the database and the queue does not know."""

    killer: Killer

    def take(self, session: Session, bodies: Sequence[dict[str, Any]]) -> list[int]:
        unknown = super().take(session, bodies)
        session.flush()
        self.killer.pass_by(DEBIT)
        return unknown


class KillingDatabase(SqlDatabase):
    """Dies on either side of a commit."""

    killer: Killer

    @contextmanager
    def transaction(self, scope: Scope, *, waits_for_disk: bool = True) -> Iterator[Session]:
        with super().transaction(scope, waits_for_disk=waits_for_disk) as session:
            yield session
            session.flush()
            self.killer.pass_by(WRITTEN)
        self.killer.pass_by(COMMITTED)


def work(url: str, point: str) -> None:
    killer, clock, unused = Killer(point), FixedClock(NOW), None
    database = KillingDatabase(url, LocalFeed(), threads=2)
    database.killer = killer
    watch = Watch(clock, SqlNumbers())
    metering = KillingMetering(clock, KillingBook(killer), RateCards(clock), watch)
    metering.killer = killer
    others: Any = unused
    inbound = Inbound(database, clock, others, others, metering=metering)
    while inbound.work_off(is_told=True):
        pass
    database.close()


if __name__ == "__main__":
    work(*sys.argv[1:])
