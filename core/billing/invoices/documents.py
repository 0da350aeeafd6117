"""An invoice's rows as the value that files are made of: nothing but what stands in the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core.billing.invoices import snapshots
from core.billing.invoices.document import (
    DocumentLine,
    Identity,
    InvoiceDocument,
    InvoiceKind,
    Payment,
    Period,
    Preceding,
    TaxBreakdown,
    Totals,
)
from core.billing.invoices.entities import Invoice, InvoiceLine
from core.billing.invoices.parties import Brand
from core.money import Money


def document_of(invoice: Invoice, lines: Sequence[InvoiceLine], brand: Brand) -> InvoiceDocument:
    """Raises ValueError when the rows do not add up, which the issuing made sure of."""

    def money(micros: int) -> Money:
        return Money(micros, invoice.currency)

    treatment = snapshots.treatment_of(invoice.tax)
    net, tax = money(invoice.net_micros), money(invoice.tax_micros)
    return InvoiceDocument(
        number=invoice.number,
        kind=InvoiceKind(invoice.kind),
        issued=invoice.issued_on,
        due=invoice.due_on,
        seller=snapshots.party_of(invoice.seller),
        buyer=snapshots.party_of(invoice.buyer),
        lines=tuple(_line(line, invoice.currency) for line in lines),
        tax=TaxBreakdown(treatment=treatment, base=net, tax=tax),
        totals=Totals(
            net=net,
            tax=tax,
            gross=money(invoice.gross_micros),
            prepaid=money(invoice.prepaid_micros),
            payable=money(invoice.payable_micros),
        ),
        brand=brand,
        period=_period(invoice),
        payment=_payment(invoice),
        preceding=_preceding(invoice),
        notes=(invoice.facts["why"],) if invoice.facts.get("why") else (),
        identity=_identity(invoice),
    )


def _line(line: InvoiceLine, currency: str) -> DocumentLine:
    return DocumentLine(
        number=str(line.position),
        description=line.description,
        detail=line.detail,
        net=Money(line.net_micros, currency),
        quantity=Decimal(line.quantity),
        unit=line.unit,
        unit_price=Decimal(line.unit_price),
        price_base=Decimal(line.price_base),
    )


def _period(invoice: Invoice) -> Period | None:
    if invoice.period_first is None or invoice.period_last is None:
        return None
    return Period(first=invoice.period_first, last=invoice.period_last)


def _payment(invoice: Invoice) -> Payment:
    """As known on the day of issue: the file never changes."""
    terms = invoice.facts.get("terms", "")
    if invoice.kind == InvoiceKind.CREDIT_NOTE:
        return Payment(terms=terms or "Credited; money that was paid goes back to its card.")
    if invoice.payable_micros:
        return Payment(terms=terms or "Charged to the card on file.")
    is_prepaid = invoice.prepaid_micros > 0
    return Payment(terms=terms, state="Paid" if is_prepaid else "Nothing to pay")


def _preceding(invoice: Invoice) -> Preceding | None:
    if invoice.credits_id is None:
        return None
    facts = invoice.facts
    return Preceding(number=facts["credits"], issued=date.fromisoformat(facts["of"]))


def _identity(invoice: Invoice) -> Identity | None:
    told = invoice.facts.get("identity")
    return snapshots.identity_of(told, invoice.currency) if told else None
