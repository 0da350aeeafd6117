"""The webhook of a number: what Meta tells of its conversations arrives there, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import select
from standardwebhooks import Webhook

from core.accounts.entities import Channel, ConsentState, WabaAccount
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.events import Event, EventType
from core.integration.inbound import Inbound
from core.integration.outbound.entities import Delivery
from core.integration.outbound.fanout import delivery_row
from core.integration.outbound.forwarding import Forwarding
from core.integration.outbound.happened import Told
from core.integration.outbound.signatures import signing_secret
from core.integration.outbound.states import DeliveryState, EndpointState
from core.integration.outbound.tidying import Tidying
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.test_inbound import JobList, NoReadings, store
from tests.services.webhooks_world import SECRET, TEST, WebhooksWorld, webhooks_world
from tests.support import receivers
from tests.support.receivers import Behaviour, Receivers
from tests.support.statuses import messages, status
from tests.support.waiting import wait_for

HOOK = "of-number"


@pytest.fixture(scope="module")
def partners() -> Iterator[Receivers]:
    with receivers.running() as running:
        yield running


@pytest.fixture
def world(
    database: SqlDatabase, clock: FixedClock, feed: LocalFeed, partners: Receivers
) -> WebhooksWorld:
    partners.got.clear()
    partners.once.clear()
    return webhooks_world(database, clock, feed, partners)


@pytest.fixture
def number(world: WebhooksWorld) -> Channel:
    return world.number()


@pytest.fixture
def inbound(world: WebhooksWorld) -> Inbound:
    jobs: Any = JobList()
    readings: Any = NoReadings()
    forwarding = Forwarding(world.clock)
    return Inbound(world.database, world.clock, jobs, readings, forwarding=forwarding)


def hook(world: WebhooksWorld, number: Channel, name: str = HOOK, **values: Any) -> str:
    url = world.receivers.url(name)
    saved = world.webhooks.set_of_number(world.owner, number.id, url, **values)
    assert saved is not None
    return saved.endpoint.id


def told(number: Channel, wamid: str = "w1") -> dict[str, Any]:
    return messages(number.external_id or "", [status(wamid)])


def arrive(world: WebhooksWorld, inbound: Inbound, *bodies: Any) -> list[bytes]:
    raw = [json.dumps(each, indent=1).encode() for each in bodies]
    store(world.database, world.clock, world.feed, *raw)
    while inbound.work_off():
        pass
    return raw


def take_away(world: WebhooksWorld, number: Channel, *, removed: bool) -> None:
    """The client unshares its account at Meta, or shares it again."""
    with world.database.transaction(TEST) as session:
        session.get_one(WabaAccount, number.waba_account_id).removed = removed


def test_what_meta_tells_arrives_byte_for_byte_signed_and_once(
    world: WebhooksWorld, number: Channel, inbound: Inbound
) -> None:
    world.endpoint("partner")
    its = hook(world, number, headers={"X-Token": "s3cret"})
    with world.draining():
        raw = arrive(world, inbound, told(number), told(number), told(number, "w2"))
        wait_for(lambda: len(world.receivers.got[HOOK]) == 2)
        wait_for(lambda: {row.state for row in world.rows()} == {DeliveryState.DELIVERED})
    got = world.receivers.got[HOOK]
    assert sorted(each.body for each in got) == sorted(set(raw))
    for each in got:
        Webhook(signing_secret(SECRET)).verify(each.body, each.headers)
        assert each.headers["x-token"] == "s3cret"
    assert world.receivers.got["partner"] == []
    rows = world.rows(its)
    assert {(row.event, row.channel_id) for row in rows} == {("messages", number.id)}
    assert len({row.event_key for row in rows}) == len(rows)


def test_it_gets_no_events_of_the_hub_and_the_partners_endpoints_no_messages(
    world: WebhooksWorld, number: Channel, inbound: Inbound
) -> None:
    hook(world, number)
    partners = world.endpoint("partner")
    world.happen(number, EventType.CHANNEL_LIVE)
    world.fanout.work_off()
    arrive(world, inbound, told(number))
    assert [(row.endpoint_id == partners, row.event) for row in world.rows()] == [
        (True, "channel_live"),
        (False, "messages"),
    ]


def test_of_a_body_about_two_numbers_each_webhook_gets_its_part(
    world: WebhooksWorld, number: Channel, inbound: Inbound
) -> None:
    other, third = world.number(), world.number()
    ids = {hook(world, number): number, hook(world, other, "other"): other}
    entries = [entry for each in (number, other, third) for entry in told(each)["entry"]]
    arrive(world, inbound, {"object": "whatsapp_business_account", "entry": entries})
    assert {row.endpoint_id: json.loads(row.body) for row in world.rows()} == {
        endpoint: told(channel) for endpoint, channel in ids.items()
    }


def test_a_body_that_waits_for_a_number_is_passed_on_once(
    world: WebhooksWorld, number: Channel, inbound: Inbound, clock: FixedClock
) -> None:
    hook(world, number)
    unknown = {"id": "77", "changes": [{"field": "account_update", "value": {"event": "X"}}]}
    body = told(number) | {"entry": [*told(number)["entry"], unknown]}
    arrive(world, inbound, body)
    clock.advance(timedelta(minutes=1))
    assert inbound.work_off() == 1
    assert len(world.rows()) == 1


@pytest.mark.parametrize(
    "values", [{"consent": ConsentState.REVOKED.value}, {"consent": ConsentState.PENDING.value}]
)
def test_without_the_clients_permission_nothing_is_passed_on(
    world: WebhooksWorld, inbound: Inbound, values: dict[str, Any]
) -> None:
    number = world.number(**values)
    hook(world, number)
    arrive(world, inbound, told(number))
    assert world.rows() == []


def test_nor_after_the_numbers_end(world: WebhooksWorld, inbound: Inbound) -> None:
    number = world.number(terminated_at=world.clock.now())
    hook(world, number)
    arrive(world, inbound, told(number))
    assert world.rows() == []


def test_an_account_that_was_taken_away_is_not_heard_and_what_waits_waits_on(
    world: WebhooksWorld, number: Channel, inbound: Inbound
) -> None:
    its = hook(world, number)
    world.webhooks.pause_endpoint(world.owner, its)
    arrive(world, inbound, told(number))
    take_away(world, number, removed=True)
    arrive(world, inbound, told(number, "w2"))
    assert [row.state for row in world.rows()] == [DeliveryState.WAITING.value]
    world.webhooks.resume_endpoint(world.owner, its)
    assert world.book.due_endpoints() == []
    assert world.book.due(its, 10) is None
    take_away(world, number, removed=False)
    with world.draining():
        wait_for(lambda: [row.state for row in world.rows()] == [DeliveryState.DELIVERED.value])


def test_what_waits_for_a_withdrawn_permission_is_not_kept_longer_than_the_log(
    world: WebhooksWorld, number: Channel, inbound: Inbound
) -> None:
    heard = world.number()
    kept = timedelta(days=30)
    tidying = Tidying(world.database, world.clock, world.jobs, kept)
    for channel in (number, heard):
        world.webhooks.pause_endpoint(world.owner, hook(world, channel))
        arrive(world, inbound, told(channel))
    take_away(world, number, removed=True)
    assert tidying.tidy() == 0
    world.pass_time(kept + timedelta(hours=1))
    assert tidying.tidy() == 1
    assert [row.channel_id for row in world.rows()] == [heard.id]


def test_off_is_skipped_paused_collects_removed_is_nothing(
    world: WebhooksWorld, number: Channel, inbound: Inbound
) -> None:
    its = hook(world, number)
    world.webhooks.switch_off(world.owner, its)
    arrive(world, inbound, told(number))
    hook(world, number)  # its URL anew: on again
    assert world.webhooks.endpoint(world.owner, its).state is EndpointState.LIVE
    world.webhooks.pause_endpoint(world.owner, its)
    arrive(world, inbound, told(number, "w2"))
    assert world.webhooks.set_of_number(world.owner, number.id, "") is None
    assert world.webhooks.of_number(world.owner, number.id) is None
    arrive(world, inbound, told(number, "w3"))
    states = [row.state for row in world.rows()]
    assert states == [DeliveryState.SKIPPED.value, DeliveryState.SKIPPED.value]
    assert hook(world, number) != its


def test_what_fails_is_tried_again(world: WebhooksWorld, number: Channel, inbound: Inbound) -> None:
    its = hook(world, number)
    world.receivers.once[HOOK] = [Behaviour(status=500)]
    with world.draining():
        (raw,) = arrive(world, inbound, told(number))
        wait_for(lambda: [row.tries for row in world.rows(its)] == [1])
        world.pass_time(timedelta(seconds=7))
        wait_for(lambda: [row.state for row in world.rows(its)] == [DeliveryState.DELIVERED.value])
    assert [each.body for each in world.receivers.got[HOOK]] == [raw, raw]


def test_large_bodies_are_fetched_a_few_at_a_time_and_all_arrive(
    world: WebhooksWorld, number: Channel
) -> None:
    its = hook(world, number)
    with world.database.transaction(TEST) as session:
        told = Told(event="messages", data={}, channel_id=number.id)
        body, now = b'"' + b"x" * (6 << 20) + b'"', world.clock.now()
        for key in "abcde":
            session.add(Delivery(**delivery_row(number.partner_id, its, told, key, body, now)))
    fetched = world.book.due(its, 64)
    assert fetched is not None
    assert (len(fetched.due), fetched.may_be_more) == (3, True)
    with world.draining():
        wait_for(lambda: {row.state for row in world.rows(its)} == {DeliveryState.DELIVERED})
    assert len(world.receivers.got[HOOK]) == 5


def test_it_stands_beside_its_number_and_not_among_the_partners(
    world: WebhooksWorld, number: Channel
) -> None:
    its = hook(world, number)
    assert world.webhooks.endpoints(world.owner) == []
    assert [each.id for each in world.webhooks.endpoints_of_numbers(world.owner)] == [its]
    assert world.webhooks.endpoints_of_numbers(world.stranger) == []
    found = world.webhooks.of_number(world.owner, number.id)
    assert found is not None
    assert (found.id, found.channel_id, found.name) == (its, number.id, number.display_phone_number)
    assert world.webhooks.of_number(world.owner, world.number().id) is None
    (added,) = world.told(EventType.WEBHOOK_ADDED)
    assert (added.subject_id, added.data) == (its, {"is_main": False})


def test_the_test_is_a_message_in_metas_form(world: WebhooksWorld, number: Channel) -> None:
    its = hook(world, number)
    result = world.webhooks.test_endpoint(world.owner, its, "messages")
    assert result.is_taken
    (got,) = world.receivers.got[HOOK]
    (change,) = got.json["entry"][0]["changes"]
    assert change["field"] == "messages"
    assert change["value"]["metadata"]["phone_number_id"] == number.external_id
    assert change["value"]["messages"][0]["type"] == "text"
    assert [(row.is_test, row.channel_id) for row in world.rows()] == [(True, number.id)]
    with pytest.raises(InvalidInput):
        world.webhooks.test_endpoint(world.owner, its, "channel_live")


def test_a_partners_endpoint_is_not_tested_with_a_message(world: WebhooksWorld) -> None:
    with pytest.raises(InvalidInput):
        world.webhooks.test_endpoint(world.owner, world.endpoint("partner"), "messages")


def test_who_may_not_and_what_is_wrong(world: WebhooksWorld, number: Channel) -> None:
    url = world.receivers.url(HOOK)
    for who, wrong in ((world.member, Forbidden), (world.stranger, NotFound)):
        with pytest.raises(wrong):
            world.webhooks.set_of_number(who, number.id, url)
        with pytest.raises(wrong):
            world.webhooks.of_number(who, number.id)
    with pytest.raises(InvalidInput):
        world.webhooks.set_of_number(world.owner, number.id, "http://hub.example/hook")
    its = hook(world, number)
    for values in ({"events": ["channel_live"]}, {"name": "Mine"}):
        with pytest.raises(InvalidInput):
            world.webhooks.change_endpoint(world.owner, its, **values)
    with world.database.reading(TEST) as session:
        kept = session.exec(select(Event).where(Event.subject_id == its)).all()
    assert [event.type for event in kept] == [EventType.WEBHOOK_ADDED.value]


def test_two_owners_at_once_leave_one(world: WebhooksWorld, number: Channel) -> None:
    together = Barrier(4)

    def set_it(name: str) -> str:
        together.wait()
        try:
            return hook(world, number, name)
        except Conflict:
            return ""

    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(set_it, "abcd"))
    found = world.webhooks.of_number(world.owner, number.id)
    assert found is not None
    assert ids - {""} == {found.id}
