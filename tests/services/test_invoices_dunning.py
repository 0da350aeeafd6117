"""An invoice that is not paid: charged again by schedule, mailed about, then outbound stops."""

from __future__ import annotations

import pytest

from core.billing.invoices.entities import Invoice
from core.billing.invoices.statuses import InvoiceStatus
from core.clock import FixedClock
from core.events import EventType
from core.partners.entities import Partner
from storage.database import SqlDatabase
from tests.services.invoices_world import ALL, World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def fail(world: World, invoice: Invoice) -> None:
    failed = world.invoices.changing.payment_failed
    world.act(lambda session: failed(session, invoice.id, "insufficient_funds"))
    world.jobs.drain()


def plan_unpaid(world: World) -> bool:
    with world.database.reading(ALL) as session:
        return session.get_one(Partner, world.payer.partner_id).plan_unpaid


def test_it_is_charged_on_the_days_of_the_schedule_then_outbound_stops(world: World) -> None:
    invoice = world.plan()
    world.jobs.drain()
    tried_on = [0]
    fail(world, invoice)
    for day in range(1, 20):
        world.pass_days(1)
        if world.invoices.collecting.charge_due():
            tried_on.append(day)
            assert world.now(invoice).status == InvoiceStatus.PENDING
            assert world.invoices.collecting.charge_due() == 0
            assert world.outbound == []
            fail(world, invoice)
    assert tried_on == [0, 1, 3, 7, 14]
    assert len(world.collected) == 5
    assert world.outbound == [("stop", world.payer)]
    subjects = [mail.subject for mail in world.mailer.mails[1:]]
    assert subjects[:4] == ["Invoice 2026-000001 could not be charged"] * 4
    assert "switched off" in subjects[4]
    assert "November 23, 2026" in world.mailer.mails[1].text
    assert world.told().count(EventType.INVOICE_PAYMENT_FAILED) == 5


def test_payment_brings_everything_back(world: World) -> None:
    invoice = world.plan()
    fail(world, invoice)
    assert plan_unpaid(world)
    world.pass_days(15)
    fail(world, invoice)
    assert world.invoices.invoice(world.who, invoice.id).tries == 0
    world.act(lambda s: world.invoices.changing.mark_paid(s, invoice.id, "p1"))
    assert world.outbound == [("stop", world.payer), ("resume", world.payer)]
    assert not plan_unpaid(world)
    world.pass_days(30)
    assert world.invoices.collecting.charge_due() == 0


def test_another_unpaid_invoice_keeps_outbound_stopped(world: World) -> None:
    invoices = [world.plan(f"plan:{number}") for number in (1, 2)]
    world.pass_days(15)
    for invoice in invoices:
        fail(world, invoice)
    first, second = invoices
    world.act(lambda s: world.invoices.changing.mark_paid(s, first.id, "p1"))
    assert plan_unpaid(world)
    assert [what for what, _ in world.outbound] == ["stop", "stop"]
    world.act(lambda s: world.invoices.changing.credit(s, second.id, "c", "goodwill"))
    assert [what for what, _ in world.outbound] == ["stop", "stop", "resume"]
    assert not plan_unpaid(world)


def test_a_client_that_pays_itself_stops_alone(world: World) -> None:
    invoice = world.plan(payer=world.client)
    world.pass_days(15)
    fail(world, invoice)
    assert world.outbound == [("stop", world.client)]


def test_money_that_the_bank_took_back_is_asked_for_again(world: World) -> None:
    invoice = world.plan()
    world.act(lambda s: world.invoices.changing.mark_paid(s, invoice.id, "p1"))
    fail(world, invoice)
    row = world.now(invoice)
    assert (row.status, row.paid_at, row.payment_id) == ("unpaid", None, "")
    assert world.invoices.invoice(world.who, invoice.id).tries == 4


def test_nobody_is_reminded_of_what_was_paid_meanwhile(world: World) -> None:
    invoice = world.plan()
    world.jobs.drain()
    world.mailer.mails.clear()
    failed = world.invoices.changing.payment_failed
    world.act(lambda session: failed(session, invoice.id, "insufficient_funds"))
    world.act(lambda s: world.invoices.changing.mark_paid(s, invoice.id, "p1"))
    world.jobs.drain()
    assert world.mailer.mails == []
