"""A worker process for the tests: it kills itself at the points it is told, each of them once.

`python -m tests.services.onboarding_program URL GRAPH FOLDER POINT...` works until it is killed;
`... finish RUN SECRET` ends a run and dies before the commit. A point is `call:before:NAME`,
`call:after:NAME` (of the Meta port), `step:before:NAME` or `step:after:NAME` (of the workflow).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import Session

from core.access import Gate
from core.clock import SystemClock
from core.gateways.meta import GraphMeta
from core.onboarding.service import Onboarding
from core.onboarding.views import RunKey
from core.ports import Scope, Steps, Workflow
from core.settings import Settings
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from tests.sandbox.meta_rig import RigSettings
from tests.support.accounts import PlainVault
from tests.support.billing import billing_on_twins
from tests.support.twins import FakeMailer

RIG = RigSettings()
ORIGIN = "https://www.facebook.com"


class Killer:
    """Ends this process the hard way at its points; a file remembers which are behind it."""

    def __init__(self, folder: Path, points: list[str]) -> None:
        self._folder = folder
        self._points = points

    def pass_by(self, point: str) -> None:
        flag = self._folder / point.replace(":", "-")
        if point in self._points and not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class KillingMeta:
    """The port with a killer before and behind each call."""

    def __init__(self, meta: GraphMeta, killer: Killer) -> None:
        self._meta = meta
        self._killer = killer

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._meta, name)

        def passing(*args: Any) -> Any:
            self._killer.pass_by(f"call:before:{name}")
            answer = call(*args)
            self._killer.pass_by(f"call:after:{name}")
            return answer

        return passing


class KillingSteps:
    """The steps of a workflow with a killer before and behind each."""

    def __init__(self, steps: Steps, killer: Killer) -> None:
        self._steps = steps
        self._killer = killer
        self.sleep = steps.sleep

    def run(self, name: str, step: Callable[..., Any], *args: Any) -> Any:
        self._killer.pass_by(f"step:before:{name}")
        result = self._steps.run(name, step, *args)
        self._killer.pass_by(f"step:after:{name}")
        return result


class KillingJobs(DbosJobs):
    """Durable work whose steps are watched by a killer."""

    killer: Killer

    def register(self, name: str, workflow: Workflow, *, concurrency: int | None = None) -> None:
        def watched(steps: Steps, *args: Any) -> Any:
            return workflow(KillingSteps(steps, self.killer), *args)

        super().register(name, watched, concurrency=concurrency)


class DyingDatabase(SqlDatabase):
    """Dies when everything is written and nothing is committed yet."""

    @contextmanager
    def transaction(self, scope: Scope, *, waits_for_disk: bool = True) -> Iterator[Session]:
        with super().transaction(scope, waits_for_disk=waits_for_disk) as session:
            yield session
            session.flush()
            os.kill(os.getpid(), signal.SIGKILL)


def settings(graph: str) -> Settings:
    return Settings(
        _env_file=None,
        base_url="https://hub.test",
        meta_graph_base=graph,
        meta_app_id=RIG.app_id,
        meta_app_secret=SecretStr(RIG.app_secret),
        meta_system_user_token=SecretStr(RIG.system_user_token),
        meta_business_id=RIG.business_id,
        meta_message_origins=[ORIGIN],
        session_lifetime=timedelta(days=1),
    )


def onboarding(database: SqlDatabase, jobs: DbosJobs, graph: str, meta: Any = None) -> Onboarding:
    clock, chosen = SystemClock(), settings(graph)
    money = billing_on_twins(
        database=database, clock=clock, jobs=jobs, mailer=FakeMailer(), settings=chosen
    )
    return Onboarding(
        database=database,
        gate=Gate(database, clock),
        clock=clock,
        vault=PlainVault(),
        jobs=jobs,
        mailer=FakeMailer(),
        meta=meta or GraphMeta(chosen),
        settings=chosen,
        billing=money.billing,
    )


def work(url: str, graph: str, killer: Killer) -> None:
    jobs = KillingJobs(url)
    jobs.killer = killer
    meta = KillingMeta(GraphMeta(settings(graph)), killer)
    onboarding(SqlDatabase(url, LocalFeed(), threads=4), jobs, graph, meta)
    jobs.start()
    threading.Event().wait()


def finish(url: str, graph: str, key: RunKey) -> None:
    service = onboarding(DyingDatabase(url, LocalFeed(), threads=1), DbosJobs(url), graph)
    service.finish(key)


if __name__ == "__main__":
    url, graph, folder, *rest = sys.argv[1:]
    if rest[:1] == ["finish"]:
        finish(url, graph, RunKey(rest[1], rest[2]))
    else:
        work(url, graph, Killer(Path(folder), rest))
