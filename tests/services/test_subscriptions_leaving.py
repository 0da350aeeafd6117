"""Cancelled to the end of a month, taken back, ended; and back to the smaller plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.accounts.entities import Channel
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput
from core.money import Money
from core.onboarding.refusing import partner_faults
from core.ports import Tenant
from core.subscriptions.states import CancelReason, PlanName, SubscriptionState, Tier
from core.subscriptions.views import DowngradePreview, Overview
from storage.database import SqlDatabase
from tests.services.subscriptions_world import World, build, require_agreement

MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MAY)


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    """On Growth since the first of May, with a card and one number; it is the 15th."""
    return begun(database, clock)


def begun(database: SqlDatabase, clock: FixedClock, **settings: Any) -> World:
    world = build(database, clock, settings=settings)
    world.card()
    world.number()
    world.tick()
    world.go_to(2026, 5, 15, 12)
    return world


def cancel(world: World, **values: Any) -> Overview:
    """With everything that is asked."""
    given: dict[str, Any] = {
        "token": world.subscriptions.preview_cancel(world.owner).token,
        "reason": CancelReason.SWITCHING,
        "text": "We go elsewhere.",
        "knows_numbers": True,
    }
    return world.subscriptions.cancel(world.owner, **given | values)


def premium(world: World) -> World:
    world.upgrade()
    return world


def downgrade(world: World) -> DowngradePreview:
    """As the desk does, in its own transaction."""
    with world.database.transaction(Tenant(world.partner_id)) as session:
        return world.subscriptions.downgrade_of(session, world.partner_id, by="staff")


def test_cancelled_on_15_may_it_ends_on_30_june(world: World) -> None:
    preview = world.subscriptions.preview_cancel(world.owner)
    assert (preview.ends_on.isoformat(), preview.notice_days) == ("2026-06-30", 30)
    assert (preview.active_numbers, len(preview.numbers)) == (1, 1)
    assert preview.unpaid == ()
    seen = cancel(world)
    assert (seen.state, seen.cancel_reason) == (
        SubscriptionState.CANCELLING,
        CancelReason.SWITCHING,
    )
    assert seen.ends_on == preview.ends_on
    assert "plan_cancelled" in world.told()
    world.jobs.drain()
    assert "Your subscription ends on Jun 30, 2026" in world.subjects()
    assert world.row().cancel_text == "We go elsewhere."


def test_until_its_day_everything_goes_on_and_after_it_nothing(world: World) -> None:
    cancel(world)
    world.go_to(2026, 6, 1, 0, 1)
    assert world.bill()[-2:] == [("plan", 50000), ("licences", 2500)]
    world.go_to(2026, 6, 30, 23, 59)
    assert world.row().state == SubscriptionState.CANCELLING
    assert partner_faults(world.partner()) == []
    before = len(world.invoices())
    world.go_to(2026, 7, 1, 0, 1)
    assert world.row().state == SubscriptionState.ENDED
    (channel,) = world.rows(Channel)
    assert channel.terminated_at is not None
    assert world.licences() == []
    assert partner_faults(world.partner()) == ["plan_ended"]
    assert {"plan_ended", "cancellation_processed"} <= set(world.told())
    assert "Your subscription has ended" in world.subjects()
    world.go_to(2026, 9, 1, 0, 1)
    assert len(world.invoices()) == before
    require_agreement(world)


def test_owners_still_read_everything_after_the_end(world: World) -> None:
    cancel(world)
    world.go_to(2026, 7, 1, 0, 1)
    seen = world.subscriptions.overview(world.owner)
    assert (seen.state, seen.next_invoice) == (SubscriptionState.ENDED, None)
    rows, _ = world.subscriptions.history(world.owner)
    assert [(row.kind, row.status) for row in rows][:1] == [("cancel", "done")]
    with pytest.raises(Conflict, match="subscription_ended"):
        world.quote()
    with pytest.raises(Conflict, match="subscription_ended"):
        world.subscriptions.take_back_cancel(world.owner)


def test_a_partner_that_has_left_begins_again_when_the_operator_lets_it(world: World) -> None:
    with pytest.raises(Conflict, match="subscription_goes_on"):
        world.subscriptions.begin_again(world.partner_id)
    cancel(world)
    world.go_to(2026, 7, 1, 0, 1)
    before = len(world.invoices())
    world.go_to(2026, 7, 17, 9)
    assert len(world.invoices()) == before
    world.subscriptions.begin_again(world.partner_id)
    world.tick()
    seen = world.subscriptions.overview(world.owner)
    assert (seen.state, seen.plan, seen.ends_on) == (
        SubscriptionState.ACTIVE,
        PlanName.GROWTH,
        None,
    )
    assert partner_faults(world.partner()) == []
    assert world.bill()[before:] == [("plan", 24194)]  # 500 × 15/31
    world.go_to(2026, 8, 1, 0, 1)
    assert world.bill()[-1:] == [("plan", 50000)]
    require_agreement(world)


def test_what_was_added_before_the_end_is_charged_with_it(world: World) -> None:
    cancel(world)
    world.go_to(2026, 6, 30, 0, 1)
    world.number()
    world.go_to(2026, 7, 1, 0, 1)
    (*_, last) = world.invoices("licences")
    assert world.lines(last.id) == [
        ("Regular licence, 1 added", "30 June 2026 to 30 June 2026, 1 of 30 days", 83)
    ]


def test_it_can_be_taken_back_until_its_day(world: World) -> None:
    cancel(world)
    world.go_to(2026, 6, 30, 23)
    seen = world.subscriptions.take_back_cancel(world.owner)
    assert (seen.state, seen.ends_on, seen.cancel_reason) == (SubscriptionState.ACTIVE, None, None)
    world.go_to(2026, 7, 1, 0, 1)
    assert world.bill()[-2:] == [("plan", 50000), ("licences", 2500)]
    assert "plan_cancel_withdrawn" in world.told()
    with pytest.raises(Conflict, match="not_cancelled"):
        world.subscriptions.take_back_cancel(world.owner)


def test_it_cannot_be_taken_back_when_its_day_is_over(world: World) -> None:
    cancel(world)
    world.clock.advance(datetime(2026, 7, 1, 0, 0, 5, tzinfo=UTC) - world.clock.now())
    with pytest.raises(Conflict, match="subscription_ended"):
        world.subscriptions.take_back_cancel(world.owner)


def test_what_is_unpaid_is_to_be_paid_first(world: World) -> None:
    world.provider.decline_next("insufficient_funds", times=50)
    world.go_to(2026, 6, 1, 0, 1)
    preview = world.subscriptions.preview_cancel(world.owner)
    assert {it.gross for it in preview.unpaid} == {
        Money.of("595", "EUR"),
        Money.of("29.75", "EUR"),
    }
    with pytest.raises(Conflict, match="unpaid_invoices"):
        cancel(world)


def test_the_numbers_that_stop_have_to_be_known(world: World) -> None:
    with pytest.raises(InvalidInput, match="numbers_not_known"):
        cancel(world, knows_numbers=False)
    with pytest.raises(InvalidInput, match="text_too_long"):
        cancel(world, text="x" * 2001)


def test_what_has_changed_since_it_was_shown_is_shown_again(world: World) -> None:
    shown = world.subscriptions.preview_cancel(world.owner)
    world.number()
    with pytest.raises(Conflict, match="preview_changed"):
        cancel(world, token=shown.token)
    cancel(world)
    with pytest.raises(Conflict, match="already_cancelled"):
        world.subscriptions.preview_cancel(world.other_owner)
    with pytest.raises(Conflict, match="subscription_cancelled"):
        world.quote()


def test_nothing_is_cancelled_while_an_upgrade_is_charged(world: World) -> None:
    world.upgrade(card=world.card(asks=True))
    with pytest.raises(Conflict, match="upgrade_under_way"):
        world.subscriptions.preview_cancel(world.owner)


def test_the_operator_may_let_it_end_on_the_day(database: SqlDatabase, clock: FixedClock) -> None:
    world = begun(database, clock, cancel_at="day", cancel_notice_days=20)
    assert cancel(world).ends_on == datetime(2026, 6, 4, tzinfo=UTC).date()
    world.go_to(2026, 6, 1, 0, 1)
    (*_, june) = world.invoices("plan")
    assert world.lines(june.id) == [
        ("Growth plan", "1 June 2026 to 4 June 2026, 4 of 30 days", 6667)
    ]
    world.go_to(2026, 6, 5, 0, 1)
    assert world.row().state == SubscriptionState.ENDED


def test_a_downgrade_counts_from_the_next_period_on(world: World) -> None:
    premium(world)
    world.pass_time(minutes=1)
    shown = downgrade(world)
    assert (shown.to, shown.effective_on.isoformat()) == (PlanName.GROWTH, "2026-06-01")
    assert (shown.new_price, shown.saves) == (Money.of("500", "EUR"), Money.of("500", "EUR"))
    seen = world.subscriptions.overview(world.owner)
    assert (seen.plan, seen.next_plan) == (PlanName.PREMIUM, PlanName.GROWTH)
    assert seen.next_invoice is not None
    assert seen.next_invoice.net == Money.of("525", "EUR")
    world.go_to(2026, 6, 1, 0, 1)
    seen = world.subscriptions.overview(world.owner)
    assert (seen.plan, seen.next_plan, seen.next_plan_on) == (PlanName.GROWTH, None, None)
    assert world.bill()[-2:] == [("plan", 50000), ("licences", 2500)]
    assert {"plan_change_planned", "plan_changed"} <= set(world.told())
    rows, _ = world.subscriptions.history(world.owner)
    assert (rows[0].kind, rows[0].status) == ("downgrade", "done")
    require_agreement(world)


def test_a_planned_downgrade_can_be_taken_back(world: World) -> None:
    premium(world)
    downgrade(world)
    with pytest.raises(Conflict, match="downgrade_planned"):
        downgrade(world)
    seen = world.subscriptions.take_back_downgrade(world.owner)
    assert seen.next_plan is None
    world.go_to(2026, 6, 1, 0, 1)
    assert world.bill()[-2:] == [("plan", 100000), ("licences", 2500)]
    with pytest.raises(Conflict, match="no_downgrade_planned"):
        world.subscriptions.take_back_downgrade(world.owner)


def test_licences_that_the_smaller_plan_does_not_have_stand_against_it(world: World) -> None:
    premium(world)
    channel_id = world.licences()[0].channel_id
    world.subscriptions.change_tier(world.owner, channel_id, Tier.HIGH_THROUGHPUT)
    preview = world.subscriptions.preview_downgrade(world.owner)
    assert [row.channel_id for row in preview.against] == [channel_id]
    with pytest.raises(Conflict, match="licences_against"):
        downgrade(world)
    world.subscriptions.change_tier(world.owner, channel_id, Tier.PREMIUM)
    downgrade(world)
    with pytest.raises(Conflict, match="tier_not_in_next_plan"):
        world.subscriptions.take_back_tier(world.owner, channel_id)
    world.go_to(2026, 6, 1, 0, 1)
    assert world.licences()[0].tier == Tier.PREMIUM
    assert world.row().plan == PlanName.GROWTH


def test_owners_go_back_themselves_only_where_the_operator_lets_them(
    database: SqlDatabase, clock: FixedClock
) -> None:
    world = premium(begun(database, clock, self_service_downgrade=True))
    assert world.subscriptions.downgrade_self(world.owner).next_plan is PlanName.GROWTH


def test_otherwise_support_does(world: World) -> None:
    premium(world)
    with pytest.raises(Forbidden, match="through_support"):
        world.subscriptions.downgrade_self(world.owner)
    with world.database.reading(Tenant(world.partner_id)) as session:
        assert world.subscriptions.preview_downgrade_of(session, world.partner_id).against == ()
        facts = world.subscriptions.facts_of(session, world.partner_id)
    assert (facts.plan, facts.numbers, facts.answers_first) == (PlanName.PREMIUM, 1, True)


def test_who_is_on_the_smallest_plan_cannot_go_back(world: World) -> None:
    with pytest.raises(Conflict, match="already_on_plan"):
        world.subscriptions.preview_downgrade(world.owner)
