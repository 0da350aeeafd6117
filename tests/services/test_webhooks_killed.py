"""kill -9 of a worker at each point of a delivery: the next one sends it, same id, same bytes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import select

from core.clock import FixedClock
from core.events import EventType
from core.integration.outbound.entities import WebhookOutbox
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.drain_locks import SqlDrainLocks
from tests.services.webhooks_program import DISABLING, FANOUT, POINTS, STORED
from tests.services.webhooks_world import TEST, WebhooksWorld, webhooks_world
from tests.support import receivers
from tests.support.receivers import Behaviour, Receivers
from tests.support.waiting import wait_for

EVENTS = [EventType.CHANNEL_READY, EventType.CHANNEL_RUNNING, EventType.CHANNEL_LIVE]
BEFORE = {STORED: Behaviour(status=500), DISABLING: Behaviour(status=410)}


@pytest.fixture(scope="module")
def partners() -> Iterator[Receivers]:
    with receivers.running() as running:
        yield running


@pytest.fixture
def on_sqlite(tmp_path: Path, migrated_file: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.sqlite3')}"


def killed(url: str, point: str) -> int:
    command = [sys.executable, "-m", "tests.services.webhooks_program", url, point]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode


@contextmanager
def world_at(
    url: str, clock: FixedClock, partners: Receivers, point: str
) -> Iterator[WebhooksWorld]:
    """Three events of one number have happened; how the receiver behaves depends on the point."""
    partners.got.clear()
    partners.behaviours = {"there": BEFORE.get(point, Behaviour())}
    feed = LocalFeed()
    database = SqlDatabase(url, feed, threads=4)
    world = webhooks_world(database, clock, feed, partners)
    world.endpoint("there")
    world.happen(world.number(), *EVENTS)
    yield world
    database.close()


def sent_whole(world: WebhooksWorld) -> None:
    """Everything arrived, at least once and in order, each time with the same bytes."""
    bodies: dict[str, set[bytes]] = {}
    for got in world.receivers.got["there"]:
        bodies.setdefault(got.headers["webhook-id"], set()).add(got.body)
    assert all(len(sent) == 1 for sent in bodies.values())
    assert [row.event_key for row in world.rows()] == list(bodies)
    assert [row.event for row in world.rows()] == [type_.value for type_ in EVENTS]


@pytest.mark.parametrize("point", [point for point in POINTS if point != DISABLING])
def test_after_a_kill_everything_is_sent_with_the_same_id_and_bytes(
    on_sqlite: str, clock: FixedClock, partners: Receivers, point: str
) -> None:
    with world_at(on_sqlite, clock, partners, point) as world:
        assert killed(on_sqlite, point) == -signal.SIGKILL
        with world.database.reading(TEST) as session:
            waiting = session.exec(select(WebhookOutbox)).all()
        assert (len(waiting) > 0) == (point == FANOUT)
        assert all(row.state == "waiting" for row in world.rows())
        partners.behaviours.clear()
        with world.draining(locks=SqlDrainLocks(on_sqlite)):
            wait_for(lambda: [row.state for row in world.rows()] == ["delivered"] * 3)
        sent_whole(world)
        assert [attempt.number for attempt in world.attempts()] == [1, 1, 1]


def test_a_dead_workers_locks_are_free_and_an_endpoint_is_switched_off_once(
    migrated_url: str, clock: FixedClock, partners: Receivers
) -> None:
    with world_at(migrated_url, clock, partners, DISABLING) as world:
        assert killed(migrated_url, DISABLING) == -signal.SIGKILL
        (endpoint,) = world.webhooks.endpoints(world.owner)
        assert endpoint.off_at is None
        with world.draining(locks=SqlDrainLocks(migrated_url)):
            wait_for(lambda: world.row_of(endpoint.id).off_at)
        assert [row.state for row in world.rows()] == ["gave_up", "skipped", "skipped"]
        assert len(world.told(EventType.WEBHOOK_OFF)) == 1
        world.jobs.drain()
        assert len(world.mailer.mails) == 1
