"""How a sum that went back falls into net, fee and tax, so that a credit note can say it; pure.

Somebody at the provider's desk, or a bank, names a gross only. A note's tax is its net times the
rate, rounded; some grosses are no such sum, and are a cent more than one that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.money import Money, to_minor

_CENT = 10_000


@dataclass(frozen=True, slots=True)
class Parts:
    """Together the gross that was asked about."""

    net: Money
    fee: Money
    tax: Money


def parts_of(gross: Money, net_left: Money, rate: Fraction) -> Parts:
    """What was bought goes back first, then the fee; whole cents."""
    untaxed = int(gross.micros / (1 + rate)) // _CENT * _CENT
    while _gross_of(untaxed + _CENT, gross.currency, rate) <= gross.micros:
        untaxed += _CENT
    tax = to_minor(Money(untaxed, gross.currency).times(rate))
    rest = gross - tax  # the odd cent is in it
    net = min(rest.micros, max(net_left.micros, 0))
    return Parts(Money(net, gross.currency), Money(rest.micros - net, gross.currency), tax)


def odd_cent(untaxed: Money, tax: Money, rate: Fraction) -> Money:
    """What of `untaxed` must stand on a note of its own: nothing, or one cent without tax."""
    is_even = to_minor(untaxed.times(rate)) == tax
    return Money(0 if is_even else _CENT, untaxed.currency)


def _gross_of(untaxed: int, currency: str, rate: Fraction) -> int:
    net = Money(untaxed, currency)
    return (net + to_minor(net.times(rate))).micros
