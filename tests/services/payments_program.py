"""A worker process for payments that kills itself at the points it is told, each of them once.

`python -m tests.services.payments_program URL STRIPE FOLDER POINT...` works until it is killed. A
point is `call:before:NAME`, `call:after:NAME` (of the provider), `step:before:NAME`,
`step:after:NAME` (of the workflow) or `commit:before:N` (of the N-th transaction of the process).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core.access import Principal
from core.clock import SystemClock
from core.gateways.payments import StripePayments
from core.ports import Scope
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.sandbox.payments_rig import stripe_settings
from tests.services.onboarding_program import Killer, KillingJobs
from tests.services.payments_world import assemble

NOBODY = Principal(person_id="", name="", email="", session_hash="", partner_id=None, role=None)


class KillingProvider:
    """The provider with a killer before and behind each call."""

    def __init__(self, provider: StripePayments, killer: Killer) -> None:
        self._provider = provider
        self._killer = killer

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._provider, name)

        def passing(*args: Any, **kwargs: Any) -> Any:
            self._killer.pass_by(f"call:before:{name}")
            answer = call(*args, **kwargs)
            self._killer.pass_by(f"call:after:{name}")
            return answer

        return passing


class KillingDatabase(SqlDatabase):
    """Dies when all of a transaction is written and nothing is committed yet."""

    killer: Killer
    count = 0

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Session]:
        with super().transaction(scope) as session:
            yield session
            session.flush()
            self.count += 1
            self.killer.pass_by(f"commit:before:{self.count}")


def work(url: str, stripe: str, killer: Killer) -> None:
    clock, jobs = SystemClock(), KillingJobs(url)
    jobs.killer = killer
    database = KillingDatabase(url, LocalFeed(), threads=4)
    database.killer = killer
    provider: Any = KillingProvider(StripePayments(stripe_settings(stripe), clock=clock), killer)
    assemble(database, clock, jobs, provider, owner=NOBODY, other_owner=NOBODY)
    jobs.start()
    threading.Event().wait()


if __name__ == "__main__":
    url, stripe, folder, *points = sys.argv[1:]
    work(url, stripe, Killer(Path(folder), points))
