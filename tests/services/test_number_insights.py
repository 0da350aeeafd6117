"""What one number sent and cost: by category and day, free ones too, the cost for owners only."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from core.access import Gate
from core.billing.balance.insights import DAYS, Insights, NumberInsights
from core.billing.card_store import example_draft
from core.billing.prices import Category
from core.clock import FixedClock
from core.errors import NotFound
from core.events import EventType
from core.money import Money
from core.partners.entities import BillingModel, Partner
from core.ports import Notice
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.numbers import SqlNumbers
from tests.factories import make_partner, make_principal
from tests.services.metering_world import ALL, SISTER
from tests.services.test_balance import Desk

TIERS = example_draft("EUR").tiers
MARKETING = TIERS["Germany", Category.MARKETING][0].micros
UTILITY = TIERS["Germany", Category.UTILITY][0].micros
FREE = {"category": "utility", "type": "free_customer_service"}
TODAY = date(2026, 11, 22)


@pytest.fixture
def desk(database: SqlDatabase, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def insights(desk: Desk) -> Insights:
    return Insights(Gate(desk.database, desk.clock), desk.clock, SqlNumbers())


def seen(desk: Desk, role: str = "owner", channel_id: str = "") -> NumberInsights:
    found = channel_id or desk.world.channel_id
    return insights(desk).of_number(desk.principal(role), found)


def test_volume_and_cost_by_category_and_day_free_ones_too(desk: Desk) -> None:
    desk.top_up("50.00")
    desk.clock.advance(timedelta(days=-2))
    desk.send(3)
    desk.clock.advance(timedelta(days=2))
    desk.send(1)
    desk.send(2, category="utility")
    desk.send(4, **FREE)
    found = seen(desk)
    assert (found.start, found.end) == (date(2026, 10, 24), TODAY + timedelta(days=1))
    assert (found.total.messages, found.free_messages) == (10, 4)
    assert found.total.cost == Money(4 * MARKETING + 2 * UTILITY, "EUR")
    assert len(found.days) == DAYS
    assert [day.messages for day in found.days[-3:]] == [3, 0, 7]
    assert sum(day.messages for day in found.days) == 10
    assert found.days[-3].cost == Money(3 * MARKETING, "EUR")
    shares = {name: (volume.messages, volume.cost) for name, volume in found.by_category}
    assert shares == {
        "marketing": (4, Money(4 * MARKETING, "EUR")),
        "utility": (6, Money(2 * UTILITY, "EUR")),
    }
    assert list(shares) == ["utility", "marketing"], "the most messages first"


def test_it_is_this_numbers_and_agrees_with_the_balance(desk: Desk) -> None:
    _, sister, phone = desk.sister_client()
    desk.top_up("50.00")
    desk.send(3)
    desk.send(2, phone)
    desk.send(5, SISTER)
    assert seen(desk).total.messages == 3, "neither another client's nor its own client's other"
    assert seen(desk, channel_id=sister).total.messages == 2
    spend = desk.balances.spend(desk.owner, seen(desk).start, seen(desk).end)
    by_number = {share.id: (share.messages, share.amount) for share in spend.by_number}
    for id_ in (desk.world.channel_id, sister):
        total = seen(desk, channel_id=id_).total
        assert by_number[id_] == (total.messages, total.cost)


def test_days_before_the_last_thirty_are_left_out(desk: Desk) -> None:
    desk.send(1)
    desk.clock.advance(timedelta(days=DAYS - 1))
    assert seen(desk).days[0].messages == 1
    desk.clock.advance(timedelta(days=1))
    assert seen(desk).total.messages == 0


def test_a_member_sees_what_was_sent_and_no_money(desk: Desk) -> None:
    desk.send(2)
    desk.send(3, category="utility")
    found = seen(desk, "member")
    assert found.total.messages == 5
    volumes = (found.total, *found.days, *(volume for _, volume in found.by_category))
    assert {volume.cost for volume in volumes} == {None}


def test_a_number_without_messages_cost_nothing(desk: Desk) -> None:
    found = seen(desk)
    assert (found.total.messages, found.total.cost) == (0, Money(0, "EUR"))
    assert found.by_category == ()


def test_a_client_that_pays_for_itself_is_the_payer(
    database: SqlDatabase, clock: FixedClock
) -> None:
    desk = Desk(database, clock, billing_model=BillingModel.DIRECT_PAID)
    desk.send(2)
    found = seen(desk)
    assert found.payer_client == desk.world.client_id
    assert found.total.cost == Money(2 * MARKETING, "EUR")
    spend = desk.balances.spend(desk.owner, found.start, found.end, desk.world.client_id)
    assert spend.used == found.total.cost


def test_where_the_partner_pays_no_client_is_the_payer(desk: Desk) -> None:
    assert seen(desk).payer_client == ""


def test_open_pages_are_told_of_free_messages_too(desk: Desk, feed: LocalFeed) -> None:
    desk.top_up("50.00")
    heard: list[Notice] = []
    leave = feed.subscribe(heard.extend)
    desk.send(2, **FREE)
    partner_id = desk.world.partner_id
    about = Notice(partner_id, EventType.BALANCE_CHANGED.value, "credit", partner_id)
    assert heard == [about]
    before = len(desk.told(EventType.BALANCE_CHANGED))
    desk.send(2)
    leave()
    assert heard == [about, about], "once for each webhook"
    assert before + 1 == len(desk.told(EventType.BALANCE_CHANGED)), "an event of what costs only"


@pytest.mark.parametrize("id_", ["nobodyCH", "", "a\x00b", "x" * 5_000])
def test_an_unknown_number_is_not_found(desk: Desk, id_: str) -> None:
    with pytest.raises(NotFound):
        insights(desk).of_number(desk.owner, id_)


def test_a_foreign_number_is_not_found(desk: Desk) -> None:
    desk.send(1)
    with desk.database.transaction(ALL) as session:
        stranger = make_principal(session, make_partner(session), "owner", desk.clock)
    with pytest.raises(NotFound):
        insights(desk).of_number(stranger, desk.world.channel_id)


def test_it_reads_the_clients_days_by_their_index(desk: Desk) -> None:
    desk.send(1)
    with desk.database.reading(ALL) as session:
        engine = session.get_bind()
        on_sqlite = engine.dialect.name == "sqlite"
        assert session.get_one(Partner, desk.world.partner_id)
    if not on_sqlite:
        pytest.skip("PostgreSQL plans by statistics, which a test's few rows have none of")
    asked: list[tuple[str, object]] = []

    def hear(_conn: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        if "usage_day" in statement:
            asked.append((statement, given))

    event.listen(engine, "before_cursor_execute", hear)
    seen(desk)
    event.remove(engine, "before_cursor_execute", hear)
    ((statement, given),) = asked
    with desk.database.reading(ALL) as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        plan = " / ".join(str(row[-1]) for row in rows)
    assert "ix_usage_day_client (partner_id=? AND client_id=? AND day>? AND day<?)" in plan, plan
