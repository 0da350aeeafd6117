"""Credit notes: positive amounts that are given back, with the invoice's own buyer and tax."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.billing.invoices import snapshots
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine
from core.billing.invoices.entities import Invoice, InvoiceLine
from core.billing.invoices.issuing import Issuing, line_row
from core.billing.invoices.statuses import InvoiceStatus
from core.money import Money, to_minor

# What a credit note takes over from its invoice.
_KEPT = set(
    "partner_id client_id period_first period_last currency tax seller buyer buyer_name"
    " language".split()
)


def write_note(
    issuing: Issuing,
    session: Session,
    credited: Invoice,
    rows: Sequence[InvoiceLine],
    *,
    key: str,
    why: str,
) -> Invoice:
    """The note over `rows`, with the next number; the invoice is locked."""
    net = Money(sum(row.net_micros for row in rows), credited.currency)
    tax = to_minor(net.times(snapshots.treatment_of(credited.tax).rate))
    now, number = issuing.take_number(session)
    note = Invoice(
        **credited.model_dump(include=_KEPT),
        number=number,
        key=key,
        kind=InvoiceKind.CREDIT_NOTE.value,
        issued_at=now,
        issued_on=now.date(),
        net_micros=net.micros,
        tax_micros=tax.micros,
        gross_micros=(net + tax).micros,
        payable_micros=(net + tax).micros,
        credits_id=credited.id,
        facts={"why": why, "credits": credited.number, "of": credited.issued_on.isoformat()},
        status=InvoiceStatus.CREDIT_NOTE.value,
    )
    lines = [InvoiceLine(**row.model_dump(exclude={"id"})) for row in rows]
    return issuing.write(session, note, lines)


def part_rows(credited: Invoice, lines: Sequence[DraftLine]) -> list[InvoiceLine]:
    """Rows of what is given back."""
    return [
        line_row(credited.partner_id, line, position)
        for position, line in enumerate(lines, start=1)
    ]
