"""When to top up and by how much, from last month's spend; pure and exact.

Every figure carries its reason, from which pages make the sentence that explains it. Amounts are
integer micros of one currency. Source: product.md, "Auto-renewal".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from core.money import MICROS

_LEAST_TREND, _MOST_TREND = Fraction(4, 5), Fraction(3, 2)
_HALF_MONTH = 15  # days
_TOP_UP_STEP, _LEAST_TOP_UP = 50 * MICROS, 100 * MICROS
_THRESHOLD_STEP, _LEAST_THRESHOLD = 10 * MICROS, 200 * MICROS
_SAFE_DAYS = 3


class Because(StrEnum):
    """Which part of the rule decided a figure."""

    NO_HISTORY = "no_history"
    LEAST = "least"  # the smallest amount that the rule allows
    SPEND = "spend"  # top-up: the spend to be expected
    TENTH = "tenth"  # threshold: a tenth of the spend to be expected
    THREE_DAYS = "three_days"  # threshold: three average days of last month
    HALF_THRESHOLD = "half_threshold"  # top-up: or it would hardly lift the balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """Top up by `top_up` when the balance, pending top-ups counted, is at or below `threshold`."""

    threshold: int
    threshold_because: Because
    top_up: int
    top_up_because: Because
    spent: int  # last month
    trend: Fraction  # last 15 days by the first 15, within 0.8 and 1.5
    expected: Fraction  # spent times trend


def renewal_for(days: Sequence[int]) -> Renewal:
    """The figures from last month's spend per day, the first day first.

    Raises ValueError for fewer than 15 days or a negative one.
    """
    if len(days) < _HALF_MONTH or min(days) < 0:
        raise ValueError("a month's days with what was spent on each")
    spent, trend = sum(days), _trend(days)
    expected = spent * trend
    threshold, threshold_because = _threshold(spent, expected, len(days))
    top_up, top_up_because = _top_up(expected, threshold)
    if not spent:
        threshold_because = top_up_because = Because.NO_HISTORY
    return Renewal(
        threshold=threshold,
        threshold_because=threshold_because,
        top_up=top_up,
        top_up_because=top_up_because,
        spent=spent,
        trend=trend,
        expected=expected,
    )


def is_due(available: int, pending: int, threshold: int) -> bool:
    """Whether to top up now; what is on its way counts, so that one need is not paid for twice."""
    return available + pending <= threshold


def _trend(days: Sequence[int]) -> Fraction:
    first, last = sum(days[:_HALF_MONTH]), sum(days[-_HALF_MONTH:])
    if not first:
        return _MOST_TREND if last else Fraction(1)
    return min(_MOST_TREND, max(_LEAST_TREND, Fraction(last, first)))


def _threshold(spent: int, expected: Fraction, days: int) -> tuple[int, Because]:
    candidates = [
        (Fraction(_LEAST_THRESHOLD), Because.LEAST),
        (expected / 10, Because.TENTH),
        (Fraction(spent * _SAFE_DAYS, days), Because.THREE_DAYS),
    ]
    largest, because = max(candidates, key=lambda candidate: candidate[0])
    return _up(largest, _THRESHOLD_STEP), because


def _top_up(expected: Fraction, threshold: int) -> tuple[int, Because]:
    candidates = [
        (_LEAST_TOP_UP, Because.LEAST),
        (_up(expected, _TOP_UP_STEP), Because.SPEND),
        (_up(Fraction(threshold, 2), _TOP_UP_STEP), Because.HALF_THRESHOLD),
    ]
    return max(candidates, key=lambda candidate: candidate[0])


def _up(amount: Fraction, step: int) -> int:
    return ceil(amount / step) * step
