"""Back-off, burst guard, ceiling and the dry run of auto-renewal; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# After the first, the second, and every further failure in a row.
_BACK_OFF = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
# Owners are written to for the first ones; after that they know.
MAILED_FAILURES = len(_BACK_OFF)
# So much in so little time is a fault or an abuse, never a need.
BURST, BURST_WITHIN = 3, timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DryDay:
    """What a day would have looked like: the balance at its end, how often it was topped up."""

    day: date
    spent: int
    balance: int
    top_ups: int


def next_try(now: datetime, failures: int) -> datetime:
    """When to try again after so many failures in a row."""
    return now + _BACK_OFF[min(failures, len(_BACK_OFF)) - 1]


def is_burst(successes: Sequence[datetime], now: datetime) -> bool:
    """Whether it has topped up too often within ten minutes."""
    return sum(now - at < BURST_WITHIN for at in successes) >= BURST


def breaks_ceiling(ceiling: int | None, this_month: int, top_up: int) -> bool:
    """Whether one more top-up would be more than the month may cost."""
    return ceiling is not None and this_month + top_up > ceiling


def dry_run(
    start: int, first: date, days: Sequence[int], threshold: int, top_up: int
) -> list[DryDay]:
    """A month with these figures, from the balance it began with; micros.

    A top-up comes at once, as often as it takes to be above the threshold.
    """
    balance, told = start, []
    for number, spent in enumerate(days):
        balance -= spent
        short = threshold - balance
        times = short // top_up + 1 if short >= 0 else 0
        balance += times * top_up
        told.append(DryDay(first + timedelta(days=number), spent, balance, times))
    return told


def last_month(now: datetime) -> tuple[date, date]:
    """First day of the month before, and of this one (UTC)."""
    this = now.date().replace(day=1)
    return (this - timedelta(days=1)).replace(day=1), this
