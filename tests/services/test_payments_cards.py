"""Cards: entered on the provider's page, one primary, the last one kept, expiry told once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.billing.payments.entities import Card, PaymentCustomer
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from storage.database import SqlDatabase
from tests import factories
from tests.services.payments_world import ALL, BACK, World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def test_the_first_card_becomes_primary_and_the_others_follow(world: World) -> None:
    first, second = world.card(), world.card()
    assert [(c.id, c.is_primary) for c in world.payments.cards(world.owner)] == [
        (first.id, True),
        (second.id, False),
    ]
    world.payments.make_primary(world.owner, second.id)
    assert [c.id for c in world.payments.cards(world.owner)] == [second.id, first.id]
    assert world.told("card_added", "card_made_primary") == [
        "card_added",
        "card_added",
        "card_made_primary",
    ]


def test_return_page_webhook_and_reconciler_bring_it_in_once(world: World) -> None:
    world.card()
    world.deliver()
    world.deliver()
    world.jobs.tick("payments_reconcile")
    assert len(world.rows(Card)) == 1


def test_a_browser_that_never_comes_back_loses_no_card(world: World, clock: FixedClock) -> None:
    world.payments.add_card(world.owner, BACK)
    world.provider.fill_card_page(list(world.provider.pages)[-1])
    clock.advance(timedelta(minutes=1))
    world.jobs.tick("payments_reconcile")
    assert len(world.payments.cards(world.owner)) == 1


def test_a_page_that_was_left_adds_nothing(world: World, clock: FixedClock) -> None:
    world.payments.add_card(world.owner, BACK)
    _, back = world.provider._offered[list(world.provider.pages)[-1]]
    visit = back.rpartition("visit=")[2]
    assert world.payments.card_entered(world.owner, visit) is None
    clock.advance(timedelta(hours=26))
    world.jobs.tick("payments_reconcile")
    assert world.jobs.tick("payments_reconcile") == 0


def test_the_same_number_twice_is_one_card_with_the_later_expiry(world: World) -> None:
    first = world.card(fingerprint="same", last4="4242", exp_year=2027)
    again = world.card(fingerprint="same", last4="4242", exp_year=2031)
    assert (again.id, again.exp_year) == (first.id, 2031)
    world.jobs.drain()
    assert len(world.provider.cards(next(iter(world.provider.customers)))) == 1
    assert world.topped_up().status == "succeeded"


def test_a_lost_answer_makes_no_second_customer(world: World) -> None:
    world.provider.lose_answer_next()
    with pytest.raises(Unavailable):
        world.payments.add_card(world.owner, BACK)
    world.payments.add_card(world.other_owner, BACK)
    assert len(world.provider.customers) == len(world.rows(PaymentCustomer)) == 1


def test_a_removed_card_is_forgotten_everywhere_and_the_next_one_is_primary(world: World) -> None:
    first, second = world.card(), world.card()
    world.payments.remove_card(world.owner, first.id)
    world.jobs.drain()
    world.deliver()
    (left,) = world.payments.cards(world.owner)
    assert (left.id, left.is_primary) == (second.id, True)
    assert world.told("card_removed") == ["card_removed"]
    assert len(world.provider.cards(next(iter(world.provider.customers)))) == 1


def test_a_card_removed_at_the_provider_is_removed_here(world: World) -> None:
    world.card()
    (row,) = world.rows(Card)
    world.provider.forget_card(row.provider_id)
    world.deliver()
    assert world.payments.cards(world.owner) == []


def test_a_card_with_a_payment_under_way_stays(world: World) -> None:
    card = world.card()
    world.card()
    world.top_up("100", card)
    with pytest.raises(Conflict) as refusal:
        world.payments.remove_card(world.owner, card.id)
    assert refusal.value.code == "card_in_use"


def test_the_last_card_stays_while_an_invoice_is_unpaid(world: World) -> None:
    card = world.card()
    world.invoice()
    with pytest.raises(Conflict) as refusal:
        world.payments.remove_card(world.owner, card.id)
    assert refusal.value.code == "last_card_needed"
    assert refusal.value.about["by"] == ["unpaid_invoices"]


def test_expiry_is_told_once_thirty_days_before(world: World, clock: FixedClock) -> None:
    world.card(exp_year=2026, exp_month=12)  # good until the end of 2026
    assert world.jobs.tick("cards_expiring") == 0
    clock.advance(timedelta(days=10))
    assert world.jobs.tick("cards_expiring") == 1
    world.jobs.drain()
    assert world.jobs.tick("cards_expiring") == 0
    assert world.payments.cards(world.owner)[0].expires_soon
    assert world.told("card_expiring") == ["card_expiring"]
    assert len([s for s in world.subjects() if "expires soon" in s]) == 2


def test_an_expired_card_is_refused_by_name(world: World, clock: FixedClock) -> None:
    card = world.card(exp_year=2026, exp_month=11)
    clock.advance(timedelta(days=9))
    quote = world.payments.quote_top_up(world.owner, "100")
    with pytest.raises(Conflict) as refusal:
        world.payments.top_up(world.owner, "100", card.id, quote)
    assert refusal.value.code == "card_expired"


def test_the_provider_sends_the_browser_back_to_the_hub_only(world: World) -> None:
    for url in ("https://evil.example/x", "https://hub.test.evil.example/", "//hub.test", ""):
        with pytest.raises(InvalidInput):
            world.payments.add_card(world.owner, url)


def test_strangers_and_members_are_refused(world: World) -> None:
    card = world.card()
    with world.database.transaction(ALL) as session:
        stranger = factories.make_principal(session, factories.make_partner(session))
        partner = factories.make_partner(session)
        member = factories.make_principal(session, partner, role="member")
    for act in (world.payments.make_primary, world.payments.remove_card):
        with pytest.raises(NotFound):
            act(stranger, card.id)
        with pytest.raises(Forbidden):
            act(member, card.id)
    assert world.payments.cards(stranger) == []


def test_each_client_that_pays_itself_has_cards_of_its_own(world: World) -> None:
    world.card()
    with world.database.transaction(ALL) as session:
        partner = session.get_one(factories.Partner, world.payer.partner_id)
        client = factories.make_client(session, partner)
    world.payments.add_card(world.owner, BACK, client_id=client.id)
    world.provider.fill_card_page(list(world.provider.pages)[-1])
    world.deliver()
    assert len(world.payments.cards(world.owner, client_id=client.id)) == 1
    assert len(world.payments.cards(world.owner)) == 1


def test_a_customer_that_the_provider_has_lost_is_made_anew(world: World) -> None:
    world.card()
    [before] = world.rows(PaymentCustomer)
    world.provider.customers.clear()
    assert world.payments.add_card(world.owner, BACK).startswith("https://")
    [after] = world.rows(PaymentCustomer)
    assert after.provider_id in world.provider.customers
    assert after.provider_id != before.provider_id
