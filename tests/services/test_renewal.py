"""Auto-renewal: fires once when due, tries the next card, backs off, brakes, explains itself."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from fractions import Fraction

import pytest

from core.billing.auto_renewal import Because
from core.billing.balance.entities import UsageDay
from core.billing.payments.entities import Payment
from core.billing.payments.states import PaymentStatus
from core.billing.renewal.entities import Mode, Renewal
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput
from core.money import MICROS
from storage.database import SqlDatabase
from tests import factories
from tests.services.payments_world import ALL, World, build, require_agreement


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def use(world: World, day: date, units: int) -> None:
    """Messages of a day."""
    with world.database.transaction(ALL) as session:
        session.add(
            UsageDay(
                partner_id=world.payer.partner_id,
                payer_client="",
                day=day,
                channel_id="x",
                client_id="x",
                category="utility",
                market="Germany",
                free="",
                currency="EUR",
                messages=1,
                micros=units * MICROS,
            )
        )


def check(world: World) -> bool:
    """One look, and all that follows from it."""
    begun = world.renewals.check(world.payer.partner_id, "")
    world.jobs.drain()
    return begun


def row(world: World) -> Renewal:
    (renewal,) = world.rows(Renewal)
    assert isinstance(renewal, Renewal)
    return renewal


def statuses(world: World) -> list[str]:
    renewals = [p for p in world.rows(Payment) if p.purpose == "auto_renewal"]
    return [p.status for p in sorted(renewals, key=lambda p: p.token or "")]


def test_without_history_it_tops_up_100_at_200(world: World) -> None:
    world.card()
    world.spend("1")
    assert check(world)
    assert world.credit() == (9900, 0)
    assert world.told("auto_renewal_succeeded") == ["auto_renewal_succeeded"]
    require_agreement(world)


def test_what_is_on_its_way_counts(world: World) -> None:
    world.card()
    world.spend("1")
    world.top_up("300")
    assert not world.renewals.check(world.payer.partner_id, "")
    world.jobs.drain()
    assert not check(world), "301 are more than 200"


def test_nothing_is_topped_up_for_a_payer_that_never_used_anything(world: World) -> None:
    world.card()
    assert not check(world)
    assert world.jobs.tick("auto_renewal_sweep") == 0
    assert world.provider.charges == {}


def test_a_balance_that_moves_below_asks_for_a_look(world: World) -> None:
    world.card()
    world.spend("1")
    with world.database.transaction(ALL) as session:
        world.renewals.balances_moved(session, [world.payer])
    world.jobs.drain()
    assert world.credit() == (9900, 0)


def test_the_sweep_finds_what_nobody_asked_about(world: World) -> None:
    world.card()
    world.spend("1")
    assert world.jobs.tick("auto_renewal_sweep") == 1
    world.jobs.drain()
    assert world.credit() == (9900, 0)


def test_two_workers_at_once_top_up_once(world: World) -> None:
    world.card()
    world.spend("1")
    together = threading.Barrier(2)
    begun: list[bool] = []

    def look() -> None:
        together.wait()
        begun.append(world.renewals.check(world.payer.partner_id, ""))

    workers = [threading.Thread(target=look) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    world.jobs.drain()
    assert sorted(begun) == [False, True]
    assert statuses(world) == ["succeeded"]


def test_a_decline_tries_the_next_card_on_the_same_charge(world: World) -> None:
    world.card(always="insufficient_funds")
    second = world.card()
    world.spend("1")
    assert check(world)
    (payment,) = world.rows(Payment)
    assert (payment.status, payment.card_id, payment.attempt) == ("succeeded", second.id, 2)
    assert len(world.provider.charges) == 1
    require_agreement(world)


def test_when_all_cards_are_declined_it_backs_off_1_6_24_hours_and_tells(
    world: World, clock: FixedClock
) -> None:
    world.card(always="insufficient_funds")
    world.spend("1")
    for hours in (1, 6, 24, 24):
        assert check(world)
        assert row(world).next_try_at == clock.now() + timedelta(hours=hours)
        assert not check(world), "it waits"
        clock.advance(timedelta(hours=hours))
    assert statuses(world) == ["declined"] * 4
    assert world.told("auto_renewal_failed") == ["auto_renewal_failed"] * 4
    mails = [s for s in world.subjects() if s.startswith("The automatic top-up")]
    assert len(mails) == 2 * 3, "both owners, for the first three"
    assert world.credit() == (-100, 0)
    require_agreement(world)


def test_a_success_ends_the_back_off(world: World, clock: FixedClock) -> None:
    world.card()
    world.spend("1")
    world.provider.decline_next()
    check(world)
    clock.advance(timedelta(hours=1))
    assert check(world)
    assert (row(world).failures, row(world).next_try_at) == (0, None)


def test_without_a_card_owners_are_told_once_and_a_new_card_is_tried_at_once(
    world: World, clock: FixedClock
) -> None:
    world.spend("1")
    for hours in (1, 6):
        assert not check(world)
        clock.advance(timedelta(hours=hours))
    assert len(world.subjects()) == 2
    assert world.events("auto_renewal_failed")[0].data["code"] == "no_card"
    check(world)
    world.card()
    world.jobs.drain()
    assert statuses(world) == ["succeeded"], "at once, not when the schedule looks again"


def test_three_successes_within_ten_minutes_stop_it(world: World, clock: FixedClock) -> None:
    world.card()
    for number in range(3):
        world.spend("1000", f"spent:{number}")
        assert check(world)
        clock.advance(timedelta(minutes=3))
    assert world.told("auto_renewal_stopped") == ["auto_renewal_stopped"]
    assert "Auto-renewal has stopped itself" in world.subjects()
    assert not check(world)
    clock.advance(timedelta(minutes=10))
    assert not check(world), "time alone does not start it again"
    assert world.renewals.start_again(world.owner).stopped_at is None
    world.jobs.drain()
    assert statuses(world) == ["succeeded"] * 4


def test_three_in_a_longer_time_do_not(world: World, clock: FixedClock) -> None:
    world.card()
    for number in range(4):
        world.spend("1000", f"spent:{number}")
        assert check(world)
        clock.advance(timedelta(minutes=5))
    assert world.told("auto_renewal_stopped") == []


def test_the_ceiling_holds_for_the_month_and_is_told_once(world: World, clock: FixedClock) -> None:
    world.card()
    world.renewals.modify(world.owner, mode=Mode.RECOMMENDED, ceiling="150")
    world.spend("1000")
    assert check(world)
    assert not check(world)
    assert not check(world)
    assert world.events("auto_renewal_failed")[0].data["code"] == "ceiling"
    assert world.told("auto_renewal_failed") == ["auto_renewal_failed"]
    clock.advance(timedelta(days=10))  # December
    assert check(world)


def test_strong_authentication_waits_for_the_holder(world: World, clock: FixedClock) -> None:
    world.card(asks=True)
    world.card()
    world.spend("1")
    assert check(world)
    assert statuses(world) == ["action_required"]
    assert any(s.startswith("Please confirm") for s in world.subjects())
    assert not check(world), "it is on its way"
    clock.advance(timedelta(hours=24))
    world.jobs.tick("payments_reconcile")
    assert statuses(world) == ["cancelled"]
    assert row(world).failures == 1
    assert world.credit() == (-100, 0)


def test_paused_it_does_nothing_until_it_is_started(world: World) -> None:
    world.card()
    world.spend("1")
    world.renewals.pause(world.owner)
    assert not check(world)
    world.renewals.start_again(world.owner)
    world.jobs.drain()
    assert world.credit() == (9900, 0)


def test_each_figure_comes_with_its_reason_and_last_month_as_it_would_have_been(
    world: World,
) -> None:
    for day in range(1, 32):
        use(world, date(2026, 10, day), 100 if day <= 15 else 120)
    told = world.renewals.explain(world.owner)
    assert (told.spent.minor, told.trend) == (342000, Fraction(6, 5))
    assert (told.recommended_top_up.minor, told.top_up_because) == (415000, Because.SPEND)
    assert (told.recommended_threshold.minor, told.threshold_because) == (42000, Because.TENTH)
    assert (told.month, len(told.dry_run)) == (date(2026, 10, 1), 31)
    assert sum(day.top_ups for day in told.dry_run) == 1
    assert all(day.balance > told.threshold.micros for day in told.dry_run)
    assert (told.has_card, told.is_prepaid) == (False, True)


def test_the_recommendation_moves_with_the_month(world: World, clock: FixedClock) -> None:
    assert world.renewals.explain(world.owner).top_up.minor == 10000
    for day in range(1, 31):
        use(world, date(2026, 11, day), 100)
    clock.advance(timedelta(days=9))  # 1 December
    assert world.jobs.tick("auto_renewal_month") == 1
    assert row(world).top_up == 3000 * MICROS
    assert world.jobs.tick("auto_renewal_month") == 0


def test_own_figures_are_used_and_the_recommended_ones_still_shown(world: World) -> None:
    world.card()
    told = world.renewals.modify(world.owner, mode=Mode.OWN, threshold="50", top_up="30")
    assert (told.threshold.minor, told.top_up.minor) == (5000, 3000)
    assert (told.recommended_threshold.minor, told.recommended_top_up.minor) == (20000, 10000)
    world.spend("1")
    check(world)
    assert world.credit() == (2900, 0)
    assert world.told("auto_renewal_changed") == ["auto_renewal_changed"]


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"threshold": "100", "top_up": "49.99"}, "top_up", "top_up_below_half_threshold"),
        ({"threshold": "-1", "top_up": "100"}, "threshold", "amount_not_positive"),
        ({"threshold": "10", "top_up": "NaN"}, "top_up", "amount_not_a_number"),
        ({"threshold": "10", "top_up": "5"}, "top_up", "amount_too_small"),
        ({"threshold": "10", "top_up": "100", "ceiling": "99"}, "ceiling", "ceiling_below_top_up"),
        ({"threshold": "10", "top_up": "100", "ceiling": "x"}, "ceiling", "amount_not_a_number"),
    ],
)
def test_bad_figures_are_refused_by_field(
    world: World, values: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.renewals.modify(world.owner, mode=Mode.OWN, **values)
    assert (refusal.value.about["field"], refusal.value.code) == (field, code)
    assert world.renewals.explain(world.owner).mode is Mode.RECOMMENDED


def test_the_last_card_stays_while_auto_renewal_needs_it(world: World) -> None:
    card = world.card()
    world.topped_up("300")
    with pytest.raises(Conflict) as refusal:
        world.payments.remove_card(world.owner, card.id)
    assert refusal.value.about["by"] == ["auto_renewal"]
    world.renewals.pause(world.owner)
    world.payments.remove_card(world.owner, card.id)
    assert world.payments.cards(world.owner) == []


def test_members_neither_see_nor_change_it(world: World) -> None:
    with world.database.transaction(ALL) as session:
        partner = factories.make_partner(session)
        member = factories.make_principal(session, partner, role="member")
    with pytest.raises(Forbidden):
        world.renewals.explain(member)
    with pytest.raises(Forbidden):
        world.renewals.pause(member)


def test_a_payment_of_auto_renewal_is_invoiced_like_any_other(world: World) -> None:
    world.card()
    world.spend("1")
    check(world)
    (payment,) = world.rows(Payment)
    assert payment.status == PaymentStatus.SUCCEEDED
    assert (payment.net, payment.fee, payment.tax) == (
        100 * MICROS,
        4 * MICROS,
        1976 * MICROS // 100,
    )
    require_agreement(world)
