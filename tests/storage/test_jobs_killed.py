"""kill -9 in the middle of a step: work goes on, finished steps stay finished, nothing is lost."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.ports import Everything
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs.slots import slots_for
from tests.storage.jobs_program import build
from tests.support.waiting import wait_for

Start = Callable[..., subprocess.Popen[bytes]]


pytestmark = pytest.mark.slow


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def start(migrated_url: str, log: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def start(slots: int = 1) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.storage.jobs_program", migrated_url, str(log)]
        running.append(subprocess.Popen([*command, str(slots)]))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_after_a_kill_and_a_restart_the_workflow_goes_on_with_the_step_it_was_in(
    migrated_url: str, log: Path, start: Start
) -> None:
    first = start()
    _enqueue(migrated_url, "two_steps", "a")
    wait_for(lambda: "hang a" in _lines(log), seconds=60)
    _kill(first)
    start()
    wait_for(lambda: "third a" in _lines(log), seconds=60)
    done = [line for line in _lines(log) if line not in {"tick", "started"}]
    assert done == ["first a", "hang a", "second a", "third a"]


def test_another_worker_takes_over_what_a_killed_one_left(
    migrated_url: str, log: Path, start: Start
) -> None:
    first = start(2)
    _enqueue(migrated_url, "two_steps", "a")
    wait_for(lambda: "hang a" in _lines(log), seconds=60)
    start(2)
    wait_for(lambda: _lines(log).count("started") == 2, seconds=60)
    _kill(first)
    wait_for(lambda: "third a" in _lines(log), seconds=60)
    assert _lines(log).count("first a") == 1
    # The schedule was the dead process's; the living one goes on with it.
    ticks = _lines(log).count("tick")
    wait_for(lambda: _lines(log).count("tick") > ticks)


def test_a_stopped_process_leaves_long_sleeps_to_the_next(
    migrated_url: str, log: Path, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    monkeypatch.setattr(sys, "argv", ["jobs_program", migrated_url, str(log)])
    jobs = build(migrated_url, 1)
    _enqueue(migrated_url, "napping", "b")
    jobs.start()
    wait_for(lambda: "before b" in _lines(log))
    jobs.stop()  # does not wait for the minute that the workflow sleeps
    start()
    _enqueue(migrated_url, "two_steps", "c")
    wait_for(lambda: "hang c" in _lines(log), seconds=60)
    assert _lines(log).count("before b") == 1
    assert "after b" not in _lines(log)


def test_a_slot_belongs_to_one_process_until_it_ends(migrated_url: str) -> None:
    mine, other = slots_for(migrated_url), slots_for(migrated_url)
    assert mine.take(1)
    assert mine.take(1)
    assert not other.take(1)
    assert other.take(2)
    mine.give_back(1)
    assert other.take(1)
    other.close()  # PostgreSQL notices a moment later
    wait_for(lambda: mine.take(1) and mine.take(2))
    mine.close()


def _enqueue(url: str, name: str, key: str) -> None:
    database = SqlDatabase(url, LocalFeed(), threads=1)
    jobs = build(url, 1)
    with database.transaction(Everything("test")) as session:
        jobs.enqueue(session, name, key, key=key)
    jobs.stop()
    database.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def _lines(log: Path) -> list[str]:
    """What was noted, without the processes' ids."""
    if not log.exists():
        return []
    return [line.rpartition(" ")[0] for line in log.read_text().splitlines()]
