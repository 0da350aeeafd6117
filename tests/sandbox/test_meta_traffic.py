"""Traffic as Meta tells of it: signed, in batches, in any order, with the prices of the day."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.meta.envelopes import signature
from tests.sandbox.meta_rig import PHONE, SOLUTION, Rig
from tests.support.waiting import wait_for

Json = dict[str, Any]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    yield rig
    await rig.client.aclose()
    await rig.world.close()


def statuses(rig: Rig) -> list[Json]:
    return [status for _, _, value in rig.hub.changes for status in value["statuses"]]


def by_message(rig: Rig) -> dict[str, dict[str, Json]]:
    """State to status of each message, repeats taken out."""
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for status in statuses(rig):
        known = found[status["id"]].setdefault(status["status"], status)
        assert known == status, "what is told twice is told the same"
    return found


async def test_every_body_is_signed_about_one_number_and_no_larger_than_metas(rig: Rig) -> None:
    answer = await rig.control("traffic", messages=1_500, numbers=[PHONE])
    assert answer["messages"] == len(by_message(rig)) == 1_500
    assert answer["statuses"] == len(statuses(rig))
    assert answer["bodies"] == len(rig.hub.requests)
    assert answer["refused"] == 0
    for request in rig.hub.requests:
        told = request.headers["X-Hub-Signature-256"]
        assert told == signature(rig.settings.app_secret, request.content)
    for waba, field, value in rig.hub.changes:
        assert (waba, field) == ("31", "messages")
        assert value["metadata"]["phone_number_id"] == PHONE
        assert 0 < len(value["statuses"]) <= 1_000


async def test_some_statuses_come_twice_and_not_in_their_order(rig: Rig) -> None:
    await rig.control("traffic", messages=400)
    told = Counter((status["id"], status["status"]) for status in statuses(rig))
    assert any(count > 1 for count in told.values())
    arrived = [int(status["timestamp"]) for status in statuses(rig)]
    assert arrived != sorted(arrived)


async def test_the_price_is_told_on_sent_and_on_one_of_delivered_and_read(rig: Rig) -> None:
    await rig.control("traffic", messages=600)
    skipped = 0
    for states in by_message(rig).values():
        if "failed" in states:
            assert set(states) == {"failed"}
            continue
        priced = {state for state, status in states.items() if "pricing" in status}
        assert "sent" in priced
        assert len(priced) == 2
        skipped += "delivered" not in states
        times = [int(states[s]["timestamp"]) for s in ("sent", "delivered", "read") if s in states]
        assert times == sorted(times)
        assert times[-1] <= rig.clock.now().timestamp()
    assert skipped, "Meta skips `delivered` now and then"


@pytest.mark.parametrize(
    ("day", "model", "service"),
    [
        (datetime(2025, 6, 30, 12, tzinfo=UTC), "CBP", "free_customer_service"),
        (datetime(2026, 9, 30, 12, tzinfo=UTC), "PMP", "free_customer_service"),
        (datetime(2026, 10, 1, 12, tzinfo=UTC), "PMP", "regular"),
    ],
)
async def test_prices_are_those_of_the_day_on_the_clock(
    rig: Rig, day: datetime, model: str, service: str
) -> None:
    rig.clock.time = day
    await rig.control("traffic", messages=20, categories="service", failed=0)
    told = [status["pricing"] for status in statuses(rig) if "pricing" in status]
    assert {(each["pricing_model"], each["type"]) for each in told} == {(model, service)}
    has_conversation = ["conversation" in status for status in statuses(rig) if "pricing" in status]
    assert set(has_conversation) == {model == "CBP"}


async def test_mixes_are_kept_to(rig: Rig) -> None:
    await rig.control(
        "traffic",
        messages=300,
        categories={"marketing": 2, "utility": 1},
        markets="BR",
        types={"free_entry_point": 1},
        failed=0,
    )
    told = [status for status in statuses(rig) if "pricing" in status]
    assert {status["pricing"]["category"] for status in told} == {"marketing", "utility"}
    assert {status["pricing"]["type"] for status in told} == {"free_entry_point"}
    assert all(status["recipient_id"].startswith("55") for status in told)


async def test_the_same_seed_at_the_same_moment_is_the_same_traffic(rig: Rig) -> None:
    bodies = []
    for seed in (7, 7, 8):
        rig.hub.requests.clear()
        await rig.control("traffic", messages=50, seed=seed)
        bodies.append(rig.hub.bodies)
    rig.clock.move(seconds=1)
    rig.hub.requests.clear()
    await rig.control("traffic", messages=50, seed=7)
    ids = {status["id"] for status in statuses(rig)}
    assert bodies[0] == bodies[1] != bodies[2]
    assert ids.isdisjoint(s["id"] for body in bodies[0] for s in _of(body))


async def test_a_partners_traffic_is_that_of_its_connected_numbers(rig: Rig) -> None:
    rig.world.state.phones[PHONE]["status"] = "CONNECTED"
    await rig.control("traffic", messages=30, solution_id=SOLUTION)
    assert {value["metadata"]["phone_number_id"] for _, _, value in rig.hub.changes} == {PHONE}
    rig.world.state.phones[PHONE]["status"] = "BANNED"
    answer = await rig.client.post("/control/meta/traffic", json={"solution_id": SOLUTION})
    assert answer.status_code == 404


async def test_spread_over_a_time_it_goes_on_by_itself_and_can_be_stopped(rig: Rig) -> None:
    answer = await rig.control("traffic", messages=4, seconds=0.3)
    assert answer["running"]
    await asyncio.to_thread(wait_for, lambda: not rig.world.traffic.progress()["running"])
    assert len(by_message(rig)) == 4

    await rig.control("traffic", messages=100_000, seconds=3_600)
    stopped = (await rig.client.delete("/control/meta/traffic")).json()
    assert not stopped["running"]
    assert (await rig.client.get("/control/meta/traffic")).json() == stopped


async def test_a_reset_ends_the_traffic(rig: Rig) -> None:
    await rig.control("traffic", messages=100_000, seconds=3_600)
    rig.world.reset()
    assert not rig.world.traffic.progress()["running"]


async def test_bodies_that_the_hub_refuses_are_counted(rig: Rig) -> None:
    rig.hub.statuses = [503]
    answer = await rig.control("traffic", messages=10)
    assert answer["refused"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": 0},
        {"messages": 1.5},
        {"messages": True},
        {"messages": 10**9},
        {"seconds": -1},
        {"statuses": 1_001},
        {"categories": {}},
        {"categories": {"marketing": 0}},
        {"categories": 3},
        {"markets": "XX"},
        {"numbers": "41"},
        {"messagse": 5},
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_and_nothing_is_sent(
    rig: Rig, wrong: Json
) -> None:
    answer = await rig.client.post("/control/meta/traffic", json=wrong)
    assert answer.status_code == 422
    assert rig.hub.requests == []


async def test_unknown_numbers_are_not_found(rig: Rig) -> None:
    answer = await rig.client.post("/control/meta/traffic", json={"numbers": ["999"]})
    assert answer.status_code == 404


def _of(body: Json) -> list[Json]:
    return [
        status
        for entry in body["entry"]
        for change in entry["changes"]
        for status in change["value"]["statuses"]
    ]
