"""Money as integers: micros of a currency, rounded to its minor unit in one place only.

A micro is a millionth of the currency unit, fine enough for per-message rates. Float never
comes near: amounts enter as strings, integers, `Decimal` or `Fraction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

MICROS = 1_000_000

# Minor units per currency unit (ISO 4217); everything the hub bills in has two decimals.
_MINOR_UNITS = {"EUR": 100, "USD": 100}


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount; `micros` may be negative, the currency is ISO 4217."""

    micros: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal | Fraction, currency: str) -> Money:
        """Exact amount in currency *units*; raises ValueError if it is finer than a micro."""
        micros = Fraction(amount) * MICROS
        if micros.denominator != 1:
            raise ValueError(f"{amount} is finer than a micro")
        return cls(int(micros), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + self._same(other).micros, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.micros - self._same(other).micros, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.micros, self.currency)

    def times(self, factor: int | Decimal | Fraction) -> Money:
        """The amount times `factor`, rounded half up to a whole micro."""
        return Money(round_half_up(self.micros * Fraction(factor)), self.currency)

    @property
    def minor(self) -> int:
        """Whole minor units (cents); raises ValueError when the amount was never rounded."""
        per_minor = MICROS // minor_units(self.currency)
        if self.micros % per_minor:
            raise ValueError(f"{self} is finer than the minor unit; round it first")
        return self.micros // per_minor

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other


def minor_units(currency: str) -> int:
    """How many minor units make one unit of `currency`; KeyError for one the hub never bills in."""
    return _MINOR_UNITS[currency]


def round_half_up(value: Fraction) -> int:
    """Nearest integer, halves away from zero, as invoices are rounded in the EU."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def to_minor(money: Money) -> Money:
    """The one place where money is rounded: half up to the currency's minor unit."""
    per_minor = MICROS // minor_units(money.currency)
    return Money(round_half_up(Fraction(money.micros, per_minor)) * per_minor, money.currency)


def allocate(total: Money, weights: Sequence[int]) -> list[Money]:
    """Split a rounded total by weights without losing a cent; the largest remainders get the rest.

    Raises ValueError when the weights are negative or all zero.
    """
    if not weights or min(weights) < 0 or sum(weights) == 0:
        raise ValueError("weights must be positive")
    cents, whole = total.minor, sum(weights)
    sign = -1 if cents < 0 else 1
    shares = [divmod(abs(cents) * weight, whole) for weight in weights]
    rest = abs(cents) - sum(share for share, _ in shares)
    by_remainder = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
    extra = set(by_remainder[:rest])
    per_minor = MICROS // minor_units(total.currency)
    return [
        Money(sign * (share + (i in extra)) * per_minor, total.currency)
        for i, (share, _) in enumerate(shares)
    ]
