"""The hold of a copy, the heartbeats of workers, and what the figures say; on both databases."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.operations.service import Operations
from core.operations.waiting_work import WaitingWork
from core.operations.way_out import Whom
from storage.backlog import SqlBacklog
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.support.waiting import wait_for
from ui.api import health
from ui.live import LiveTopics


@pytest.fixture
def operations(database: SqlDatabase) -> Operations:
    return Operations(database, SqlBacklog(database))


def test_a_held_copy_calls_nobody_until_it_is_released(operations: Operations) -> None:
    operations.holding.hold("restored from a test")
    with pytest.raises(Unavailable) as refusal, operations.way_out.calling(Whom.MAIL):
        raise AssertionError("the call was made")
    assert refusal.value.code == "held"
    released = operations.holding.release()
    assert released is not None
    assert released.reason == "restored from a test"
    with operations.way_out.calling(Whom.MAIL) as call:
        call.ended(well=True)
    text = operations.meters.text().decode()
    assert 'hub_outgoing_calls_total{result="held",to="mail"} 1.0' in text
    assert 'hub_outgoing_calls_total{result="ok",to="mail"} 1.0' in text


async def test_the_event_loop_asks_in_a_thread(operations: Operations) -> None:
    """`refuse_event_loop` would raise if it asked the database itself."""
    async with operations.way_out.calling_soon(Whom.WEBHOOK) as call:
        call.ended(well=False)
    text = await asyncio.to_thread(operations.meters.text)
    assert 'result="refused",to="webhook"} 1.0' in text.decode()


def test_work_begins_when_the_copy_is_released(operations: Operations) -> None:
    operations.holding.hold("restored")
    begun: list[str] = []

    class Drain:
        def start(self) -> None:
            begun.append("drain")

        def stop(self) -> None:
            begun.append("stopped")

    work = WaitingWork(operations.holding, lambda: begun.append("jobs"), [Drain()], look_every=0.01)
    work.start()
    assert begun == []
    operations.holding.release()
    wait_for(lambda: begun == ["jobs", "drain"], seconds=5)
    work.stop()
    assert begun == ["jobs", "drain", "stopped"]


def test_workers_are_counted_while_they_beat(operations: Operations) -> None:
    assert operations.readiness().workers == 0
    operations.beat()
    operations.beat()
    told = operations.readiness()
    assert (told.workers, told.is_migrated, told.held) == (1, True, None)
    assert told.last_beat is not None
    assert told.last_beat <= datetime.now(UTC)
    operations.leave()
    assert operations.readiness().workers == 0


def test_operators_read_of_figures_that_are_there(operations: Operations) -> None:
    operations.meters.watch(health.figures_of_pages(LiveTopics(LocalFeed())))
    page = (Path(__file__).parents[2] / "docs" / "operators" / "metrics.md").read_text("utf-8")
    told = {re.sub("_bucket$", "", name) for name in re.findall(r"hub_[a-z_]+[a-z]", page)}
    text = operations.meters.text().decode()
    there = set(re.findall(r"^# TYPE (hub_[a-z_]+)", text, re.MULTILINE))
    assert told == {name for name in there if not name.endswith("_created")}


def test_the_figures_name_what_waits_and_no_partner(
    operations: Operations, database: SqlDatabase
) -> None:
    text = operations.meters.text().decode()
    for line in (
        "hub_database_up 1.0",
        "hub_held 0.0",
        'hub_jobs{state="waiting"} 0.0',
        'hub_waiting{what="deliveries"} 0.0',
        'hub_waiting_oldest_seconds{what="inbound_meta"} 0.0',
        'hub_database_connections{pool="write",state="used"}',
        "hub_build_info{",
    ):
        assert line in text, line
    assert "partner_id" not in text
