"""Both kinds of jobs keep one contract: what a committed transaction enqueued is done, once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.errors import Forbidden, MetaError, Unavailable
from core.ports import Everything, Jobs, Steps
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs import DbosJobs
from storage.jobs_inline import InlineJobs
from tests.storage.conftest import World
from tests.support.waiting import wait_for

ALL = Everything("test")


@pytest.fixture(params=["inline", "dbos"])
def jobs(request: pytest.FixtureRequest, migrated_url: str) -> Iterator[Jobs]:
    if request.param == "inline":
        if "postgresql" in request.node.callspec.id:
            pytest.skip("the twin has no database")
        jobs: Jobs = InlineJobs()
    else:
        jobs = DbosJobs(migrated_url, pauses=(0.01, 0.01))
    yield jobs
    jobs.stop()


class Diary:
    """What workflows and steps did."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def note(self, line: Any) -> Any:
        self.lines.append(line)
        return line


@pytest.fixture
def diary() -> Diary:
    return Diary()


def test_committed_jobs_run_once_per_key_and_rolled_back_ones_never(
    jobs: Jobs, database: SqlDatabase, world: World, diary: Diary
) -> None:
    jobs.register("note", lambda steps, line: steps.run("note", diary.note, line))
    with pytest.raises(ZeroDivisionError):
        _enqueue_and_fail(jobs, database)
    for scope in (world.mine, ALL):
        with database.transaction(scope) as session:
            jobs.enqueue(session, "note", "same", key="same")
            jobs.enqueue(session, "note", "same", key="same")
            jobs.enqueue(session, "note", scope == ALL, key=f"own {scope == ALL}")
    jobs.start()
    with database.transaction(ALL) as session:
        jobs.enqueue(session, "note", "same", key="same")
        jobs.enqueue(session, "note", {"list": [1, None, "ü"]}, key="last")
    wait_for(lambda: len(diary.lines) == 4)
    expected = ["same", False, True, {"list": [1, None, "ü"]}]
    assert all(diary.lines.count(line) == 1 for line in expected)


def _enqueue_and_fail(jobs: Jobs, database: SqlDatabase) -> None:
    with database.transaction(ALL) as session:
        jobs.enqueue(session, "note", "never", key="rolled back")
        raise ZeroDivisionError


def test_refusals_of_a_step_come_back_as_what_they_were(
    jobs: Jobs, database: SqlDatabase, diary: Diary
) -> None:
    def refuse(kind: str) -> None:
        if kind == "meta":
            raise MetaError("no", meta_code=100, subcode=33, trace_id="abc", details="gone")
        raise Forbidden("no", code="not_owner", person="anna")

    def workflow(steps: Steps) -> None:
        for kind in ("meta", "hub"):
            try:
                steps.run(kind, refuse, kind)
            except MetaError as error:
                diary.note((error.meta_code, error.subcode, error.details, str(error)))
            except Forbidden as error:
                diary.note((error.code, error.about))

    jobs.register("refused", workflow)
    _run(jobs, database, "refused", until=lambda: len(diary.lines) == 2)
    assert diary.lines == [(100, 33, "gone", "no"), ("not_owner", {"person": "anna"})]


def test_a_step_is_tried_again_while_something_is_unavailable(
    jobs: Jobs, database: SqlDatabase, diary: Diary
) -> None:
    def third_time(until: int) -> str:
        diary.note("try")
        if diary.lines.count("try") < until:
            raise Unavailable("not now")
        return "there"

    def workflow(steps: Steps) -> None:
        diary.note(steps.run("back soon", third_time, 3))
        try:
            steps.run("away", third_time, 99)
        except Unavailable:
            diary.note("gave up")

    jobs.register("patient", workflow)
    _run(jobs, database, "patient", until=lambda: "gave up" in diary.lines)
    assert diary.lines == ["try"] * 3 + ["there"] + ["try"] * 3 + ["gave up"]


def test_a_failing_workflow_leaves_the_others_alone(
    jobs: Jobs, database: SqlDatabase, diary: Diary
) -> None:
    def fail(_steps: Steps) -> None:
        raise ZeroDivisionError

    jobs.register("fail", fail)
    jobs.register("note", lambda steps, line: steps.run("note", diary.note, line))
    with database.transaction(ALL) as session:
        jobs.enqueue(session, "fail", key="fails")
        jobs.enqueue(session, "note", "still done", key="works")
    jobs.start()
    wait_for(lambda: diary.lines == ["still done"])


def test_delayed_jobs_sleeps_and_schedules_come_to_their_turn(
    jobs: Jobs, database: SqlDatabase, diary: Diary
) -> None:
    def workflow(steps: Steps) -> None:
        _durable_wait(steps, 0.01)
        steps.run("note", diary.note, "woke")

    jobs.register("later", workflow)
    jobs.schedule("tick", timedelta(seconds=0.05), lambda: diary.note("tick"))
    with database.transaction(ALL) as session:
        jobs.enqueue(session, "later", key="later", delay=0.1)
    jobs.start()
    wait_for(lambda: {"woke", "tick"} <= set(diary.lines))


def test_a_step_takes_and_gives_json_only(jobs: Jobs, database: SqlDatabase, diary: Diary) -> None:
    def workflow(steps: Steps) -> None:
        diary.note(steps.run("pair", lambda pair: (pair, "x"), (1, 2)))
        try:
            steps.run("set", lambda: {1, 2})
        except TypeError:
            diary.note("refused")

    jobs.register("json", workflow)
    _run(jobs, database, "json", until=lambda: len(diary.lines) == 2)
    assert diary.lines == [[[1, 2], "x"], "refused"]


def test_a_queue_of_its_own_runs_no_more_at_once_than_it_may(
    database: SqlDatabase, migrated_url: str, diary: Diary
) -> None:
    running: list[int] = []

    def workflow(steps: Steps, number: int) -> None:
        running.append(number)
        diary.note(len(running))
        _durable_wait(steps, 0.05)
        running.remove(number)

    jobs = DbosJobs(migrated_url)
    jobs.register("narrow", workflow, concurrency=1)
    with database.transaction(ALL) as session:
        for number in range(3):
            jobs.enqueue(session, "narrow", number, key=f"narrow {number}")
    jobs.start()
    wait_for(lambda: len(diary.lines) == 3 and not running)
    jobs.stop()
    assert diary.lines == [1, 1, 1]


def test_a_process_without_a_worker_enqueues_for_another(
    migrated_url: str, database: SqlDatabase, diary: Diary
) -> None:
    web, worker = DbosJobs(migrated_url), DbosJobs(migrated_url)
    for jobs in (web, worker):
        jobs.register("note", lambda steps, line: steps.run("note", diary.note, line))
    other = SqlDatabase(migrated_url, LocalFeed(), threads=1)
    with other.transaction(ALL) as session:
        web.enqueue(session, "note", "from the web", key="web")
    web.stop()
    worker.start()
    wait_for(lambda: diary.lines == ["from the web"])
    worker.stop()
    other.close()


def _run(jobs: Jobs, database: SqlDatabase, name: str, *, until: Callable[[], bool]) -> None:
    with database.transaction(ALL) as session:
        jobs.enqueue(session, name, key=name)
    jobs.start()
    wait_for(until)


def _durable_wait(steps: Steps, seconds: float) -> None:
    wait = steps.sleep  # of the workflow, not of the test
    wait(seconds)
