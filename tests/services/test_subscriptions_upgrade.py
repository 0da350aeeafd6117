"""To Premium: what was shown is what is charged and invoiced, once, whoever clicks where."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from core.access import Principal
from core.billing.invoices.details import DetailsForm
from core.billing.payments.entities import Payment
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.money import Money
from core.subscriptions.entities import PlanPrice
from core.subscriptions.states import PlanName, UpgradeStatus
from core.subscriptions.views import UpgradeQuote
from storage.database import SqlDatabase
from tests.services.subscriptions_world import ALL, World, build, require_agreement

MOVED = DetailsForm(
    legal_name="Acme Ltd",
    email="money@acme.example",
    address="1 High Street",
    postal_code="N1 1AA",
    city="London",
    country="GB",
)
JUNE = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(JUNE)


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    """On Growth since the first of June, paid by card."""
    world = build(database, clock)
    world.card()
    world.tick()
    world.go_to(2026, 6, 16, 12)
    return world


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def refusal(world: World, token: str, card_id: str, who: object = None) -> str:
    with pytest.raises(Conflict) as refused:
        world.subscriptions.upgrade(who or world.owner, token, card_id)  # type: ignore[arg-type]
    return refused.value.code


def test_on_16_june_the_upgrade_costs_half_the_difference_and_vat(world: World) -> None:
    quote = world.quote()
    assert (quote.days_left, quote.days_of_period) == (15, 30)
    (line,) = quote.lines
    assert line.description == "Upgrade from Growth to Premium"
    assert line.detail == "16 June 2026 to 30 June 2026, 15 of 30 days"
    assert (quote.net, quote.tax, quote.gross) == (eur("250"), eur("47.50"), eur("297.50"))
    assert quote.card is not None
    assert quote.card.is_primary
    assert quote.next_invoice.on.isoformat() == "2026-07-01"
    assert quote.next_invoice.net == eur("1000")


def test_what_was_shown_is_charged_invoiced_and_the_plan_at_once(world: World) -> None:
    before = world.provider.charged
    quote = world.quote()
    done = world.upgrade(quote)
    assert done.status is UpgradeStatus.DONE
    assert world.provider.charged - before == quote.gross.micros
    invoice = world.invoices()[-1]
    assert (invoice.id, invoice.number) == (done.invoice_id, done.invoice_number)
    assert (invoice.kind, invoice.status, invoice.payable_micros) == ("plan", "paid", 0)
    assert invoice.gross_micros == quote.gross.micros
    assert world.lines(invoice.id) == [
        (line.description, line.detail, line.net.minor) for line in quote.lines
    ]
    seen = world.subscriptions.overview(world.owner)
    assert (seen.plan, seen.open_change) == (PlanName.PREMIUM, None)
    assert world.told()[-4:].count("plan_changed") == 1
    assert "You are on Premium now" in world.subjects()
    require_agreement(world)


def test_a_declined_card_changes_nothing(world: World) -> None:
    bad = world.card(always="insufficient_funds")
    before = world.bill()
    failed = world.upgrade(card=bad)
    assert (failed.status, failed.decline_code) == (UpgradeStatus.DECLINED, "insufficient_funds")
    assert world.subscriptions.overview(world.owner).plan is PlanName.GROWTH
    assert world.bill() == before
    assert "upgrade_failed" in world.told()
    assert world.upgrade().status is UpgradeStatus.DONE
    require_agreement(world)


def test_only_the_chosen_card_is_charged(world: World) -> None:
    bad = world.card(always="generic_decline")
    world.upgrade(card=bad)
    payment = world.rows(Payment)[-1]
    assert (payment.cards_left, payment.cards_tried) == ([], [bad.id])


def test_a_cardholder_is_asked_and_the_plan_waits_for_the_answer(world: World) -> None:
    card = world.card(asks=True)
    begun = world.upgrade(card=card)
    assert begun.status is UpgradeStatus.ACTION_REQUIRED
    assert world.subscriptions.overview(world.owner).plan is PlanName.GROWTH
    with pytest.raises(Conflict, match="upgrade_under_way"):
        world.quote()
    url = world.billing.payments.confirm(world.owner, begun.payment_id)
    world.provider.approve(url.rpartition("/")[2])
    world.billing.payments.look_again(world.owner, begun.payment_id)
    assert world.subscriptions.upgrade_state(world.owner, begun.id).status is UpgradeStatus.DONE
    require_agreement(world)


def test_who_does_not_confirm_is_not_charged_and_may_begin_anew(world: World) -> None:
    begun = world.upgrade(card=world.card(asks=True))
    given_up = world.subscriptions.give_up_upgrade(world.owner, begun.id)
    assert given_up.status is UpgradeStatus.WITHDRAWN
    assert world.upgrade().status is UpgradeStatus.DONE


def test_a_double_click_is_one_upgrade(world: World) -> None:
    quote = world.quote()
    assert quote.card is not None
    first = world.subscriptions.upgrade(world.owner, quote.token, quote.card.id)
    again = world.subscriptions.upgrade(world.owner, quote.token, quote.card.id)
    assert first.id == again.id
    world.jobs.drain()
    late = world.subscriptions.upgrade(world.owner, quote.token, quote.card.id)
    assert (late.id, late.status) == (first.id, UpgradeStatus.DONE)
    assert world.bill("plan") == [("plan", 50000), ("plan", 25000)]


def test_of_two_tabs_and_two_owners_one_upgrades(world: World) -> None:
    one = world.quote()
    world.pass_time(seconds=5)
    other = world.subscriptions.quote_upgrade(world.other_owner, PlanName.PREMIUM)
    assert one.card is not None
    world.subscriptions.upgrade(world.owner, one.token, one.card.id)
    assert refusal(world, other.token, one.card.id, world.other_owner) == "upgrade_under_way"
    world.jobs.drain()
    assert refusal(world, other.token, one.card.id, world.other_owner) == "already_on_plan"
    assert len(world.invoices("plan")) == 2


def test_a_price_that_changed_meanwhile_is_shown_before_it_is_charged(world: World) -> None:
    quote = world.quote()
    now = world.clock.now()
    price = PlanPrice(
        plan="premium", currency="EUR", monthly_micros=1_100_000_000, effective_from=now
    )
    world.write(lambda session: session.add(price))
    assert quote.card is not None
    assert refusal(world, quote.token, quote.card.id) == "quote_changed"
    assert world.quote().net == eur("300")


def test_details_and_vat_that_changed_meanwhile_are_shown_first(world: World) -> None:
    quote = world.quote()
    world.billing.invoices.save_details(world.owner, MOVED)
    assert quote.card is not None
    assert refusal(world, quote.token, quote.card.id) == "quote_changed"
    fresh = world.quote()
    assert (fresh.tax, fresh.gross) == (eur("0"), eur("250"))
    assert "place of supply" in fresh.tax_note
    done = world.upgrade(fresh)
    (invoice,) = [it for it in world.invoices() if it.id == done.invoice_id]
    assert invoice.buyer_name == "Acme Ltd"
    require_agreement(world)


def test_details_that_change_while_the_charge_runs_do_not_change_its_invoice(world: World) -> None:
    quote = world.quote()
    assert quote.card is not None
    world.subscriptions.upgrade(world.owner, quote.token, quote.card.id)
    world.billing.invoices.save_details(world.owner, MOVED)
    world.jobs.drain()
    assert world.invoices("plan")[-1].gross_micros == quote.gross.micros
    require_agreement(world)


def test_a_quote_is_good_for_a_quarter_of_an_hour_also_over_midnight(world: World) -> None:
    world.go_to(2026, 6, 16, 23, 50)
    quote = world.quote()
    world.go_to(2026, 6, 17, 0, 4)
    done = world.upgrade(quote)
    assert done.gross == quote.gross == eur("297.50")


def test_a_quote_expires(world: World) -> None:
    quote = world.quote()
    world.pass_time(minutes=15)
    assert quote.card is not None
    assert refusal(world, quote.token, quote.card.id) == "quote_expired"


def test_a_quote_of_a_month_that_is_over_is_not_charged(world: World) -> None:
    world.go_to(2026, 6, 30, 23, 55)
    quote = world.quote()
    world.pass_time(minutes=10)
    assert quote.card is not None
    assert refusal(world, quote.token, quote.card.id) == "quote_changed"
    # The month that has just begun costs what it began with, the difference comes on top.
    assert world.quote().net == eur("500")


def test_a_challenge_of_a_month_that_is_over_is_given_up(world: World) -> None:
    begun = world.upgrade(card=world.card(asks=True))
    world.go_to(2026, 7, 1, 0, 1)
    after = world.subscriptions.upgrade_state(world.owner, begun.id)
    assert after.status is UpgradeStatus.WITHDRAWN
    assert world.bill("plan") == [("plan", 50000), ("plan", 50000)]
    require_agreement(world)


def test_a_charge_that_succeeded_over_the_months_turn_counts_and_the_new_month_is_premium(
    world: World,
) -> None:
    world.go_to(2026, 6, 30, 23, 59)
    quote = world.quote()
    assert quote.card is not None
    begun = world.subscriptions.upgrade(world.owner, quote.token, quote.card.id)
    world.pass_time(minutes=2)
    world.jobs.tick("subscriptions")
    assert world.bill("plan") == [("plan", 50000)]  # not before it is known
    world.jobs.drain()
    world.tick()
    assert world.subscriptions.upgrade_state(world.owner, begun.id).status is UpgradeStatus.DONE
    assert world.bill("plan") == [("plan", 50000), ("plan", 1667), ("plan", 100000)]
    require_agreement(world)


def test_a_token_that_was_made_up_is_none(world: World) -> None:
    quote = world.quote()
    assert quote.card is not None
    for token in ("", "x", "premium~now~x", f"premium~2026-06-16T12:00:00~{'0' * 32}"):
        with pytest.raises(InvalidInput):
            world.subscriptions.upgrade(world.owner, token, quote.card.id)
    forged = quote.token[:-1] + ("0" if quote.token[-1] != "0" else "1")
    assert refusal(world, forged, quote.card.id) == "quote_changed"
    with pytest.raises(NotFound):
        world.subscriptions.upgrade(world.owner, quote.token, "no-such-card")


def test_another_partners_owner_sees_and_charges_nothing_of_it(world: World) -> None:
    begun = world.upgrade()
    with pytest.raises(NotFound):
        world.subscriptions.upgrade_state(world.stranger, begun.id)
    quote = world.subscriptions.quote_upgrade(world.stranger, PlanName.PREMIUM)
    card = world.billing.payments.cards(world.owner)[0]
    with pytest.raises(NotFound):
        world.subscriptions.upgrade(world.stranger, quote.token, card.id)


def test_whoever_may_not_see_the_money_may_not_upgrade(world: World) -> None:
    quote = world.quote()
    member = world.member()
    assert quote.card is not None
    with pytest.raises(Forbidden):
        world.subscriptions.overview(member)
    with pytest.raises(Forbidden):
        world.subscriptions.upgrade(member, quote.token, quote.card.id)


def test_of_owners_who_confirm_at_the_same_moment_one_upgrades(world: World) -> None:
    quotes = []
    for who in (world.owner, world.other_owner):
        quotes.append((who, world.subscriptions.quote_upgrade(who, PlanName.PREMIUM)))
        world.pass_time(seconds=1)
    card = quotes[0][1].card
    assert card is not None
    together = threading.Barrier(len(quotes))

    def confirm(who: Principal, quote: UpgradeQuote) -> str:
        together.wait(timeout=30)
        try:
            return world.subscriptions.upgrade(who, quote.token, card.id).status
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(len(quotes)) as pool:
        told = list(pool.map(lambda each: confirm(*each), quotes))
    assert sorted(told) == ["charging", "upgrade_under_way"]
    world.jobs.drain()
    assert world.bill("plan") == [("plan", 50000), ("plan", 25000)]
    require_agreement(world)


def test_a_disputed_upgrade_is_answered_by_a_credit_note(world: World) -> None:
    done = world.upgrade()
    (payment,) = [it for it in world.rows(Payment) if it.id == done.payment_id]
    world.provider.dispute(payment.provider_id)
    world.provider.close_dispute(payment.provider_id, won=False)
    world.deliver()
    kinds = [it.kind for it in world.invoices()]
    assert kinds == ["plan", "plan", "credit_note"]
    with world.database.reading(ALL) as session:
        assert world.billing.payments.agreement_of(session, world.partner_id).holds


def test_what_the_provider_gives_back_of_an_upgrade_is_in_the_books(world: World) -> None:
    done = world.upgrade()
    (payment,) = [it for it in world.rows(Payment) if it.id == done.payment_id]
    world.provider.refund_at_desk(payment.provider_id, eur("119"))
    world.deliver()
    assert world.invoices("credit_note")[0].gross_micros == eur("119").micros
    with world.database.reading(ALL) as session:
        assert world.billing.payments.agreement_of(session, world.partner_id).holds
