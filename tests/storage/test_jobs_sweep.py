"""Work that nobody runs is found and run; what ended long ago is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.ports import Everything, Steps
from storage.database import SqlDatabase
from storage.engines import is_sqlite
from storage.jobs import DbosJobs
from storage.tenancy import vetted
from tests.support.waiting import wait_for

ALL = Everything("test")


@pytest.mark.parametrize("left_by", ["slot-1", "slot-7"])
def test_work_that_a_lost_thread_or_a_dead_slot_left_is_taken_over(
    left_by: str, database: SqlDatabase, migrated_url: str
) -> None:
    done: list[str] = []
    jobs = _jobs(migrated_url, done)
    jobs.start()
    with database.transaction(ALL) as session:
        jobs.enqueue(session, "note", "found", key="lost", delay=3600)
    _claim(database, left_by)
    wait_for(lambda: done == ["found"])
    jobs.stop()


def test_an_old_key_is_forgotten_and_may_come_again(
    database: SqlDatabase, migrated_url: str
) -> None:
    done: list[str] = []
    jobs = _jobs(migrated_url, done)
    jobs.start()
    for _ in range(2):
        with database.transaction(ALL) as session:
            jobs.enqueue(session, "note", "again", key="same")
        wait_for(lambda: "again" in done)
        wait_for(lambda: _status(database) == "SUCCESS")
    assert done == ["again"]
    jobs.forget()
    assert _status(database) == "SUCCESS"  # young
    jobs.forget(timedelta(hours=-1))
    assert _status(database) is None
    with database.transaction(ALL) as session:
        jobs.enqueue(session, "note", "again", key="same")
    wait_for(lambda: done == ["again", "again"])
    jobs.stop()


def _jobs(url: str, done: list[str]) -> DbosJobs:
    jobs = DbosJobs(url)

    def note(steps: Steps, line: str) -> None:
        steps.run("note", done.append, line)

    jobs.register("note", note)
    return jobs


def _claim(database: SqlDatabase, executor: str) -> None:
    """As if `executor` had begun the one workflow long ago and vanished."""
    claim = (
        f"UPDATE {_table(database)} SET status = 'PENDING', executor_id = :executor,"  # noqa: S608
        " started_at_epoch_ms = 1, delay_until_epoch_ms = NULL"
    )
    with database.transaction(ALL) as session:
        session.execute(vetted(text(claim)), {"executor": executor})


def _status(database: SqlDatabase) -> str | None:
    question = f"SELECT status FROM {_table(database)} WHERE workflow_uuid = 'same'"  # noqa: S608
    with database.reading(ALL) as session:
        status: str | None = session.execute(vetted(text(question))).scalar()
    return status


def _table(database: SqlDatabase) -> str:
    return "workflow_status" if is_sqlite(database.writer) else "dbos.workflow_status"
