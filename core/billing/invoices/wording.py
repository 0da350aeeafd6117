"""How invoices write days, amounts and quantities: English, and the same on every machine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel import Locale

from core.billing.invoices.document import InvoiceKind, Period, decimal
from core.billing.invoices.tax import TaxCategory, Treatment
from core.money import Money

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MINUS = "\u2212"

TITLES = {
    InvoiceKind.PLAN: "Partner plan",
    InvoiceKind.LICENCES: "Number licences",
    InvoiceKind.TOP_UP: "Top-up of the credit balance",
    InvoiceKind.CLOSING: "Month closing",
    InvoiceKind.CREDIT_NOTE: "Credit note",
}
_NO_RATE = {
    TaxCategory.REVERSE_CHARGE: "VAT, reverse charge",
    TaxCategory.OUTSIDE_SCOPE: "VAT, not charged",
}


def day(when: date) -> str:
    """`1 November 2026`."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def days(period: Period) -> str:
    """`1–31 October 2026`, or both days in full."""
    first, last = period.first, period.last
    if first == last:
        return day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    return f"{day(first)} – {day(last)}"


def country(code: str) -> str:
    """Its English name, or the code where there is none."""
    return str(Locale("en").territories.get(code, code))


def amount(money: Money, places: int = 2) -> str:
    """`1,213.11` without the currency; a true minus sign."""
    return number(decimal(money).quantize(Decimal(1).scaleb(-places)))


def with_currency(money: Money) -> str:
    return f"{money.currency} {amount(money)}"


def number(value: Decimal) -> str:
    """Thousands by commas, as many decimals as it has."""
    sign = _MINUS if value < 0 else ""
    return f"{sign}{abs(value):,f}"


def quantity(value: Decimal) -> str:
    """Without decimals that say nothing."""
    whole = value.to_integral_value()
    return number(whole if whole == value else value.normalize())


def price(value: Decimal) -> str:
    """Two decimals, or more where the price has more."""
    exponent = value.normalize().as_tuple().exponent
    finer = isinstance(exponent, int) and exponent < -2  # noqa: PLR2004
    return number(value.normalize() if finer else value.quantize(Decimal("0.01")))


def tax_label(treatment: Treatment) -> str:
    """`VAT 19 %`, or why there is none."""
    if treatment.category is TaxCategory.STANDARD:
        percent = treatment.rate * 100
        exact = Decimal(percent.numerator) / Decimal(percent.denominator)
        return f"VAT {quantity(exact)} %"
    return _NO_RATE[treatment.category]
