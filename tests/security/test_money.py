"""The guards around money; each is in the register, switched off once, and missed here."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.access import Principal
from core.billing.invoices.entities import Invoice
from core.billing.ledger import InsufficientCredit, Ledger
from core.billing.payments.entities import Payment, ProviderWebhook
from core.billing.payments.port import BadSignature
from core.clock import FixedClock
from core.errors import Conflict, Forbidden
from core.gateways.stripe_events import verified_event
from core.money import Money
from core.partners.entities import Partner, Role
from core.ports import Tenant
from storage.database import SqlDatabase
from tests.factories import make_principal
from tests.services.payments_world import ALL, BACK, World, build, require_agreement

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "whsec_of_this_test"
EVENT = json.dumps(
    {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}
).encode()


@pytest.fixture
def world(database: SqlDatabase) -> World:
    return build(database, FixedClock(NOW))


def signature(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    """As the provider signs."""
    moment = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={digest.hexdigest()}"


def test_a_webhook_is_the_providers_byte_for_byte() -> None:
    assert verified_event(EVENT, signature(EVENT), SECRET, NOW).id == "evt_1"
    forged = [
        (EVENT.replace(b"pi_1", b"pi_2"), signature(EVENT)),
        (EVENT, signature(EVENT, secret="whsec_another")),
        # The same JSON in other bytes is another message.
        (json.dumps(json.loads(EVENT), indent=1).encode(), signature(EVENT)),
        (EVENT, f"t={int(NOW.timestamp())},v1=00"),
    ]
    for body, signed in forged:
        with pytest.raises(BadSignature):
            verified_event(body, signed, SECRET, NOW)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_a_webhook_that_was_kept_is_not_taken_later(minutes: int) -> None:
    then = NOW - timedelta(minutes=minutes)
    with pytest.raises(BadSignature):
        verified_event(EVENT, signature(EVENT, then), SECRET, NOW)


def test_a_webhook_told_twice_is_kept_once(world: World) -> None:
    world.card()
    body, signed = world.provider.signed(world.provider.events[-1])
    assert world.payments.take_webhook(body, signed)
    assert not world.payments.take_webhook(body, signed)
    assert len(world.rows(ProviderWebhook)) == 1


def test_a_charge_whose_answer_was_lost_is_asked_for_under_its_own_key(world: World) -> None:
    world.card()
    world.provider.lose_answer_next(3)
    done = world.topped_up("100")
    for _ in range(3):
        world.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
        world.jobs.tick("payments_reconcile")
    assert world.provider.times_charged(done.id) == 1
    assert {charge.reference for charge in world.provider.charges.values()} == {done.id}
    assert len(world.provider.charges) == 1
    require_agreement(world)


def test_two_spenders_never_have_the_same_cent(world: World) -> None:
    world.card()
    world.topped_up("100")
    with pytest.raises(InsufficientCredit):
        spend_sixty_twice(world)
    assert world.credit() == (10000, 0)


def spend_sixty_twice(world: World) -> None:
    with world.database.transaction(Tenant(world.payer.partner_id)) as session:
        ledger = Ledger(session, world.clock)
        for number in range(2):
            ledger.spend(world.payer, Money.of("60", "EUR"), f"fee:{number}")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET micros = 1",
        "DELETE FROM ledger_entry",
        "UPDATE invoice_line SET net_micros = 1",
        "DELETE FROM invoice_line",
    ],
)
def test_what_was_booked_and_invoiced_stays(world: World, change: str) -> None:
    world.card()
    world.topped_up("100")
    with pytest.raises(DBAPIError), world.database.transaction(ALL) as session:
        session.connection().execute(text(change))
    require_agreement(world)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE invoice SET gross_micros = 1",
        "UPDATE invoice SET number = 'x'",
        "DELETE FROM invoice",
    ],
)
def test_the_figures_of_an_invoice_stay(world: World, change: str) -> None:
    world.card()
    world.topped_up("100")
    with pytest.raises(DBAPIError), world.database.transaction(ALL) as session:
        session.connection().execute(text(change))
    assert [row.gross_micros // 10_000 for row in world.rows(Invoice)] == [12376]


def test_a_quote_that_was_changed_in_the_page_charges_nothing(world: World) -> None:
    card = world.card()
    quote = world.payments.quote_top_up(world.owner, "100")
    nothing = Money(0, "EUR")
    for forged in (
        replace(quote, net=Money.of("1", "EUR")),
        replace(quote, fee=nothing, tax=nothing),
        replace(quote, token=quote.token.replace(":0", ":7")),
    ):
        with pytest.raises(Conflict) as refusal:
            world.payments.top_up(world.owner, "100", card.id, forged)
        assert refusal.value.code == "quote_changed"
        world.jobs.drain()
    assert world.rows(Payment) == []
    assert world.provider.charged == 0


def test_only_owners_touch_money(world: World) -> None:
    card = world.card()
    quote = world.payments.quote_top_up(world.owner, "100")
    with world.database.transaction(ALL) as session:
        partner = session.get_one(Partner, world.payer.partner_id)
        member: Principal = make_principal(
            session, partner, clock=world.clock, role=Role.MEMBER.value
        )
    for act in (
        lambda: world.payments.cards(member),
        lambda: world.payments.add_card(member, BACK),
        lambda: world.payments.remove_card(member, card.id),
        lambda: world.payments.top_up(member, "100", card.id, quote),
        lambda: world.payments.refund(member, "1", "", why="x"),
        lambda: world.renewals.pause(member),
    ):
        with pytest.raises(Forbidden):
            act()
    assert world.rows(Payment) == []
