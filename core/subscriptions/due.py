"""What a subscription's calendar asks for next; pure. One step at a time, the oldest first."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from core.subscriptions.months import DAY, Month


class Step(StrEnum):
    """`added`: the last day of a month, for what was added within it; `period`: a new one."""

    ADDED = "added"
    PERIOD = "period"
    END = "end"


def next_step(
    *, plan_through: date, licences_through: date, ends_on: date | None, today: date
) -> Step | None:
    """None when everything that is due by today was done.

    `plan_through` and `licences_through` are the last days that have been invoiced. A hub that
    stood still makes up for every month in its order.
    """
    month = Month.of(licences_through + DAY)
    if month.last <= today and month.last <= plan_through:
        return Step.ADDED
    if ends_on is not None and ends_on < today and ends_on <= plan_through:
        return Step.END
    return Step.PERIOD if plan_through < today else None


def period_from(first: date, ends_on: date | None) -> date:
    """The last day of the period that begins on `first`: the month's, or that of the end."""
    last = Month.of(first).last
    return min(last, ends_on) if ends_on is not None and ends_on >= first else last
