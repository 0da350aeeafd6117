"""Refunds that nobody asked the hub for, and refunds that come back: the books agree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.billing.entities import AccountKind, LedgerAccount
from core.billing.invoices.entities import Invoice
from core.billing.payments.entities import PaymentRefund
from core.clock import FixedClock
from core.money import Money
from storage.database import SqlDatabase
from tests.services.payments_world import World, build, require_agreement
from tests.support.payments_twin import euros


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def charge_of(world: World, payment_id: str) -> str:
    return world.row(payment_id).provider_id or ""


def balance(world: World, kind: AccountKind) -> int:
    return sum(row.balance for row in world.rows(LedgerAccount) if row.kind == kind) // 10_000


def tax_of_invoices(world: World) -> int:
    """Cents that the tax office is owed by the invoices."""
    signs = {"credit_note": -1}
    rows = [row for row in world.rows(Invoice) if row.status in ("paid", "credit_note")]
    return sum(signs.get(row.kind, 1) * row.tax_micros for row in rows) // 10_000


def refund(world: World, amount: str) -> PaymentRefund:
    token = world.payments.refundable(world.owner).token
    (made,) = world.payments.refund(world.owner, amount, token, why="a number was cancelled")
    world.jobs.drain()
    (row,) = [row for row in world.rows(PaymentRefund) if row.id == made]
    return row


def require_books(world: World) -> None:
    require_agreement(world)
    assert balance(world, AccountKind.VAT) == tax_of_invoices(world)
    assert world.agreement().provider == world.provider.charged


@pytest.mark.parametrize("cents", [1, 2, 3, 5000, 9999, 11899, 11901, 12376])
def test_a_refund_at_the_providers_desk_is_booked_whatever_its_sum(
    world: World, cents: int
) -> None:
    world.card()
    done = world.topped_up("100")
    world.deliver()
    world.provider.refund_at_desk(charge_of(world, done.id), euros(cents))
    world.deliver()
    (row,) = world.rows(PaymentRefund)
    assert (row.status, row.actor, row.gross // 10_000) == ("succeeded", "provider", cents)
    assert world.payments.payment(world.owner, done.id).refunded.minor == cents
    assert world.credit()[0] == 10000 - row.net // 10_000
    assert "on their way back" in world.subjects()[-1]
    require_books(world)


def test_a_refund_at_the_desk_is_told_by_every_webhook_and_booked_once(world: World) -> None:
    world.card()
    done = world.topped_up("100")
    world.provider.refund_at_desk(charge_of(world, done.id), euros(4000))
    for event in [*reversed(world.provider.events), *world.provider.events]:
        world.payments.take_webhook(*world.provider.signed(event))
        world.jobs.drain()
    assert len(world.rows(PaymentRefund)) == 1
    require_books(world)


def test_spent_credit_that_goes_back_at_the_desk_is_owed(world: World) -> None:
    world.card()
    done = world.topped_up("100")
    world.spend("80")
    world.provider.refund_at_desk(charge_of(world, done.id), done.gross)
    world.deliver()
    assert world.credit() == (-8000, 0)
    require_books(world)


def test_a_plan_that_is_given_back_at_the_desk_gets_a_credit_note_and_stays_paid(
    world: World,
) -> None:
    world.card()
    invoice = world.invoice()
    world.jobs.drain()
    (paid,) = world.payments.payments(world.owner)
    world.provider.refund_at_desk(charge_of(world, paid.id), euros(11900))
    world.deliver()
    statuses = {row.id: row.status for row in world.rows(Invoice)}
    assert statuses[invoice.id] == "paid"
    assert sorted(statuses.values()) == ["credit_note", "paid"]
    assert balance(world, AccountKind.SALES) == 40000
    require_books(world)


def test_the_hubs_own_refund_is_not_booked_again_by_its_webhooks(world: World) -> None:
    world.card()
    world.topped_up("100")
    world.provider.lose_answer_next()
    refund(world, "60")
    world.deliver()
    assert len(world.rows(PaymentRefund)) == 1
    assert world.credit() == (4000, 0)
    require_books(world)


@pytest.mark.parametrize("amount", ["100", "33.33", "0.50"])
def test_a_refund_that_comes_back_weeks_later_is_credit_again(world: World, amount: str) -> None:
    world.card()
    world.topped_up("100")
    back = refund(world, amount)
    require_books(world)
    world.provider.finish_refund(back.provider_id or "", succeeded=False)
    world.deliver()
    (after,) = world.rows(PaymentRefund)
    assert after.status == "failed"
    assert world.credit() == (10000, 0)
    kinds = sorted((row.kind, row.status) for row in world.rows(Invoice))
    assert kinds == [("credit_note", "credit_note"), ("top_up", "paid"), ("top_up", "paid")]
    assert any("could not be paid out" in subject for subject in world.subjects())
    require_books(world)


def test_what_is_offered_is_what_the_cards_get_back(world: World, clock: FixedClock) -> None:
    first, second = world.card(last4="4242"), world.card(last4="1881")
    world.topped_up("100", first)
    clock.advance(timedelta(days=1))
    world.topped_up("50", second)
    world.spend("20")
    offer = world.payments.refundable(world.owner)
    assert (offer.most.minor, [card.last4 for card in offer.cards]) == (13000, ["1881", "4242"])
    charged = world.provider.charged
    world.payments.refund(world.owner, "130", offer.token, why="the client has left")
    world.jobs.drain()
    back = world.payments.refunds(world.owner)
    assert {each.status for each in back} == {"succeeded"}
    assert sum(each.gross.micros for each in back) == offer.gross.micros
    assert charged - world.provider.charged == offer.gross.micros
    assert world.payments.refundable(world.owner).cards == ()
    require_books(world)


def test_no_more_is_offered_at_once_than_a_refund_may_be(world: World) -> None:
    most = world.payments.room.settings.top_up_most
    world.card()
    for _ in range(2):
        world.topped_up(str(most))
    offer = world.payments.refundable(world.owner)
    assert offer.most == Money.of(most, "EUR")
    world.payments.refund(world.owner, str(most), offer.token, why="the client has left")
    assert world.payments.refundable(world.owner).most == Money.of(most, "EUR")


def test_what_came_back_can_be_refunded_again(world: World) -> None:
    world.card()
    world.topped_up("100")
    back = refund(world, "100")
    world.provider.finish_refund(back.provider_id or "", succeeded=False)
    world.deliver()
    again = refund(world, "100")
    assert again.status == "succeeded"
    assert world.credit() == (0, 0)
    assert world.payments.refundable(world.owner).most == Money(0, "EUR")
    require_books(world)


def test_a_refund_at_the_desk_may_come_back_too(world: World) -> None:
    world.card()
    done = world.topped_up("100")
    made = world.provider.refund_at_desk(charge_of(world, done.id), done.gross)
    world.deliver()
    require_books(world)
    world.provider.finish_refund(made.id, succeeded=False)
    world.deliver()
    assert world.credit() == (10000, 0)
    assert world.payments.payment(world.owner, done.id).refunded.micros == 0
    require_books(world)


def test_a_dispute_lost_after_a_part_went_back_is_booked_to_the_cent(world: World) -> None:
    """0.50 and the rest both have half a cent of tax: together one cent more than was charged."""
    world.card()
    done = world.topped_up("100")
    refund(world, "0.50")
    world.deliver()
    charge = charge_of(world, done.id)
    world.provider.dispute(charge)
    world.provider.close_dispute(charge, won=False)
    world.deliver()
    assert world.payments.payment(world.owner, done.id).dispute == "lost"
    assert world.agreement().provider == 0
    require_agreement(world)
    assert balance(world, AccountKind.VAT) == tax_of_invoices(world) == 0
