"""An invoice as a value, with named totals that agree before anything is drawn.

Amounts are whole cents of one currency; a document that does not add up cannot be made. Terms and
checks follow EN 16931 (BT-…, BR-CO-…); `pdf.py` and `xml.py` only write down what stands here.
A credit note holds positive amounts: what it gives back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate

from core.billing.invoices.parties import Brand, Party
from core.billing.invoices.tax import Treatment
from core.money import MICROS, Money, minor_units, round_half_up, to_minor

PIECE, MONTH = "C62", "MON"  # UN/ECE Recommendation 20: one, month


class InvoiceKind(StrEnum):
    """What is invoiced; each kind has its own day and its own lines (product.md, "Invoices")."""

    PLAN = "plan"
    LICENCES = "licences"
    TOP_UP = "top_up"
    CLOSING = "closing"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line; `net` is quantity × unit price ÷ price base, rounded half up, else ValueError.

    What is taken off has a negative quantity, never a negative price (BR-27). Where units had
    different prices (tiers), the price base is the quantity and the unit price that of all.
    """

    number: str
    description: str
    net: Money
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    unit: str = PIECE
    price_base: Decimal = Decimal(1)
    detail: str = ""  # a second, smaller line below the description

    def __post_init__(self) -> None:
        if self.unit_price < 0 or self.price_base <= 0:
            raise ValueError(f"line {self.number}: a price is never negative")
        exact = Fraction(self.quantity) * Fraction(self.unit_price) / Fraction(self.price_base)
        if self.net != rounded(exact, self.net.currency):
            raise ValueError(f"line {self.number}: {self.net} is not quantity × price")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxBreakdown:
    """The one tax of a document: base × rate, rounded half up (BR-CO-17), else ValueError."""

    treatment: Treatment
    base: Money
    tax: Money

    def __post_init__(self) -> None:
        if self.tax != to_minor(self.base.times(self.treatment.rate)):
            raise ValueError(f"{self.tax} is not {self.treatment.rate} of {self.base}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """gross = net + tax (BR-CO-15), payable = gross − prepaid (BR-CO-16), else ValueError."""

    net: Money
    tax: Money
    gross: Money
    prepaid: Money
    payable: Money

    def __post_init__(self) -> None:
        for amount in (self.net, self.tax, self.gross, self.prepaid, self.payable):
            if to_minor(amount) != amount:
                raise ValueError(f"{amount} is finer than a cent")
        if self.gross != self.net + self.tax:
            raise ValueError("gross is net and tax")
        if self.payable != self.gross - self.prepaid:
            raise ValueError("payable is gross less what is paid already")

    @property
    def is_payable(self) -> bool:
        """True where the buyer still owes something."""
        return self.payable.micros > 0

    @property
    def is_settled(self) -> bool:
        return self.payable.micros == 0

    @property
    def is_prepaid(self) -> bool:
        """True where something was received before the issue."""
        return self.prepaid.micros != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A month of the balance: start + added − used − refunded + corrections = end.

    Whole cents; used and refunded are positive, corrections have a sign. ValueError otherwise.
    """

    start: Money
    added: Money
    used: Money
    refunded: Money
    corrections: Money
    end: Money

    def __post_init__(self) -> None:
        parts = (self.start, self.added, -self.used, -self.refunded, self.corrections, -self.end)
        if sum(part.minor for part in parts) or len({part.currency for part in parts}) > 1:
            raise ValueError("the month's movements do not lead from its start to its end")

    @property
    def is_corrected_down(self) -> bool:
        return self.corrections.micros < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `first` to `last`, both days included, as invoices say it (BT-73, BT-74)."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How it is or was paid, in the reader's words; `means` is a code of UNTDID 4461."""

    means: str = "48"  # bank card
    means_text: str = "Card"
    terms: str = ""  # such as "Charged to Visa ending in 4242."; needed where something is due
    state: str = ""  # as known on the day of issue, such as "Paid on 3 November 2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """The invoice that a credit note takes back (BT-25, BT-26)."""

    number: str
    issued: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """All that an invoice says; ValueError when lines, tax and totals disagree (BR-CO-10, -13)."""

    number: str
    kind: InvoiceKind
    issued: date
    due: date | None
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    tax: TaxBreakdown
    totals: Totals
    brand: Brand
    period: Period | None = None
    payment: Payment = field(default_factory=Payment)
    preceding: Preceding | None = None
    notes: tuple[str, ...] = ()
    identity: Identity | None = None

    def __post_init__(self) -> None:
        if not self.number or not self.lines:
            raise ValueError("an invoice has a number and at least one line (BR-02, BR-16)")
        if self.totals.net != sum_of(self.lines) or self.totals.net != self.tax.base:
            raise ValueError("net is the sum of the lines and the base of the tax")
        if self.totals.tax != self.tax.tax:
            raise ValueError("the tax total is the tax")
        if self.totals.is_payable and not (self.due or self.payment.terms):
            raise ValueError("what is payable is due on a day or by terms (BR-CO-25)")
        if (self.kind is InvoiceKind.CREDIT_NOTE) != (self.preceding is not None):
            raise ValueError("a credit note, and only that, names the invoice before it")

    @property
    def currency(self) -> str:
        return self.totals.gross.currency

    @property
    def treatment(self) -> Treatment:
        return self.tax.treatment

    def running(self) -> Iterator[tuple[DocumentLine, Money]]:
        """Each line with the sum of the lines up to and with it."""
        return zip(self.lines, accumulate(line.net for line in self.lines), strict=True)


def sum_up(
    lines: Sequence[DocumentLine], treatment: Treatment, prepaid: Money | None = None
) -> tuple[TaxBreakdown, Totals]:
    """The tax and the totals of `lines`; `prepaid` is what was received already, nothing if None.

    Tax is rounded once, on the sum of the rounded lines.
    """
    net = sum_of(lines)
    tax = to_minor(net.times(treatment.rate))
    paid = prepaid or Money(0, net.currency)
    gross = net + tax
    totals = Totals(net=net, tax=tax, gross=gross, prepaid=paid, payable=gross - paid)
    return TaxBreakdown(treatment=treatment, base=net, tax=tax), totals


def simple_line(number: int, description: str, net: Money, detail: str = "") -> DocumentLine:
    """A line of one piece; a negative `net` becomes minus one piece of a positive price."""
    return DocumentLine(
        number=str(number),
        description=description,
        detail=detail,
        net=net,
        quantity=Decimal(-1 if net.micros < 0 else 1),
        unit_price=decimal(Money(abs(net.micros), net.currency)),
    )


def decimal(amount: Money) -> Decimal:
    """Currency units, exact, with two digits or as many as it takes."""
    exact = Decimal(amount.micros).scaleb(-6)
    cents = exact.quantize(Decimal("0.01"))
    return cents if cents == exact else exact.normalize()


def sum_of(lines: Sequence[DocumentLine]) -> Money:
    """The nets of `lines`, of which there is at least one."""
    return sum((line.net for line in lines[1:]), lines[0].net)


def rounded(exact: Fraction, currency: str) -> Money:
    """`exact` currency units, half up to the cent in one step."""
    per_unit = minor_units(currency)
    return Money(round_half_up(exact * per_unit) * (MICROS // per_unit), currency)
