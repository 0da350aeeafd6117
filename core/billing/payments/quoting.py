"""Which amounts are accepted for a top-up, and what a quote says; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput
from core.money import Money

# Plain decimal digits with at most two decimals; no sign, exponent, grouping or foreign digits.
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Least and most of one top-up, in units, before fee and VAT."""

    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What is shown before a card is charged. One `token`, one charge, whoever clicks where."""

    net: Money
    fee: Money
    tax: Money
    token: str

    @property
    def gross(self) -> Money:
        return self.net + self.fee + self.tax


def amount_of(text: str, currency: str, bounds: Bounds) -> Money:
    """The amount somebody typed, in units of `currency`.

    Raises InvalidInput with `field` amount: amount_not_a_number, amount_not_positive,
    amount_finer_than_cents, amount_too_small, amount_too_large, amount_foreign_currency.
    """
    amount = _read(text.strip(), currency, bounds.most)
    if amount.micros <= 0:
        raise _refusal("amount_not_positive")
    if amount.micros < Money.of(bounds.least, currency).micros:
        raise _refusal("amount_too_small", least=bounds.least)
    if amount.micros > Money.of(bounds.most, currency).micros:
        raise _refusal("amount_too_large", most=bounds.most)
    return amount


def _read(text: str, currency: str, most: int) -> Money:
    number, _, unit = text.partition(" ")
    if unit.strip().upper() not in ("", currency):
        raise _refusal("amount_foreign_currency", currency=currency)
    if _AMOUNT.fullmatch(number):
        return Money.of(number, currency)
    if not _DECIMAL.fullmatch(number):
        if re.fullmatch(r"[0-9]{13,400}", number, re.ASCII):
            raise _refusal("amount_too_large", most=most)
        raise _refusal("amount_not_a_number")
    if number.startswith("-"):
        raise _refusal("amount_not_positive")
    raise _refusal("amount_finer_than_cents")


def _refusal(code: str, **about: Any) -> InvalidInput:
    return InvalidInput(code=code, field="amount", **about)
