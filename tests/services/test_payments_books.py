"""Invoices that are charged, refunds, disputes and the provider's post: the books agree."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from core.billing.entities import AccountKind, LedgerAccount
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.entities import Invoice
from core.billing.invoices.ports import COLLECT_JOB
from core.billing.ledger import InsufficientCredit
from core.billing.payments.entities import PaymentRefund, ProviderWebhook
from core.clock import FixedClock
from core.errors import Conflict, NotFound, Unavailable
from core.hub import Hub
from core.operations.meters import Meters
from storage.database import SqlDatabase
from tests import factories
from tests.services.payments_world import ALL, World, build, require_agreement
from ui.api.stripe_intake import PATH, Taker, install


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def status(world: World, invoice: Invoice) -> str:
    return {row.id: row.status for row in world.rows(Invoice)}[invoice.id]


def take_back(world: World, invoice: Invoice) -> None:
    with world.database.transaction(ALL) as session:
        world.changing.credit(session, invoice.id, f"credit:{invoice.id}", "wrong plan")


def balance(world: World, kind: AccountKind) -> int:
    return sum(row.balance for row in world.rows(LedgerAccount) if row.kind == kind) // 10_000


def test_an_issued_invoice_is_charged_by_itself(world: World) -> None:
    world.card()
    invoice = world.invoice()
    world.jobs.drain()
    assert status(world, invoice) == "paid"
    assert (balance(world, AccountKind.SALES), balance(world, AccountKind.VAT)) == (50000, 9500)
    require_agreement(world)


def test_pay_now_and_dunning_at_once_charge_once(world: World) -> None:
    card = world.card()
    invoice = world.invoice()
    paid = world.payments.pay_invoice(world.owner, invoice.id, card.id)
    with pytest.raises(Conflict) as refusal:
        world.payments.pay_invoice(world.other_owner, invoice.id, card.id)
    assert refusal.value.code == "invoice_payment_under_way"
    world.jobs.drain()
    assert [job.name for job in world.jobs.done].count(COLLECT_JOB) == 1
    assert world.provider.charged == paid.gross.micros
    with pytest.raises(Conflict) as again:
        world.payments.pay_invoice(world.owner, invoice.id, card.id)
    assert again.value.code == "invoice_not_open"
    require_agreement(world)


def test_a_declined_invoice_is_unpaid_and_can_be_paid_with_another_card(world: World) -> None:
    world.card(always="insufficient_funds")
    invoice = world.invoice()
    world.jobs.drain()
    assert status(world, invoice) == "unpaid"
    assert world.told("invoice_payment_failed") == ["invoice_payment_failed"]
    good = world.card()
    world.payments.pay_invoice(world.owner, invoice.id, good.id)
    world.jobs.drain()
    assert status(world, invoice) == "paid"
    require_agreement(world)


def test_collecting_tries_each_card_in_turn(world: World) -> None:
    world.card(always="lost_card")
    world.card()
    invoice = world.invoice()
    world.jobs.drain()
    assert status(world, invoice) == "paid"
    assert len(world.provider.charges) == 1


def test_an_invoice_whose_charge_is_under_way_is_not_taken_back(world: World) -> None:
    card = world.card()
    invoice = world.invoice()
    world.payments.pay_invoice(world.owner, invoice.id, card.id)
    with pytest.raises(Conflict) as refusal:
        take_back(world, invoice)
    assert refusal.value.code == "invoice_payment_under_way"
    world.jobs.drain()
    assert status(world, invoice) == "paid"
    require_agreement(world)


def test_an_invoice_that_was_taken_back_is_not_charged_any_more(world: World) -> None:
    card = world.card(always="insufficient_funds")
    invoice = world.invoice()
    world.jobs.drain()
    take_back(world, invoice)
    good = world.card()
    for used in (card, good):
        with pytest.raises(Conflict) as refusal:
            world.payments.pay_invoice(world.owner, invoice.id, used.id)
        assert refusal.value.code == "invoice_not_open"
    with world.database.transaction(ALL) as session:
        assert not world.changing.charge_again(session, invoice.id)
    assert (status(world, invoice), world.provider.charged) == ("void", 0)
    require_agreement(world)


def test_without_a_card_the_invoice_is_unpaid(world: World) -> None:
    invoice = world.invoice()
    world.jobs.drain()
    assert status(world, invoice) == "unpaid"
    assert world.events("invoice_payment_failed")[0].data["why"] == "no_card"


def test_a_paid_closing_brings_the_credit_back_to_zero(world: World) -> None:
    world.card()
    world.spend("37.50")
    world.invoice(InvoiceKind.CLOSING, "37.50")
    world.jobs.drain()
    assert world.credit() == (0, 0)
    require_agreement(world)


def test_foreign_invoices_are_not_found(world: World) -> None:
    card = world.card()
    invoice = world.invoice()
    with world.database.transaction(ALL) as session:
        stranger = factories.make_principal(session, factories.make_partner(session))
    with pytest.raises(NotFound):
        world.payments.pay_invoice(stranger, invoice.id, card.id)


def refund(world: World, amount: str) -> list[PaymentRefund]:
    token = world.payments.refundable(world.owner).token
    world.payments.refund(world.owner, amount, token, why="the number was cancelled")
    world.jobs.drain()
    return sorted(world.rows(PaymentRefund), key=lambda row: row.token or "")


def test_a_prepaid_rest_goes_back_with_its_tax_and_a_credit_note(world: World) -> None:
    world.card()
    world.topped_up("100")
    world.spend("40")
    assert world.payments.refundable(world.owner).most.minor == 6000
    (back,) = refund(world, "60")
    assert (back.status, back.gross // 10_000) == ("succeeded", 7140)
    assert world.credit() == (0, 0)
    notes = [row for row in world.rows(Invoice) if row.kind == "credit_note"]
    assert [note.gross_micros // 10_000 for note in notes] == [7140]
    assert world.provider.charged == world.agreement().provider == (12376 - 7140) * 10_000
    assert world.told("payment_refunded") == ["payment_refunded"]
    require_agreement(world)


def test_more_than_one_top_up_goes_back_over_several_charges(world: World) -> None:
    world.card()
    world.topped_up("100")
    world.topped_up("50")
    assert sum(row.net // 10_000 for row in refund(world, "120")) == 12000
    assert len(world.provider.refunds) == 2
    assert world.credit() == (3000, 0)
    require_agreement(world)


def test_more_than_the_unspent_credit_never_goes_back(world: World) -> None:
    world.card()
    world.topped_up("100")
    world.spend("40")
    token = world.payments.refundable(world.owner).token
    with pytest.raises(InsufficientCredit):
        world.payments.refund(world.owner, "60.01", token, why="x")
    assert world.rows(PaymentRefund) == []


def test_two_clicks_on_refund_are_one(world: World) -> None:
    world.card()
    world.topped_up("100")
    token = world.payments.refundable(world.owner).token
    world.payments.refund(world.owner, "50", token, why="x")
    with pytest.raises(Conflict) as refusal:
        world.payments.refund(world.other_owner, "50", token, why="x")
    assert refusal.value.code == "refund_made"


def test_a_refund_whose_answer_is_lost_goes_back_once(world: World) -> None:
    world.card()
    world.topped_up("100")
    world.provider.lose_answer_next()
    refund(world, "100")
    assert len(world.provider.refunds) == 1
    require_agreement(world)


@pytest.mark.parametrize("succeeded", [True, False])
def test_a_pending_refund_ends_when_the_provider_says_so(world: World, succeeded: bool) -> None:
    world.card()
    world.topped_up("100")
    world.provider.refund_next("pending")
    (back,) = refund(world, "100")
    assert (back.status, world.credit()) == ("pending", (0, 0))
    world.provider.finish_refund(back.provider_id or "", succeeded=succeeded)
    world.deliver()
    (after,) = world.rows(PaymentRefund)
    assert after.status == ("succeeded" if succeeded else "failed")
    assert world.credit() == ((0, 0) if succeeded else (10000, 0))
    require_agreement(world)


@pytest.mark.parametrize("first", ["opened", "closed"])
def test_a_lost_dispute_leaves_all_books_whatever_is_told_first(world: World, first: str) -> None:
    world.card()
    done = world.topped_up("100")
    world.deliver()
    charge = world.row(done.id).provider_id or ""
    world.provider.dispute(charge)
    world.provider.close_dispute(charge, won=False)
    told = world.provider.events[world.delivered :]
    for event in told if first == "opened" else reversed(told):
        world.payments.take_webhook(*world.provider.signed(event))
        world.jobs.drain()
    after = world.payments.payment(world.owner, done.id)
    assert (after.dispute, after.refunded) == ("lost", done.gross)
    assert world.credit() == (0, 0)
    assert world.agreement().provider == 0
    require_agreement(world)
    assert any("taken back" in subject for subject in world.subjects())


def test_a_won_dispute_changes_nothing(world: World) -> None:
    world.card()
    done = world.topped_up("100")
    charge = world.row(done.id).provider_id or ""
    world.provider.dispute(charge)
    world.deliver()
    assert world.payments.payment(world.owner, done.id).dispute == "open"
    world.provider.close_dispute(charge, won=True)
    world.deliver()
    assert world.credit() == (10000, 0)
    require_agreement(world)


def test_a_disputed_plan_invoice_is_to_be_paid_again(world: World) -> None:
    card = world.card()
    invoice = world.invoice()
    world.jobs.drain()
    (paid,) = world.payments.payments(world.owner)
    charge = world.row(paid.id).provider_id or ""
    world.provider.dispute(charge)
    world.provider.close_dispute(charge, won=False)
    world.deliver()
    assert status(world, invoice) == "unpaid"
    assert balance(world, AccountKind.SALES) == 0
    world.payments.pay_invoice(world.owner, invoice.id, card.id)
    world.jobs.drain()
    assert status(world, invoice) == "paid"
    require_agreement(world)


@pytest.fixture
def provider_posts(world: World) -> httpx.AsyncClient:
    return posting_to(world.payments.take_webhook, Meters())


def posting_to(take: Taker, meters: Meters) -> httpx.AsyncClient:
    """Posts as the provider does, to an application with nothing but the intake."""
    app, hub = FastAPI(), SimpleNamespace(operations=SimpleNamespace(meters=meters))
    install(take)(app, cast(Hub, hub))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test")


def signed(world: World) -> tuple[bytes, dict[str, str]]:
    world.card()
    world.top_up()
    body, signature = world.provider.signed(world.provider.events[-1])
    return body, {"Stripe-Signature": signature}


async def in_thread(act: Any, *args: Any) -> Any:
    """A transaction is never opened on the event loop."""
    return await asyncio.to_thread(act, *args)


async def test_the_intake_keeps_an_event_once_and_answers_200(
    world: World, provider_posts: httpx.AsyncClient
) -> None:
    body, headers = await in_thread(signed, world)
    for _ in range(2):
        assert (await provider_posts.post(PATH, content=body, headers=headers)).status_code == 200
    kept = await in_thread(world.rows, ProviderWebhook)
    assert [row.body for row in kept] == [body]


async def test_the_intake_refuses_what_is_not_the_providers(
    world: World, provider_posts: httpx.AsyncClient
) -> None:
    body, headers = await in_thread(signed, world)
    bad: list[tuple[bytes, dict[str, str]]] = [
        (body + b" ", headers),
        (body, {}),
        (body, {"Stripe-Signature": "t=1,v1=00"}),
        (b"{}", headers),
    ]
    for content, given in bad:
        answer = await provider_posts.post(PATH, content=content, headers=given)
        assert answer.status_code == 401
    assert (await provider_posts.get(PATH)).status_code == 405
    assert await in_thread(world.rows, ProviderWebhook) == []


async def test_the_intake_says_come_back_when_it_cannot_store() -> None:
    def gone(_body: bytes, _signature: str) -> bool:
        raise Unavailable

    meters = Meters()
    async with posting_to(gone, meters) as client:
        answer = await client.post(PATH, content=b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert b'hub_intake_total{source="payments",status="503"} 1.0' in meters.text()
