"""Invoices of every kind and tax case, ready to draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.billing.invoices.document import (
    MONTH,
    DocumentLine,
    Identity,
    InvoiceDocument,
    InvoiceKind,
    Payment,
    Period,
    Preceding,
    simple_line,
    sum_up,
)
from core.billing.invoices.parties import Brand, Party
from core.billing.invoices.tax import Treatment, treatment
from core.money import Money

ISSUED, DUE = date(2026, 11, 1), date(2026, 11, 15)
OCTOBER = Period(first=date(2026, 10, 1), last=date(2026, 10, 31))

SELLER = Party(
    legal_name="Nordlicht Messaging GmbH",
    address=("Hafenstraße 12",),
    postal_code="20457",
    city="Hamburg",
    country="DE",
    vat_id="DE123456788",
    tax_number="22/123/45678",
    registration="HRB 123456",
    email="billing@nordlicht.example",
    phone="+49 40 1234567",
    website="nordlicht.example",
    legal_lines=(
        "Managing directors: Ada Lund, Jens Weiß",
        "Amtsgericht Hamburg, HRB 123456",
        "IBAN DE02 1203 0000 0000 2020 51",
    ),
)
BUYERS = {
    "domestic": Party(
        legal_name="Bäckerei Sonnenschein GmbH & Co. KG",
        address=("Lange Straße 5", "Hinterhaus"),
        postal_code="10115",
        city="Berlin",
        country="DE",
        vat_id="DE987654321",
        email="invoices@sonnenschein.example",
        reference="K-10042",
    ),
    "reverse_charge": Party(
        legal_name="Łódź Digital Sp. z o.o.",
        address=("ul. Piotrkowska 1",),
        postal_code="90-001",
        city="Łódź",
        country="PL",
        vat_id="PL5261040828",
        email="faktury@lodz.example",
        reference="K-10043",
    ),
    "eu_without_vat_id": Party(
        legal_name="Αθήνα Καφέ",
        address=("Ερμού 10",),
        postal_code="105 63",
        city="Αθήνα",
        country="GR",
        reference="K-10044",
    ),
    "outside": Party(
        legal_name="Pacific Chat Inc.",
        address=("500 Market Street", "Suite 400"),
        postal_code="CA 94105",
        city="San Francisco",
        country="US",
        vat_id="US-EIN 12-3456789",
        email="ap@pacific.example",
        reference="K-10045",
    ),
}
TAX_CASES = tuple(BUYERS)
BRAND = Brand(name="Nordlicht", colour="#0b5d7a")


def treatment_of(case: str) -> Treatment:
    return treatment(
        "DE", BUYERS[case].country, vat_id_is_valid=case == "reverse_charge", on=ISSUED
    )


def invoice(kind: InvoiceKind, case: str = "domestic", **changes: Any) -> InvoiceDocument:
    """A plausible invoice; `changes` as to `dataclasses.replace`."""
    lines = _LINES[kind]()
    is_paid = kind is InvoiceKind.TOP_UP
    tax, totals = sum_up(lines, treatment_of(case))
    if is_paid:
        tax, totals = sum_up(lines, treatment_of(case), prepaid=totals.gross)
    document = InvoiceDocument(
        number="2026-000042",
        kind=kind,
        issued=ISSUED,
        due=None if is_paid else DUE,
        seller=SELLER,
        buyer=BUYERS[case],
        lines=lines,
        tax=tax,
        totals=totals,
        brand=BRAND,
        period=None if is_paid else OCTOBER,
        payment=Payment(
            terms="" if is_paid else "Charged to Visa ending in 4242.",
            state="Paid on 1 November 2026 by Visa ending in 4242." if is_paid else "",
        ),
        preceding=Preceding(number="2026-000017", issued=date(2026, 10, 1))
        if kind is InvoiceKind.CREDIT_NOTE
        else None,
        identity=OCTOBER_IDENTITY if kind is InvoiceKind.CLOSING else None,
    )
    return replace(document, **changes)


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


OCTOBER_IDENTITY = Identity(
    start=euros("412.50"),
    added=euros("1000.00"),
    used=euros("1213.11"),
    refunded=euros("50.00"),
    corrections=euros("-0.02"),
    end=euros("149.37"),
)


def _plan() -> tuple[DocumentLine, ...]:
    return (
        DocumentLine(
            number="1",
            description="Partner plan Growth",
            detail="1 to 30 November 2026",
            net=euros("500.00"),
            unit_price=Decimal("500.00"),
            unit=MONTH,
        ),
    )


def _licences() -> tuple[DocumentLine, ...]:
    return (
        DocumentLine(number="1", description="Number licence Regular", quantity=Decimal(12),
                     unit_price=Decimal("25.00"), net=euros("300.00"), unit=MONTH),
        DocumentLine(number="2", description="Number licence Premium", quantity=Decimal(3),
                     unit_price=Decimal("49.00"), net=euros("147.00"), unit=MONTH),
        DocumentLine(number="3", description="Number licence High Throughput", unit=MONTH,
                     unit_price=Decimal("249.00"), net=euros("249.00")),
    )  # fmt: skip


def _top_up() -> tuple[DocumentLine, ...]:
    return (
        simple_line(1, "Conversation credit", euros("1000.00")),
        simple_line(2, "Processing fee", euros("40.00"), detail="4 % of the credit, card"),
    )


def _closing() -> tuple[DocumentLine, ...]:
    usage = (
        ("Marketing · Germany", "1.0847", 9_512, "1031.78"),
        ("Utility · Germany", "0.0456", 2_611, "119.06"),
        ("Authentication · Poland", "0.0231", 2_696, "62.27"),
    )
    used = tuple(
        DocumentLine(
            number=str(number),
            description=description,
            detail=f"{count:,} messages, card EUR-2026-10",
            quantity=Decimal(count),
            price_base=Decimal(count),
            unit_price=Decimal(net),
            net=euros(net),
        )
        for number, (description, _, count, net) in enumerate(usage, 1)
    )
    return (*used, simple_line(4, "Settled with credit", euros("-1213.11")))


def _credit_note() -> tuple[DocumentLine, ...]:
    return (simple_line(1, "Partner plan Growth, taken back", euros("500.00")),)


_LINES = {
    InvoiceKind.PLAN: _plan,
    InvoiceKind.LICENCES: _licences,
    InvoiceKind.TOP_UP: _top_up,
    InvoiceKind.CLOSING: _closing,
    InvoiceKind.CREDIT_NOTE: _credit_note,
}
