"""What is to be invoiced, before it has a number: lines with rounded nets, and the fee on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from core.billing.invoices.document import (
    PIECE,
    DocumentLine,
    Identity,
    InvoiceKind,
    Period,
    simple_line,
)
from core.billing.ledger import Payer
from core.money import Money, to_minor

_LONGEST = 400  # characters of a description


class LineKind(StrEnum):
    """What a line is about; payments tell credit from fee by it."""

    PLAN = "plan"
    LICENCE = "licence"
    CREDIT = "credit"  # prepaid, or an overdraft to be paid
    FEE = "fee"
    USAGE = "usage"
    SETTLED = "settled"  # usage paid with credit that was invoiced before
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One line; `net` is whole cents. Without a `unit_price` it is one piece of that price."""

    kind: LineKind
    description: str
    net: Money
    detail: str = ""
    quantity: Decimal = Decimal(1)
    unit: str = PIECE
    unit_price: Decimal | None = None
    price_base: Decimal = Decimal(1)

    def numbered(self, number: int) -> DocumentLine:
        """The line as the document has it; raises ValueError when it does not multiply up."""
        description, detail = self.description[:_LONGEST], self.detail[:_LONGEST]
        if self.unit_price is None:
            return simple_line(number, description, self.net, detail)
        return DocumentLine(
            number=str(number),
            description=description,
            detail=detail,
            net=self.net,
            quantity=self.quantity,
            unit=self.unit,
            unit_price=self.unit_price,
            price_base=self.price_base,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """`key` names the invoice for good: the same key is the same invoice.

    `prepaid`: the gross was received already, so that nothing is payable. `fixed`: buyer and tax
    as a preview showed them (`Figures.fixed`), taken instead of what the details say now.
    `gross`: what was charged; an invoice over anything else is refused.
    """

    key: str
    kind: InvoiceKind
    payer: Payer
    currency: str
    lines: tuple[DraftLine, ...]
    period: Period | None = None
    prepaid: bool = False
    payment_id: str = ""
    terms: str = ""  # how it is paid, such as "Charged to Visa ending in 4242."
    identity: Identity | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    fixed: dict[str, Any] | None = None
    gross: Money | None = None


def fee_on(amount: Money, percent: Decimal) -> Money:
    """The processing fee on a net amount, rounded half up to the cent."""
    return to_minor(amount.times(Fraction(percent) / 100))


def top_up_lines(amount: Money, fee: Money, percent: Decimal) -> tuple[DraftLine, ...]:
    """Credit, and the fee of charging it."""
    credit = DraftLine(kind=LineKind.CREDIT, description="Credit for conversations", net=amount)
    return (credit, fee_line(fee, percent)) if fee.micros else (credit,)


def fee_line(fee: Money, percent: Decimal) -> DraftLine:
    rate = f"{percent.normalize():f} %"
    return DraftLine(kind=LineKind.FEE, description=f"Processing fee ({rate})", net=fee)
