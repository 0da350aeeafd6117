"""From Meta's statuses to the balance: once per message, in any order, never lost or guessed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlmodel import Session, select

from core.billing.card_store import example_draft
from core.billing.entities import UsageCount
from core.billing.prices import Category
from core.clock import FixedClock
from core.events import EventType
from core.money import Money
from core.ports import Notice
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.metering_world import ALL, PHONE, SISTER, World, build
from tests.support.statuses import AT, messages, status

EXAMPLE = example_draft("EUR").tiers
MARKETING = EXAMPLE["Germany", Category.MARKETING][0].micros
SERVICE = EXAMPLE["Germany", Category.SERVICE][0].micros
UTILITY = EXAMPLE["Germany", Category.UTILITY]


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def euros(micros: int) -> Money:
    return Money(micros, "EUR")


def test_a_delivered_message_is_charged_with_its_reasons(world: World) -> None:
    assert world.take(messages(PHONE, [status("w1")])) == [0]
    (line,) = world.lines()
    assert (line.policy, line.card, line.tier) == ("PMP-2026-10", "EUR-2026-10-01-v1-example", 1)
    assert (line.market, line.category, line.micros) == ("Germany", "marketing", MARKETING)
    assert (line.channel_id, line.client_id) == (world.channel_id, world.client_id)
    (entry,) = world.entries()
    assert line.entry_key == entry.key
    assert entry.about == {"policy": line.policy, "card": line.card, "messages": 1}
    assert world.credit() == euros(-MARKETING)


def test_sent_and_failed_cost_nothing(world: World) -> None:
    world.take(messages(PHONE, [status("w1", "sent"), status("w2", "failed")]))
    assert world.lines() == []
    assert world.parked() == {}


STORY = [
    status("w1", "sent", at=AT),
    status("w1", "delivered", at=AT + 1),
    status("w1", "read", at=AT + 2, pricing=None),
    status("w2", "sent", at=AT),
    status("w2", "delivered", at=AT + 1, pricing=None),
    status("w2", "read", at=AT + 2),
    status("w3", "read", at=AT + 3, category="utility"),
]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_order_and_the_repeats_each_message_is_charged_once(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    told = STORY * 3
    chance.shuffle(told)
    while told:
        size = chance.randint(1, 4)
        world.take(*(messages(PHONE, [one]) for one in told[:size]))
        del told[:size]
    assert sorted(line.wamid for line in world.lines()) == ["w1", "w2", "w3"]
    assert world.credit() == euros(-2 * MARKETING - UTILITY[0].micros)
    assert world.parked() == {}
    world.agree()


def test_messages_of_unknown_numbers_are_counted_and_charged_when_told_again(
    world: World,
) -> None:
    both = messages(PHONE, [status("w1")]), messages("399", [status("w2"), status("w3")])
    assert world.take(*both) == [0, 2]
    assert world.take(*both) == [0, 2]
    assert world.credit() == euros(-MARKETING)


def test_the_first_thousand_service_messages_of_a_number_are_free(world: World) -> None:
    bodies = [
        messages(phone, [status(f"{phone}-{n}", category="service") for n in range(1_002)])
        for phone in (PHONE, SISTER)
    ]
    world.take(*bodies)
    world.take(*bodies)
    free = [line for line in world.lines() if line.free == "allowance"]
    assert len(free) == 2_000
    assert world.credit() == euros(-4 * SERVICE)
    world.agree()


def test_a_message_falls_into_the_tier_of_the_portfolios_count(
    world: World, database: SqlDatabase
) -> None:
    reached = UTILITY[1].first - 2  # one more at the first price
    with database.transaction(ALL) as session:
        key = "tier:900:Germany:utility:2026-11"
        session.add(UsageCount(key=key, messages=reached))
    world.take(messages(PHONE, [status("w1", category="utility")]))
    world.take(messages(SISTER, [status("w2", category="utility")]))
    assert [line.tier for line in world.lines()] == [1, 2]
    assert world.credit() == euros(-UTILITY[0].micros - UTILITY[1].micros)
    with database.reading(ALL) as session:
        assert session.exec(select(UsageCount.messages)).one() == reached + 2


ODD: dict[str, dict[str, Any]] = {
    "no_pricing": {"pricing": None},
    "unknown_type": {"type": "half_price"},
    "unknown_category": {"category": "group_marketing"},
    "unknown_market": {"recipient": "DE.1349120865"},
    "bad_time": {"timestamp": "yesterday"},
    "other_model": {"model": "CBP"},
}


@pytest.mark.parametrize("reason", ODD)
def test_what_cannot_be_rated_is_parked_and_costs_nothing(world: World, reason: str) -> None:
    world.take(messages(PHONE, [status("w1", **ODD[reason]), status("w2")]))
    assert world.parked() == {"w1": reason}
    assert world.credit() == euros(-MARKETING)


def test_a_parked_message_is_charged_when_it_can_be_rated(world: World) -> None:
    world.take(messages(PHONE, [status("w1", pricing=None)]))
    world.take(messages(PHONE, [status("w1", category="group_utility")]))
    assert world.parked() == {"w1": "unknown_category"}
    world.take(messages(PHONE, [status("w1", pricing=None)]))
    assert world.parked() == {"w1": "unknown_category"}, "the better reason stays"
    world.take(messages(PHONE, [status("w1", "read")]))
    assert world.parked() == {}
    assert world.credit() == euros(-MARKETING)


def test_parked_messages_are_rated_when_their_card_has_come(
    database: SqlDatabase, clock: FixedClock
) -> None:
    world = build(database, clock, currency="USD")
    world.take(messages(PHONE, [status("w1"), status("w2", type="half_price")]))
    assert world.parked() == {"w1": "no_card", "w2": "unknown_type"}
    with database.transaction(ALL) as session:
        world.cards.import_card(session, example_draft("USD"), "example", is_example=True)
        after: int | None = 0
        while after is not None:
            after = world.metering.retry_parked(session, after)
    assert world.parked() == {"w2": "unknown_type"}
    assert [line.currency for line in world.lines()] == ["USD"]


def test_direct_paid_clients_pay_for_themselves(database: SqlDatabase, clock: FixedClock) -> None:
    world = build(database, clock, billing_model="direct_paid")
    world.take(messages(PHONE, [status("w1")]))
    assert world.credit(world.client_id) == euros(-MARKETING)
    assert world.credit() == euros(0)


def test_one_batch_is_one_entry_and_one_event_per_partner(world: World, feed: LocalFeed) -> None:
    heard: list[Notice] = []
    feed.subscribe(heard.extend)
    world.take(*(messages(PHONE, [status(f"w{n}")]) for n in range(40)))
    assert len(world.entries()) == len(world.told()) == 1
    assert world.told()[0].data == {"spent_micros": {"EUR": 40 * MARKETING}}
    changed = [n for n in heard if n.type == EventType.BALANCE_CHANGED]
    assert [n.subject_type for n in changed] == ["credit"]
    world.take(messages(PHONE, [status("w1"), status("free", type="free_entry_point")]))
    assert len(world.told()) == 1, "what costs nothing moves no balance"


def test_odd_bodies_are_taken_without_a_crash(world: World) -> None:
    odd = messages(PHONE, [{}, {"status": "read"}, {"id": 7, "status": "read"}])
    odd["entry"] += [None, {"changes": [{"field": "messages", "value": []}, {"value": 1}]}]
    wild = status("w\ud800\x00", recipient_id=["x"], pricing={"category": 1}, timestamp=9**99)
    assert world.take(odd, {}, messages(PHONE, [wild])) == [0, 0, 0]
    assert list(world.parked().values()) == ["bad_time"]


def test_a_crash_inside_the_transaction_leaves_nothing_and_the_repeat_everything(
    world: World, database: SqlDatabase
) -> None:
    body = messages(PHONE, [status(f"w{n}", category="utility") for n in range(3)])

    def crash(session: Session) -> None:
        world.metering.take(session, [body])
        raise ZeroDivisionError  # between the debit and the queue's own mark

    with pytest.raises(ZeroDivisionError), database.transaction(ALL) as session:
        crash(session)
    assert (world.lines(), world.entries(), world.told()) == ([], [], [])
    world.take(body)
    world.take(body)
    assert world.credit() == euros(-3 * UTILITY[0].micros)
    world.agree()
