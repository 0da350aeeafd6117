"""Top-ups: quoted, charged once, settled by whoever hears first; bad input charges nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.billing.invoices.entities import Invoice
from core.billing.payments.entities import Payment
from core.billing.payments.states import PaymentStatus
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound
from storage.database import SqlDatabase
from tests import factories
from tests.services.payments_world import ALL, World, build, require_agreement


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def test_what_is_quoted_is_charged_and_invoiced(world: World) -> None:
    world.card()
    quote = world.payments.quote_top_up(world.owner, "100")
    assert (quote.net.minor, quote.fee.minor, quote.tax.minor) == (10000, 400, 1976)
    done = world.topped_up("100")
    assert (done.status, done.gross.minor) == (PaymentStatus.SUCCEEDED, 12376)
    assert world.provider.charged == quote.gross.micros
    assert world.credit() == (10000, 0)
    (invoice,) = world.rows(Invoice)
    assert (invoice.status, invoice.gross_micros) == ("paid", quote.gross.micros)
    assert done.invoice_id == invoice.id
    require_agreement(world)


def test_it_is_told_in_this_order_and_mailed_once(world: World) -> None:
    world.card()
    world.topped_up()
    world.deliver()
    assert world.told("top_up_started", "top_up_settled", "invoice_issued", "balance_changed") == [
        "top_up_started",
        "invoice_issued",
        "top_up_settled",
        "balance_changed",
    ]
    assert world.subjects().count("€100.00 credit added") == 2  # both owners


def test_between_click_and_answer_the_amount_is_pending(world: World) -> None:
    world.card()
    begun = world.top_up("50")
    assert begun.status is PaymentStatus.CREATED
    assert world.credit() == (0, 5000)
    require_agreement(world)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "amount_not_a_number"),
        ("0", "amount_not_positive"),
        ("-5", "amount_not_positive"),
        ("-0", "amount_not_positive"),
        ("9.99", "amount_too_small"),
        ("50000.01", "amount_too_large"),
        ("9223372036854775808", "amount_too_large"),
        ("10.001", "amount_finer_than_cents"),
        ("1.000,00", "amount_not_a_number"),
        ("1e5", "amount_not_a_number"),
        ("0x10", "amount_not_a_number"),
        ("NaN", "amount_not_a_number"),
        ("inf", "amount_not_a_number"),
        ("١٢٣", "amount_not_a_number"),
        ("100 USD", "amount_foreign_currency"),
        ("'; DROP TABLE partner;--", "amount_foreign_currency"),
    ],
)
def test_a_bad_amount_is_refused_by_name_and_charges_nothing(
    world: World, amount: str, code: str
) -> None:
    world.card()
    with pytest.raises(InvalidInput) as refusal:
        world.payments.quote_top_up(world.owner, amount)
    assert (refusal.value.code, refusal.value.about["field"]) == (code, "amount")
    assert world.provider.charges == {}


def test_an_amount_may_carry_its_own_currency(world: World) -> None:
    assert world.payments.quote_top_up(world.owner, " 10.50 EUR").net.minor == 1050


def test_an_amount_changed_in_the_page_is_refused(world: World) -> None:
    card = world.card()
    quote = world.payments.quote_top_up(world.owner, "100")
    with pytest.raises(Conflict) as refusal:
        world.payments.top_up(world.owner, "1000", card.id, quote)
    assert refusal.value.code == "quote_changed"
    assert world.rows(Payment) == []


def test_a_double_click_two_tabs_and_two_owners_are_one_charge(world: World) -> None:
    card = world.card()
    quote = world.payments.quote_top_up(world.owner, "100")
    same = world.payments.quote_top_up(world.other_owner, "100")
    first = world.payments.top_up(world.owner, "100", card.id, quote)
    second = world.payments.top_up(world.owner, "100", card.id, quote)
    world.jobs.drain()
    third = world.payments.top_up(world.other_owner, "100", card.id, same)
    world.jobs.drain()
    assert first.id == second.id == third.id
    assert world.provider.charged == first.gross.micros
    require_agreement(world)


def test_an_older_tab_with_another_amount_is_told_that_a_top_up_was_made(world: World) -> None:
    card = world.card()
    old = world.payments.quote_top_up(world.other_owner, "200")
    world.topped_up("100")
    with pytest.raises(Conflict) as refusal:
        world.payments.top_up(world.other_owner, "200", card.id, old)
    assert refusal.value.code == "top_up_made"


def test_another_top_up_waits_until_the_first_is_known(world: World) -> None:
    card = world.card()
    world.top_up("100")
    quote = world.payments.quote_top_up(world.owner, "100")
    with pytest.raises(Conflict) as refusal:
        world.payments.top_up(world.owner, "100", card.id, quote)
    assert refusal.value.code == "top_up_under_way"
    world.jobs.drain()
    world.payments.top_up(world.owner, "100", card.id, quote)
    world.jobs.drain()
    assert world.credit() == (20000, 0)


@pytest.mark.parametrize(
    "code", ["insufficient_funds", "lost_card", "expired_card", "incorrect_cvc", "generic_decline"]
)
def test_a_decline_leaves_nothing_and_says_why(world: World, code: str) -> None:
    world.card()
    world.provider.decline_next(code)
    failed = world.topped_up()
    assert (failed.status, failed.decline_code) == (PaymentStatus.DECLINED, code)
    assert world.credit() == (0, 0)
    assert (world.provider.charged, world.rows(Invoice)) == (0, [])
    assert world.told("top_up_failed") == ["top_up_failed"]
    assert world.topped_up().status is PaymentStatus.SUCCEEDED, "the next one is free to go"
    require_agreement(world)


def test_a_declined_charge_can_never_be_charged_later(world: World) -> None:
    world.card()
    world.provider.decline_next()
    failed = world.row(world.topped_up().id)
    assert failed.provider_id is not None
    assert world.provider.charges[failed.provider_id].status == "cancelled"


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_answer_is_unknown_and_asked_again_with_the_same_key(
    world: World, lost: int
) -> None:
    world.card()
    world.provider.lose_answer_next(lost)
    done = world.topped_up()
    assert done.status is PaymentStatus.SUCCEEDED
    assert world.provider.times_charged(done.id) == 1
    require_agreement(world)


def test_while_the_provider_is_gone_it_is_pending_and_then_settled(
    world: World, clock: FixedClock
) -> None:
    world.card()
    world.provider.fail_before_next(50)
    waiting = world.topped_up()
    assert waiting.status is PaymentStatus.UNKNOWN
    assert world.credit() == (0, 10000)
    world.provider.heal()
    clock.advance(timedelta(minutes=1))
    assert world.jobs.tick("payments_reconcile") == 1
    assert world.payments.payment(world.owner, waiting.id).status is PaymentStatus.SUCCEEDED
    require_agreement(world)


def test_a_charge_lost_for_a_day_is_looked_for_and_never_begun_again(
    world: World, clock: FixedClock
) -> None:
    world.card()
    begun = world.top_up()
    clock.advance(timedelta(hours=25))
    world.jobs.drain()
    assert world.payments.payment(world.owner, begun.id).status is PaymentStatus.CANCELLED
    assert (world.provider.charges, world.credit()) == ({}, (0, 0))


def test_a_charge_whose_answer_was_lost_for_a_day_is_found(world: World, clock: FixedClock) -> None:
    world.card()
    begun = world.top_up()
    world.provider.lose_answer_next()
    with pytest.raises(HubError):
        _charge_once(world, begun.id)
    clock.advance(timedelta(hours=25))
    world.jobs.drain()
    assert world.payments.payment(world.owner, begun.id).status is PaymentStatus.SUCCEEDED
    assert world.provider.times_charged(begun.id) == 1
    require_agreement(world)


def _charge_once(world: World, payment_id: str) -> None:
    """As a worker that died right after the provider had charged."""
    payment = world.row(payment_id)
    customer = next(iter(world.provider.customers))
    world.provider.charge(
        customer_id=customer,
        card_id=payment.provider_card,
        amount=payment.money(payment.gross),
        reference=payment.id,
        description=f"{payment.purpose} {payment.id}",
        key=f"{payment.id}:1",
    )


def test_the_webhook_may_come_first_last_twice_or_never(world: World) -> None:
    world.card()
    begun = world.top_up()
    world.provider.lose_answer_next()
    with pytest.raises(HubError):
        _charge_once(world, begun.id)
    events = world.provider.events
    for event in [*events, *reversed(events)]:
        world.payments.take_webhook(*world.provider.signed(event))
    world.jobs.drain()
    assert world.credit() == (10000, 0)
    assert len(world.rows(Invoice)) == 1
    assert world.told("top_up_settled") == ["top_up_settled"]
    require_agreement(world)


def test_strong_authentication_is_asked_by_mail_and_in_the_hub(world: World) -> None:
    world.card(asks=True)
    waiting = world.topped_up()
    assert waiting.status is PaymentStatus.ACTION_REQUIRED
    assert world.told("payment_confirmation_needed") == ["payment_confirmation_needed"]
    assert world.mailer.mails[-1].button_url == f"https://hub.test/billing/payments/{waiting.id}"
    assert world.credit() == (0, 10000)
    url = world.payments.confirm(world.owner, waiting.id)
    assert url.startswith("https://pay.test/check/")
    world.provider.approve(url.rpartition("/")[2])
    done = world.payments.look_again(world.owner, waiting.id)
    assert done.status is PaymentStatus.SUCCEEDED
    assert world.payments.confirm(world.owner, waiting.id) == ""
    require_agreement(world)


def test_a_failed_check_declines_and_leaves_nothing(world: World) -> None:
    world.card(asks=True)
    waiting = world.topped_up()
    charge = world.payments.confirm(world.owner, waiting.id).rpartition("/")[2]
    world.provider.fail(charge)
    failed = world.payments.look_again(world.owner, waiting.id)
    assert failed.decline_code == "payment_intent_authentication_failure"
    assert (failed.status, world.credit()) == (PaymentStatus.DECLINED, (0, 0))


def test_a_check_nobody_passes_is_cancelled_in_time(world: World, clock: FixedClock) -> None:
    world.card(asks=True)
    waiting = world.topped_up()
    clock.advance(timedelta(hours=22))
    world.jobs.tick("payments_reconcile")
    assert world.credit() == (0, 10000)
    clock.advance(timedelta(hours=2))
    world.jobs.tick("payments_reconcile")
    after = world.payments.payment(world.owner, waiting.id)
    assert (after.status, world.credit()) == (PaymentStatus.CANCELLED, (0, 0))


def test_an_owner_may_give_up_a_check(world: World) -> None:
    world.card(asks=True)
    waiting = world.topped_up()
    assert world.payments.give_up(world.owner, waiting.id).status is PaymentStatus.CANCELLED
    with pytest.raises(Conflict):
        world.payments.give_up(world.owner, waiting.id)


def test_giving_up_what_was_confirmed_meanwhile_says_so_and_loses_nothing(world: World) -> None:
    world.card(asks=True)
    waiting = world.topped_up()
    world.provider.approve(world.row(waiting.id).provider_id or "")
    with pytest.raises(Conflict) as refusal:
        world.payments.give_up(world.owner, waiting.id)
    assert refusal.value.code == "too_late"
    assert world.credit() == (10000, 0)
    require_agreement(world)


def test_a_charge_in_progress_is_settled_when_it_ends(world: World) -> None:
    world.card()
    world.provider.process_next()
    waiting = world.topped_up()
    assert waiting.status is PaymentStatus.PROCESSING
    world.provider.approve(world.row(waiting.id).provider_id or "")
    world.deliver()
    assert world.payments.payment(world.owner, waiting.id).status is PaymentStatus.SUCCEEDED


def test_members_and_other_partners_are_refused(world: World) -> None:
    card = world.card()
    done = world.topped_up()
    with world.database.transaction(ALL) as session:
        stranger = factories.make_principal(session, factories.make_partner(session))
        partner = factories.make_partner(session)
        member = factories.make_principal(session, partner, role="member")
    with pytest.raises(Forbidden):
        world.payments.quote_top_up(member, "100")
    with pytest.raises(NotFound):
        world.payments.payment(stranger, done.id)
    with pytest.raises(NotFound):
        world.payments.confirm(stranger, done.id)
    quote = world.payments.quote_top_up(stranger, "100")
    with pytest.raises(NotFound):
        world.payments.top_up(stranger, "100", card.id, quote)
    with pytest.raises(NotFound):
        world.payments.quote_top_up(stranger, "100", client_id="abcdefCL")
