"""What a part of a period costs: by whole days, today included, rounded once; pure.

By days and not by seconds, so that everybody can check it with a calendar, and so that a quote
does not go stale while it is read (product.md, "Subscriptions").
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from fractions import Fraction

from core.money import MICROS, Money, minor_units, round_half_up
from core.subscriptions.months import day_of


def prorated(minor: int, left: int, days: int) -> int:
    """`left` of `days` of an amount in minor units, rounded half up to one of them.

    Raises ValueError unless 0 <= left <= days and there are days.
    """
    if not 0 <= left <= days or days < 1:
        raise ValueError(f"{left} of {days} days")
    return round_half_up(Fraction(minor * left, days))


def share(amount: Money, left: int, days: int) -> Money:
    """The same for money in whole minor units."""
    per_minor = MICROS // minor_units(amount.currency)
    return Money(prorated(amount.minor, left, days) * per_minor, amount.currency)


def days_of(start: datetime, end: datetime, at: datetime, zone: tzinfo) -> tuple[int, int]:
    """Days left, the one of `at` included, and days of the half-open period, in the zone."""
    last = day_of(end, zone)
    return (last - day_of(at, zone)).days, (last - day_of(start, zone)).days
