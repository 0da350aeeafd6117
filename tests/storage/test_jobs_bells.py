"""A queue is asked when something came to wait or ended, and otherwise now and then."""

import time
from collections.abc import Iterator

import pytest

from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from storage.jobs.bells import LONGEST, Bell, Signs, signs_for
from storage.jobs.durable import QUEUE
from tests.storage.conftest import World
from tests.support.waiting import wait_for


@pytest.fixture
def signs(migrated_url: str) -> Iterator[Signs]:
    signs = signs_for(migrated_url)
    signs.start()
    if "postgresql" in migrated_url:
        wait_for(lambda: signs.count(QUEUE) == 1)  # it listens
    yield signs
    signs.close()


@pytest.fixture
def jobs(migrated_url: str) -> Iterator[DbosJobs]:
    """Enqueues only."""
    jobs = DbosJobs(migrated_url)
    jobs.register("note", lambda _steps: None)
    yield jobs
    jobs.stop()


def test_a_job_of_another_process_rings_the_bell_of_its_queue_alone(
    signs: Signs, jobs: DbosJobs, database: SqlDatabase, world: World
) -> None:
    bell, other = Bell(signs, QUEUE, lambda: 0), Bell(signs, "other", lambda: 0, longest=1.0)
    assert not bell.wait(0.001)
    assert not other.wait(0.001)
    _enqueue(jobs, database, world)
    assert _seconds(bell) < LONGEST / 2
    assert _seconds(other) >= 0.9


def test_what_is_rolled_back_rings_nothing(
    signs: Signs, jobs: DbosJobs, database: SqlDatabase, world: World
) -> None:
    before = signs.count(QUEUE)
    with pytest.raises(ZeroDivisionError):
        _enqueue(jobs, database, world, fail=True)
    assert signs.count(QUEUE) == before


def test_without_a_sign_a_queue_is_asked_now_and_then(signs: Signs) -> None:
    bell = Bell(signs, QUEUE, lambda: 0, longest=0.5)
    bell.wait(0.001)
    assert _seconds(bell) >= 0.5


def test_a_workflow_that_ended_rings_the_bell(signs: Signs) -> None:
    running = ["one"]
    bell = Bell(signs, QUEUE, lambda: len(running))
    bell.wait(0.001)
    running.clear()
    assert _seconds(bell) < LONGEST / 2


def test_a_set_bell_ends_its_loop(signs: Signs) -> None:
    bell = Bell(signs, QUEUE, lambda: 0)
    bell.set()
    assert bell.wait(10)


def _seconds(bell: Bell) -> float:
    began = time.monotonic()
    assert not bell.wait(0.01)
    return time.monotonic() - began


def _enqueue(jobs: DbosJobs, database: SqlDatabase, world: World, *, fail: bool = False) -> None:
    with database.transaction(world.mine) as session:
        jobs.enqueue(session, "note", key="a note")
        assert 1 / (not fail)
