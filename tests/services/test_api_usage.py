"""Balances, usage and the ledger as programs ask for them: the same figures as the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.access import Gate
from core.billing.balance.periods import Granularity
from core.billing.prices import Category
from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput, NotFound
from core.integration.api.ledger import LedgerLists
from core.integration.api.lists import ListQuery
from core.integration.api.room import Room
from core.integration.api.usage import Usage, UsageAsked, moment_of
from core.money import Money
from storage.database import SqlDatabase
from tests.services.metering_world import SISTER
from tests.services.test_balance import Desk


class Reading(Desk):
    """The balance's desk, and what programs see of it."""

    def __init__(self, database: SqlDatabase, clock: FixedClock, **partner: Any) -> None:
        super().__init__(database, clock, **partner)
        # All that these two take of the room.
        room = cast(Room, SimpleNamespace(gate=Gate(database, clock), clock=clock))
        self.usage, self.ledger = Usage(room), LedgerLists(room)

    def report(self, client_id: str = "", channel_id: str = "", **asked: Any) -> Any:
        question = UsageAsked(**asked)
        return self.usage.report(self.owner, question, client_id=client_id, channel_id=channel_id)


@pytest.fixture
def desk(database: SqlDatabase, clock: FixedClock) -> Reading:
    return Reading(database, clock)


def test_usage_by_month_agrees_with_the_movements_of_the_page(desk: Reading) -> None:
    desk.top_up("100.00")
    desk.send(3)
    desk.send(2, category="service", type="free_entry_point")
    desk.send(1, phone=SISTER, category="utility")
    desk.clock.advance(timedelta(days=1))
    desk.send(1, category="service", type="free_customer_service")
    report = desk.report(desk.world.client_id)
    [month] = report.periods
    moved = desk.balances.movements(desk.owner, "2026-11")
    assert (report.balance, month.total) == (moved.end, moved.used)
    assert (month.quantity, month.paid + month.free_tier + month.free_entry_point) == (7, 7)
    assert month.free_entry_point == 2
    assert month.categories[Category.MARKETING].quantity == 3
    priced = sum(month.price(category).micros for category in month.categories)
    assert priced == month.total.micros
    assert report.template_cost.micros == sum(
        month.price(category).micros for category in (Category.MARKETING, Category.UTILITY)
    )
    assert report.renewed == Money.of("100.00", "EUR")


def test_usage_by_day_of_one_number(desk: Reading) -> None:
    first = desk.clock.now()
    desk.send(2)
    desk.clock.advance(timedelta(days=1))
    desk.send(3)
    desk.send(5, phone=SISTER)
    report = desk.report(
        desk.world.client_id, desk.world.channel_id, granularity=Granularity.DAY, start=first
    )
    assert [(period.first, period.quantity) for period in report.periods] == [
        (first.date(), 2),
        (desk.clock.now().date(), 3),
    ]
    only_first = desk.report(granularity=Granularity.DAY, start=first, end=first)
    assert [period.quantity for period in only_first.periods] == [2]
    assert only_first.renewed_at is None


def test_a_client_that_pays_for_itself_has_its_own_balance(
    database: SqlDatabase, clock: FixedClock
) -> None:
    desk = Reading(database, clock, billing_model="direct_paid")
    client_id = desk.world.client_id
    desk.top_up("7.00", client_id)
    assert desk.report(client_id).balance == Money.of("7.00", "EUR")
    assert desk.usage.balances(desk.owner) == [Money(0, "EUR")]
    entries = desk.ledger.page(desk.owner, ListQuery(), client_id)
    assert [entry.kind for entry in entries.items] == ["top_up"]
    assert desk.ledger.page(desk.owner, ListQuery()).total == 0


def test_the_ledger_is_listed_newest_first_with_its_total(desk: Reading) -> None:
    desk.top_up("10.00")
    desk.clock.advance(timedelta(minutes=1))
    desk.send(1)
    whole = desk.ledger.page(desk.owner, ListQuery())
    assert [entry.kind for entry in whole.items] == ["usage", "top_up"]
    assert whole.items[0].amount.micros < 0 < whole.items[1].amount.micros
    [balance] = desk.usage.balances(desk.owner)
    assert sum(entry.amount.micros for entry in whole.items) == balance.micros
    page = desk.ledger.page(desk.owner, ListQuery(limit=1, offset=1))
    assert ([entry.kind for entry in page.items], page.total) == (["top_up"], 2)
    few = desk.ledger.page(desk.owner, ListQuery(filters={"kind": "usage"}))
    assert few.total == 1
    with pytest.raises(InvalidInput):
        desk.ledger.page(desk.owner, ListQuery(filters={"colour": "red"}))
    # A client that its partner pays for has no credit of its own.
    with pytest.raises(NotFound):
        desk.ledger.page(desk.owner, ListQuery(), desk.world.client_id)


def test_foreign_and_unknown_ids_are_the_same_and_members_see_no_money(desk: Reading) -> None:
    other, channel, _ = desk.sister_client()
    for client_id, channel_id in (
        ("abcdefCL", ""),
        ("\x00", ""),
        (desk.world.client_id, "abcdefCH"),
        (desk.world.client_id, channel),
    ):
        with pytest.raises(NotFound):
            desk.report(client_id, channel_id)
    assert desk.report(other, channel).periods == ()
    with pytest.raises(Forbidden):
        desk.usage.balances(desk.principal("member"))


def test_a_period_that_ends_before_it_begins_has_no_usage(desk: Reading) -> None:
    now = desk.clock.now()
    desk.send(1)
    assert desk.report(start=now, end=now - timedelta(days=1)).periods == ()
    assert len(desk.report(start=datetime(1, 1, 3, tzinfo=UTC)).periods) == 1
    for seconds in (10**20, -(10**20), 253402300799):
        with pytest.raises(InvalidInput):
            moment_of(seconds, "start_date")
