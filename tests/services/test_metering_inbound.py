"""Metering behind the inbound queue: Meta's repeats, crashes and accounts that come later."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from core.accounts.entities import Channel
from core.clock import FixedClock
from core.integration.entities import InboundWebhook
from core.integration.inbound import Inbound
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.metering_world import ALL, PHONE, World, build
from tests.services.test_inbound import JobList, NoReadings, store
from tests.support.statuses import messages, status


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def inbound_of(world: World) -> Inbound:
    jobs: Any = JobList()
    readings: Any = NoReadings()
    return Inbound(world.database, world.clock, jobs, readings, metering=world.metering)


@pytest.fixture
def inbound(world: World) -> Inbound:
    return inbound_of(world)


def raw(*bodies: dict[str, Any]) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]


def open_bodies(database: SqlDatabase) -> int:
    with database.reading(ALL) as session:
        found = select(InboundWebhook).where(col(InboundWebhook.processed_at).is_(None))
        return len(session.exec(found).all())


def test_stored_statuses_are_charged_and_their_bodies_closed(
    world: World, inbound: Inbound, clock: FixedClock, feed: LocalFeed
) -> None:
    bodies = raw(
        messages(PHONE, [status("w1", "sent"), status("w1")]),
        messages(PHONE, [status("w1", "read", pricing=None), status("w2")]),
    )
    store(world.database, clock, feed, *bodies, *bodies)
    while inbound.work_off():
        pass
    assert sorted(line.wamid for line in world.lines()) == ["w1", "w2"]
    assert open_bodies(world.database) == 0
    world.agree()


def test_a_body_of_an_unknown_number_waits_and_is_charged_when_the_number_has_come(
    world: World, inbound: Inbound, clock: FixedClock, feed: LocalFeed
) -> None:
    bodies = raw(messages("399", [status("w1")]), messages(PHONE, [status("w2")]))
    store(world.database, clock, feed, *bodies)
    while inbound.work_off():
        pass
    assert [line.wamid for line in world.lines()] == ["w2"]
    assert open_bodies(world.database) == 1
    with world.database.transaction(ALL) as session:
        session.get_one(Channel, world.channel_id).external_id = "399"
    clock.advance(timedelta(minutes=1))
    inbound.work_off()
    assert [line.wamid for line in world.lines()] == ["w2", "w1"]
    assert open_bodies(world.database) == 0


def test_many_large_bodies_are_taken_in_small_transactions(
    world: World, inbound: Inbound, clock: FixedClock, feed: LocalFeed
) -> None:
    bodies = raw(*(messages(PHONE, [status(f"{b}-{n}") for n in range(800)]) for b in range(4)))
    store(world.database, clock, feed, *bodies)
    assert inbound.work_off() == 4
    store(
        world.database,
        clock,
        feed,
        *raw(*(messages(PHONE, [status(f"x{n}", "sent")]) for n in range(30))),
    )
    assert 0 < inbound.work_off() < 30  # fewer than there are: large ones came before
    assert len(world.lines()) == 3_200
    world.agree()
