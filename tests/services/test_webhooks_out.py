"""Webhooks as a partner gets them: what, in which order, signed how, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from core.clock import FixedClock
from core.events import EventType
from core.integration.outbound.signatures import signing_secret
from core.integration.outbound.states import DeliveryState, EndpointState
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.webhooks_world import SECRET, WebhooksWorld, webhooks_world
from tests.support import receivers
from tests.support.receivers import Behaviour, Receivers
from tests.support.waiting import wait_for

ONBOARDED = (
    EventType.CHANNEL_CREATED,
    EventType.CHANNEL_SUBMITTED,
    EventType.CHANNEL_PERMISSION_GRANTED,
    EventType.CHANNEL_READY,
    EventType.CHANNEL_RUNNING,
    EventType.CHANNEL_LIVE,
)


@pytest.fixture(scope="module")
def partners() -> Iterator[Receivers]:
    with receivers.running() as running:
        yield running


@pytest.fixture
def world(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed, partners: Receivers
) -> WebhooksWorld:
    partners.got.clear()
    partners.behaviours.clear()
    partners.once.clear()
    return webhooks_world(database, clock, feed, partners)


def all_in(world: WebhooksWorld, state: DeliveryState, count: int) -> bool:
    states = [row.state for row in world.rows()]
    return states == [state.value] * count


def test_a_number_on_its_way_is_told_in_order_signed_and_once(world: WebhooksWorld) -> None:
    endpoint = world.endpoint("all", headers={"X-Token": "s3cret", "Host": "evil"})
    number = world.number()
    with world.draining():
        world.happen(number, *ONBOARDED, EventType.BALANCE_CHANGED)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 6))
    assert world.receivers.events("all") == [type_.value for type_ in ONBOARDED]
    for got in world.receivers.got["all"]:
        assert got.json.keys() == {"id", "event", "data"}
        assert got.json["data"]["id"] == number.id
        assert got.json["id"] == got.headers["webhook-id"]
        assert Webhook(signing_secret(SECRET)).verify(got.body, got.headers) == got.json
        assert got.headers["x-token"] == "s3cret"
        assert got.headers["host"] != "evil"
    seen = world.webhooks.endpoint(world.owner, endpoint)
    assert (seen.state, seen.waiting, seen.ignored_headers) == (EndpointState.LIVE, 0, ("Host",))
    (attempt, *_) = world.attempts()
    assert (attempt.status, attempt.request_headers["X-Token"]) == (200, "•••")


def test_what_fails_is_tried_again_with_the_same_bytes(world: WebhooksWorld) -> None:
    world.endpoint("once")
    world.receivers.once["once"] = [Behaviour(status=500, body=b"oops"), Behaviour(status=302)]
    number = world.number()
    with world.draining():
        world.happen(number, EventType.CHANNEL_LIVE)
        for tries, later in ((1, timedelta(seconds=7)), (2, timedelta(minutes=7))):
            wait_for(lambda: [row.tries for row in world.rows()] == [tries])  # noqa: B023
            world.pass_time(later)
        wait_for(lambda: all_in(world, DeliveryState.DELIVERED, 1))
    assert len({(got.headers["webhook-id"], got.body) for got in world.receivers.got["once"]}) == 1
    assert [(a.number, a.status, a.answer_body) for a in world.attempts()] == [
        (1, 500, "oops"),
        (2, 302, "{}"),
        (3, 200, "{}"),
    ]
