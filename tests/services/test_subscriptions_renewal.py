"""Months turn: plan and licences on the 1st, what was added on the last day, once and in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, NotFound
from core.events import Event
from core.money import Money
from core.onboarding.entities import OnboardingRun
from core.onboarding.refusing import partner_faults
from core.subscriptions.states import ChangeStatus, PlanName, Tier
from storage.database import SqlDatabase
from tests.services.subscriptions_world import World, build, require_agreement

JUNE = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(JUNE)


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    """On Growth since the first of June, with a card and two numbers."""
    world = build(database, clock)
    world.card()
    world.number()
    world.number()
    world.tick()
    return world


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_on_the_first_there_is_one_plan_and_one_licence_invoice_paid_by_card(world: World) -> None:
    world.go_to(2026, 7, 1, 0, 1)
    assert world.bill() == [
        ("plan", 50000),
        ("licences", 5000),  # both since the first of June, charged on its last day
        ("plan", 50000),
        ("licences", 5000),
    ]
    assert {invoice.status for invoice in world.invoices()} == {"paid"}
    plan, licences = world.invoices()[-2:]
    assert world.lines(plan.id) == [("Growth plan", "1 July 2026 to 31 July 2026", 50000)]
    assert world.lines(licences.id) == [("Regular licences", "1 July 2026 to 31 July 2026", 5000)]
    require_agreement(world)


def test_a_month_is_invoiced_once_however_often_the_schedule_fires(world: World) -> None:
    for _ in range(3):
        world.go_to(2026, 7, 1, 0, 1)
    world.go_to(2026, 7, 1, 5)
    world.clock.advance(timedelta(hours=-2))
    world.tick()
    assert len(world.invoices("plan")) == 2


def test_a_partner_that_begins_within_a_month_pays_for_the_rest_of_it(
    database: SqlDatabase, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=15))
    world = build(database, clock)
    world.tick()
    (invoice,) = world.invoices()
    assert world.lines(invoice.id) == [
        ("Growth plan", "16 June 2026 to 30 June 2026, 15 of 30 days", 25000)
    ]


def test_a_hub_that_stood_still_for_months_makes_up_for_them_in_order(world: World) -> None:
    world.go_to(2026, 9, 2, 12)
    spans = [
        (it.kind, it.period_first.isoformat(), it.net_micros // 10_000)
        for it in world.invoices()
        if it.period_first
    ]
    assert spans == [
        ("plan", "2026-06-01", 50000),
        ("licences", "2026-06-01", 5000),
        ("plan", "2026-07-01", 50000),
        ("licences", "2026-07-01", 5000),
        ("plan", "2026-08-01", 50000),
        ("licences", "2026-08-01", 5000),
        ("plan", "2026-09-01", 50000),
        ("licences", "2026-09-01", 5000),
    ]
    require_agreement(world)


def test_numbers_added_within_the_month_are_charged_on_its_last_day(world: World) -> None:
    world.go_to(2026, 7, 11)
    world.number()
    world.number()
    world.go_to(2026, 7, 30, 23)
    assert len(world.invoices("licences")) == 2
    world.go_to(2026, 7, 31, 0, 1)
    (*_, added) = world.invoices("licences")
    assert world.lines(added.id) == [
        (
            "Regular licences, 2 added",
            "11 July 2026 to 31 July 2026, 21 of 31 days",
            round(5000 * 21 / 31),
        )
    ]
    world.go_to(2026, 8, 1, 0, 1)
    assert world.bill()[-1] == ("licences", 10000)


def test_a_number_added_on_the_last_day_after_its_invoice_is_on_the_next_one(world: World) -> None:
    world.go_to(2026, 7, 31, 0, 1)
    world.number(live_at=world.clock.now() + timedelta(hours=12))
    world.go_to(2026, 8, 1, 0, 1)
    (*_, august) = world.invoices("licences")
    assert world.lines(august.id) == [
        ("Regular licences", "1 August 2026 to 31 August 2026", 7500),
        ("Regular licence, 1 added", "31 July 2026 to 31 July 2026, 1 of 31 days", 81),
    ]


def test_a_number_that_ended_has_no_licence_any_more(world: World) -> None:
    first, _ = world.licences()
    world.go_to(2026, 7, 20)
    world.end_number(first.channel_id)
    world.tick()
    assert len(world.licences()) == 1
    world.go_to(2026, 8, 1, 0, 1)
    assert world.bill()[-1] == ("licences", 2500)
    with pytest.raises(NotFound):
        world.subscriptions.preview_tier(world.owner, first.channel_id, Tier.PREMIUM)


def test_the_tier_is_the_one_that_the_link_asked_for_if_the_plan_has_it(world: World) -> None:
    for asked, given in (
        ("premium", Tier.PREMIUM),
        ("basic", Tier.REGULAR),
        ("high_throughput", Tier.PREMIUM),
    ):
        channel = world.number()
        run = OnboardingRun(
            partner_id=world.partner_id,
            client_id=channel.client_id,
            link={"plan_selection": asked},
            channel_ids=[channel.id],
            created_at=world.clock.now(),
            updated_at=world.clock.now(),
        )
        world.write(lambda session, run=run: session.add(run))  # type: ignore[misc]
        world.tick()
        (licence,) = [it for it in world.licences() if it.channel_id == channel.id]
        assert licence.tier == given


def test_a_larger_tier_counts_at_once_and_costs_what_its_preview_said(world: World) -> None:
    world.go_to(2026, 7, 11, 15)
    licence = world.licences()[0]
    preview = world.subscriptions.preview_tier(world.owner, licence.channel_id, Tier.PREMIUM)
    assert preview.pro_rata == eur("16.26")  # 24 × 21 / 31
    assert preview.effective_on.isoformat() == "2026-07-11"
    row = world.subscriptions.change_tier(world.owner, licence.channel_id, Tier.PREMIUM)
    assert (row.tier, row.next_tier) == (Tier.PREMIUM, None)
    event = max(world.rows(Event), key=lambda event: event.id or 0)
    assert event.type == "licence_changed"
    assert event.data == {"change": {"tier": {"previous": "regular", "current": "premium"}}}
    world.go_to(2026, 7, 31, 0, 1)
    assert world.bill()[-1] == ("licences", preview.pro_rata.minor)
    world.go_to(2026, 8, 1, 0, 1)
    assert world.bill()[-1] == ("licences", 4900 + 2500)
    require_agreement(world)


def test_a_smaller_tier_counts_from_next_month_and_can_be_taken_back(world: World) -> None:
    channel_id = world.licences()[0].channel_id
    change, back = world.subscriptions.change_tier, world.subscriptions.take_back_tier
    change(world.owner, channel_id, Tier.PREMIUM)
    world.go_to(2026, 7, 11)
    preview = world.subscriptions.preview_tier(world.owner, channel_id, Tier.REGULAR)
    assert (preview.pro_rata, preview.monthly) == (eur("0"), eur("25"))
    row = change(world.owner, channel_id, Tier.REGULAR)
    assert (row.tier, row.next_tier) == (Tier.PREMIUM, Tier.REGULAR)
    assert row.next_from is not None
    assert row.next_from.isoformat() == "2026-08-01"
    assert back(world.owner, channel_id).next_tier is None
    change(world.owner, channel_id, Tier.REGULAR)
    world.go_to(2026, 8, 1, 0, 1)
    assert world.bill()[-1] == ("licences", 5000)
    assert {it.tier for it in world.licences()} == {"regular"}
    rows, _ = world.subscriptions.history(world.owner)
    tiers = [row for row in rows if row.kind == "tier"]
    assert {row.phone_number for row in tiers} == {row.phone_number for row in rows} - {""}
    told = [row.status for row in tiers]
    assert sorted(told) == [ChangeStatus.DONE, ChangeStatus.DONE, ChangeStatus.WITHDRAWN]


def test_high_throughput_is_for_premium_only(world: World) -> None:
    channel_id = world.licences()[0].channel_id
    with pytest.raises(Conflict, match="tier_not_in_plan"):
        world.subscriptions.change_tier(world.owner, channel_id, Tier.HIGH_THROUGHPUT)
    world.upgrade()
    row = world.subscriptions.change_tier(world.owner, channel_id, Tier.HIGH_THROUGHPUT)
    assert row.price == eur("249")
    with pytest.raises(Conflict, match="already_on_tier"):
        world.subscriptions.preview_tier(world.owner, channel_id, Tier.HIGH_THROUGHPUT)


def test_nobody_changes_another_partners_licence(world: World) -> None:
    channel_id = world.licences()[0].channel_id
    for verb in (world.subscriptions.preview_tier, world.subscriptions.change_tier):
        with pytest.raises(NotFound):
            verb(world.stranger, channel_id, Tier.PREMIUM)
    assert world.subscriptions.licences(world.stranger) == ([], "")


def test_a_price_counts_from_its_day_on(world: World) -> None:
    july = date(2026, 7, 1)
    world.subscriptions.set_plan_price("growth", "600", "EUR", july)
    world.subscriptions.set_licence_price("regular", "30.00", "EUR", july)
    seen = world.subscriptions.overview(world.owner)
    assert seen.price == eur("500")
    assert seen.next_invoice is not None
    assert seen.next_invoice.net == eur("660")
    world.go_to(2026, 7, 1, 0, 1)
    assert [net for _, net in world.bill()] == [50000, 5000, 60000, 6000]


def test_what_was_added_this_month_is_foretold_as_its_last_day_invoices_it(world: World) -> None:
    world.go_to(2026, 7, 10, 9)
    assert world.subscriptions.overview(world.owner).last_day_invoice is None
    world.number()
    world.tick()
    foretold = world.subscriptions.overview(world.owner).last_day_invoice
    assert foretold is not None
    world.go_to(2026, 7, 31, 9)
    issued = world.invoices()[-1]
    lines = [(it.description, it.detail, it.net.micros // 10_000) for it in foretold.lines]
    assert lines == world.lines(issued.id)
    assert foretold.on == date(2026, 7, 31)
    assert (foretold.net.micros, foretold.gross.micros) == (issued.net_micros, issued.gross_micros)
    assert world.subscriptions.overview(world.owner).last_day_invoice is None


def test_what_is_added_after_the_last_days_invoice_is_foretold_with_the_new_month(
    world: World,
) -> None:
    world.go_to(2026, 7, 31, 9)
    world.number()
    world.tick()
    foretold = world.subscriptions.overview(world.owner).next_invoice
    assert foretold is not None
    world.go_to(2026, 8, 1, 0, 1)
    plan, licences = world.invoices()[-2:]
    assert foretold.net.micros == plan.net_micros + licences.net_micros
    assert len(foretold.lines) == len(world.lines(plan.id)) + len(world.lines(licences.id))


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (("gold", "600", "EUR", date(2026, 7, 1)), "price_unknown"),
        (("growth", "600", "GBP", date(2026, 7, 1)), "currency_unknown"),
        (("growth", "600", "EUR", date(2026, 6, 1)), "day_has_begun"),
        *(
            (("growth", amount, "EUR", date(2026, 7, 1)), "amount_invalid")
            for amount in ("", "x", "-1", "1/0", "0.001", "2000000", "1e9", "NaN")
        ),
    ],
)
def test_a_price_that_is_none_is_refused(world: World, given: Any, refusal: str) -> None:
    with pytest.raises(InvalidInput, match=refusal):
        world.subscriptions.set_plan_price(*given)


def test_a_day_has_one_price(world: World) -> None:
    world.subscriptions.set_plan_price("growth", "600", "EUR", date(2026, 7, 1))
    with pytest.raises(Conflict, match="price_known"):
        world.subscriptions.set_plan_price("growth", "700", "EUR", date(2026, 7, 1))


def test_the_next_invoice_is_shown_as_it_will_be_issued(world: World) -> None:
    world.go_to(2026, 6, 30, 12)
    shown = world.subscriptions.overview(world.owner).next_invoice
    assert shown is not None
    world.go_to(2026, 7, 1, 0, 1)
    issued = world.invoices()[-2:]
    assert shown.gross.micros == sum(it.gross_micros for it in issued)
    told = [(line.description, line.detail, line.net.minor) for line in shown.lines]
    assert told == [line for it in issued for line in world.lines(it.id)]


def test_an_unpaid_plan_stops_new_clients_until_it_is_paid(world: World) -> None:
    world.provider.decline_next("insufficient_funds", times=50)
    world.go_to(2026, 7, 1, 0, 1)
    assert partner_faults(world.partner()) == ["plan_unpaid"]
    assert world.subscriptions.overview(world.owner).is_unpaid
    world.provider.heal()
    (plan,) = [it for it in world.invoices("plan") if it.status == "unpaid"]
    card = world.billing.payments.cards(world.owner)[0]
    world.billing.payments.pay_invoice(world.owner, plan.id, card.id)
    world.jobs.drain()
    assert partner_faults(world.partner()) == []
    require_agreement(world)


def test_dunning_collects_the_plan_by_itself(world: World) -> None:
    world.provider.decline_next("insufficient_funds", times=50)
    world.go_to(2026, 7, 1, 0, 1)
    world.provider.heal()
    world.pass_time(days=1, minutes=5)
    world.jobs.tick("dunning")
    world.jobs.drain()
    assert {it.status for it in world.invoices()} == {"paid"}
    assert not world.partner().plan_unpaid
    require_agreement(world)


def test_months_turn_in_the_operators_zone(database: SqlDatabase, clock: FixedClock) -> None:
    world = build(database, clock, settings={"billing_zone": "Europe/Berlin"})
    world.tick()
    world.go_to(2026, 6, 30, 21, 59)
    assert len(world.invoices("plan")) == 1
    world.go_to(2026, 6, 30, 22, 1)
    assert len(world.invoices("plan")) == 2


def test_licences_are_paged_and_searched(world: World) -> None:
    for _ in range(5):
        world.number()
    world.tick()
    seen, cursor = [], ""
    while True:
        rows, cursor = world.subscriptions.licences(world.owner, cursor=cursor, limit=3)
        seen += [row.phone_number for row in rows]
        if not cursor:
            break
    assert seen == sorted(seen)
    assert len(set(seen)) == 7
    found, _ = world.subscriptions.licences(world.owner, search=seen[2])
    assert [row.phone_number for row in found] == [seen[2]]
    sums = world.subscriptions.overview(world.owner).licences
    assert [(it.tier, it.numbers, it.total) for it in sums] == [(Tier.REGULAR, 7, eur("175"))]
    assert world.subscriptions.plans(world.owner)[0].plan is PlanName.GROWTH


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_number_cancelled_to_the_end_of_the_month_is_on_no_later_invoice_and_none_foretold(
    database: SqlDatabase, clock: FixedClock, zone: str
) -> None:
    world = build(database, clock, settings={"billing_zone": zone})
    world.card()
    world.number()
    world.number(cancelled_at=JUNE, ends_at=datetime(2026, 7, 1, tzinfo=UTC))
    world.tick()
    world.go_to(2026, 6, 30, 7, 30)  # the last day, wherever it is
    told = world.subscriptions.overview(world.owner).next_invoice
    assert told is not None
    world.go_to(2026, 6, 30, 23)
    world.go_to(2026, 7, 1, 8)
    plan, licences = world.invoices()[-2:]
    lines = [*world.lines(plan.id), *world.lines(licences.id)]
    assert lines[-1] == ("Regular licences", "1 July 2026 to 31 July 2026", 2500)
    assert [(it.description, it.detail, it.net.micros // 10_000) for it in told.lines] == lines
