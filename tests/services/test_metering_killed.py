"""kill -9 of a worker at each point of metering a batch: the next one charges each message once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from core.clock import FixedClock
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.metering_program import COMMITTED, NOW, POINTS
from tests.services.metering_world import PHONE, SISTER, build
from tests.services.test_inbound import store
from tests.services.test_metering_inbound import inbound_of, open_bodies
from tests.support.statuses import messages, status

MESSAGES = 700  # more than one statement takes


def run(url: str, point: str) -> int:
    command = [sys.executable, "-m", "tests.services.metering_program", url, point]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", POINTS)
def test_after_a_kill_each_message_is_charged_once(
    database: SqlDatabase, migrated_url: str, feed: LocalFeed, point: str
) -> None:
    clock = FixedClock(NOW)
    world = build(database, clock)
    told = [
        messages(phone, [status(f"{phone}.{n}") for n in range(MESSAGES)])
        for phone in (PHONE, SISTER)
    ]
    store(database, clock, feed, *(json.dumps(body).encode() for body in told))

    assert run(migrated_url, point) == -signal.SIGKILL
    # Large bodies are taken one by one or together: what is told as done is done, to the whole.
    done = 2 - open_bodies(database)
    assert (done > 0) == (point == COMMITTED)
    assert len(world.lines()) == done * MESSAGES
    assert bool(world.entries()) == bool(done)
    world.agree()

    store(database, clock, feed, *(json.dumps(body | {"again": 1}).encode() for body in told))
    inbound = inbound_of(world)
    while inbound.work_off():
        pass
    assert len(world.lines()) == 2 * MESSAGES
    assert open_bodies(database) == 0
    entries = [entry.micros for entry in world.entries()]
    assert world.credit().micros == -sum(entries)
    world.agree()
