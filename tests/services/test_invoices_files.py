"""Every kind of invoice, from its rows to the real file: the same bytes each time."""

from __future__ import annotations

import pytest

from core.billing.entities import AccountKind, EntryKind
from core.billing.invoices.details import DetailsForm
from core.billing.invoices.document import InvoiceDocument
from core.billing.invoices.documents import document_of
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import existing, lines_of
from core.billing.invoices.month_facts import Span
from core.billing.invoices.rendering import render
from core.billing.ledger import Ledger, Movement
from core.clock import FixedClock
from core.money import Money
from storage.database import SqlDatabase
from tests.services.invoices_world import ALL, World, build, eur


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def document(world: World, invoice: Invoice) -> InvoiceDocument:
    with world.database.reading(ALL) as session:
        row, lines = existing(session, invoice.id), lines_of(session, invoice.id)
    return document_of(row, lines, world.invoices.issuing.terms.brand)


def closing(world: World) -> Invoice:
    """A month with usage beyond the credit."""
    with world.database.transaction(ALL) as session:
        ledger = Ledger(session, world.clock)
        ledger.top_up(world.payer, eur("10"), "t")
        used = Movement(
            key="u",
            kind=EntryKind.USAGE,
            payer=world.payer,
            debit=AccountKind.CREDIT,
            credit=AccountKind.USAGE,
            amount=Money(12_345_678, "EUR"),
        )
        ledger.post([used])
    world.pass_days(10)
    month = Span(2026, 11)
    issued = world.invoices.month_end.close_month(world.payer, "EUR", month)
    assert issued is not None
    return issued


def test_each_kind_becomes_a_file_that_is_always_the_same(world: World) -> None:
    top_up, plan = world.top_up("100", "t1", terms="Charged to Visa ending in 4242."), world.plan()
    note = world.act(lambda s: world.invoices.changing.credit(s, plan.id, "c", "Wrong plan €"))
    of_month = closing(world)
    for invoice in (top_up, plan, note, of_month):
        made = document(world, invoice)
        assert made.number == invoice.number
        assert made.totals.gross.micros == invoice.gross_micros
        file = render(made)
        assert file.startswith(b"%PDF-")
        # Payment, void and dunning change the row, never the file.
        if invoice is of_month:
            world.act(lambda s: world.invoices.changing.mark_paid(s, of_month.id, "p"))
        assert render(document(world, invoice)) == file


def test_a_closing_prints_the_months_identity(world: World) -> None:
    made = document(world, closing(world))
    assert made.identity is not None
    told = (made.identity.added, made.identity.used, made.identity.end)
    assert told == (eur("10"), eur("12.35"), eur("-2.35"))
    assert made.period is not None
    assert (str(made.period.first), str(made.period.last)) == ("2026-11-01", "2026-11-30")
    # 2.35 of overdraft, 0.09 of fee, 19 %.
    assert made.totals.payable == eur("2.90")


def test_a_party_with_a_hostile_name_gets_its_file(world: World) -> None:
    form = DetailsForm(
        legal_name="<script>Ω مرحبا 👩‍👩‍👧 \u202eevil" + "x" * 100,
        email="a@b.example",
        address="1 Way\n2nd",
        postal_code="1",
        city="São",
        country="BR",
    )
    world.invoices.save_details(world.who, form)
    assert render(document(world, world.top_up("1", "t"))).startswith(b"%PDF-")
