"""kill -9 at each point of an onboarding: it goes on and ends, and nothing happened twice."""

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlmodel import col, select

from core.accounts.entities import Channel, Client, WabaAccount
from core.clock import SystemClock
from core.events import Event
from core.gateways.meta import GraphMeta
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.service import Onboarding, new_browser_secret
from core.onboarding.views import RunKey
from core.ports import Everything
from sandbox.meta.api import build_router
from sandbox.meta.world import MetaWorld
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from tests import factories
from tests.sandbox.meta_rig import SEED, SOLUTION, RigHub
from tests.services.onboarding_program import ORIGIN, RIG, onboarding, settings
from tests.services.onboarding_world import WAY_TO_LIVE
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

TEST = Everything("test")
# The corpus's crash points in the order a run meets them; each kills the worker once.
POINTS = [
    "step:before:begin",  # after start row
    "call:after:exchange_code",  # Meta exchanged code, answer lost
    "call:before:waba",  # token stored, account row not
    "call:before:subscribe",  # account row stored, webhook subscription not
    "call:after:subscribe",  # subscription done, outbox event not
    "call:after:register",
    "step:before:complete",  # all done, client not yet told
]


@dataclass(kw_only=True)
class Rig:
    """Meta on a port, a database, the hub's web side in this process, workers in others."""

    url: str
    graph: str
    folder: Path
    database: SqlDatabase
    service: Onboarding
    key: RunKey

    def start(self, *rest: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-m", "tests.services.onboarding_program"]
        return subprocess.Popen([*program, self.url, self.graph, str(self.folder), *rest])

    def sign_up_at_meta(self) -> tuple[str, str]:
        """Through the popup; the code and the message."""
        query = {
            "client_id": RIG.app_id,
            "config_id": RIG.config_id,
            "origin": "https://hub.test",
            "cb": "f1",
            "extras": json.dumps({"setup": {"solutionID": SOLUTION}}),
        }
        with httpx.Client(base_url=self.graph) as client:
            session = client.get("/v26.0/dialog/oauth", params=query).headers["location"]
            told = client.post(f"{session}/finish", json={"ending": "finish"}).json()
            client.post(f"{session}/done")
        return told["code"], told["message"]

    def asked(self) -> Counter[str]:
        """Meta's own journal: how often each kind of call came in."""
        calls = httpx.get(f"{self.graph}/control/meta/calls").json()["calls"]
        return Counter(f"{call['method']} {call['path'].lstrip('/0123456789')}" for call in calls)

    def rows(self, kind: type[Any]) -> list[Any]:
        with self.database.reading(TEST) as session:
            return list(session.exec(select(kind)).all())

    def events(self) -> list[str]:
        with self.database.reading(TEST) as session:
            return list(session.exec(select(Event.type).order_by(col(Event.id))).all())


@pytest.fixture
def graph() -> Iterator[str]:
    """The sandbox's Meta as a real server."""
    world = MetaWorld(RIG, SystemClock(), httpx.MockTransport(RigHub()))
    world.load(SEED)
    app = FastAPI()
    app.include_router(build_router(world))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def rig(migrated_url: str, graph: str, tmp_path: Path) -> Iterator[Rig]:
    database, jobs = SqlDatabase(migrated_url, LocalFeed(), threads=2), DbosJobs(migrated_url)
    meta = GraphMeta(settings(graph))
    service = onboarding(database, jobs, graph, meta)
    secret = new_browser_secret()
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session, solution_id=SOLUTION)
    view = service.open_link(partner.id, "state=s", secret)
    _known_client(database, view.run_id)
    yield Rig(
        url=migrated_url,
        graph=graph,
        folder=tmp_path,
        database=database,
        service=service,
        key=RunKey(view.run_id, secret),
    )
    meta.close()
    jobs.stop()
    database.close()


def _known_client(database: SqlDatabase, run_id: str) -> None:
    """As after the confirmed code; mails are not what this is about."""
    with database.transaction(TEST) as session:
        run = session.get(OnboardingRun, run_id)
        assert run is not None
        partner_id = run.partner_id
        client = Client(
            partner_id=partner_id,
            name="Sonne",
            email="anna@client.example",
            created_at=run.created_at,
            modified_at=run.created_at,
        )
        session.add(client)
        session.flush()
        run.client_id, run.step, run.email = client.id, RunStep.META.value, client.email


def _go_through(rig: Rig, points: list[str]) -> int:
    """Work with a new worker after each kill, until the run waits for the client; the kills."""
    code, message = _begin(rig)
    rig.service.meta_message(rig.key, message, ORIGIN)
    rig.service.meta_code(rig.key, code)
    kills = 0
    while True:
        ended = _one_worker(rig, points)
        if ended is None:
            return kills
        assert ended == -signal.SIGKILL
        kills += 1


def _one_worker(rig: Rig, points: list[str]) -> int | None:
    """A worker until it dies (how) or the run is over (None)."""
    worker = rig.start(*points)
    try:
        wait_for(lambda: worker.poll() is not None or _is_over(rig), seconds=60, every=0.05)
        return worker.poll()
    finally:
        worker.kill()
        worker.wait()


def _begin(rig: Rig) -> tuple[str, str]:
    rig.service.begin_signup(rig.key)
    return rig.sign_up_at_meta()


def _is_over(rig: Rig) -> bool:
    return rig.service.progress(rig.key).status is not RunStatus.WORKING


def _require_nothing_doubled(rig: Rig) -> None:
    view = rig.service.progress(rig.key)
    assert (view.step, view.trouble) == (RunStep.PERMISSION, None)
    for kind in (Client, WabaAccount, Channel):
        assert len(rig.rows(kind)) == 1
    assert [kind for kind in rig.events() if kind in WAY_TO_LIVE] == WAY_TO_LIVE
    asked = rig.asked()
    assert asked["GET oauth/access_token"] <= 1
    assert asked["POST register"] == asked["POST subscribed_apps"] == 1


@pytest.mark.timeout(300)
def test_killed_at_every_point_in_turn_it_goes_on_and_ends(rig: Rig) -> None:
    assert _go_through(rig, POINTS) == len(POINTS)
    _require_nothing_doubled(rig)
    assert rig.asked()["GET oauth/access_token"] == 1
    before = rig.service.progress(rig.key)
    dying = rig.start("finish", rig.key.run_id, rig.key.secret)
    assert dying.wait(timeout=60) == -signal.SIGKILL  # before redirect to partner
    assert rig.service.progress(rig.key) == before
    first = rig.service.finish(rig.key)
    assert first is not None
    assert first.endswith("&state=s")
    assert rig.service.finish(rig.key) == first
    assert rig.events().count("onboarding_finished") == 1


@pytest.mark.timeout(120)
def test_killed_before_the_code_left_it_ends_without_the_code(rig: Rig) -> None:
    assert _go_through(rig, ["call:before:exchange_code"]) == 1
    _require_nothing_doubled(rig)
