"""Threshold and top-up from last month's spend, each with the part of the rule that decided it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.auto_renewal import Because, is_due, renewal_for
from core.money import MICROS


def month(first: int, last: int, days: int = 30) -> list[int]:
    """Units spent on each day of the first 15 days and of the rest, in micros."""
    return [first * MICROS] * 15 + [last * MICROS] * (days - 15)


# spend per day of the first half and the rest, days -> threshold, top-up, reasons
CASES = [
    (month(0, 0), 200, 100, "no_history", "no_history"),
    (month(1, 1), 200, 100, "least", "least"),
    (month(10, 10), 200, 300, "least", "spend"),
    (month(10, 20), 200, 700, "least", "spend"),  # 450 x 1.5 = 675
    (month(100, 200), 680, 6_750, "tenth", "spend"),  # 4500 x 1.5
    (month(200, 100), 450, 3_600, "three_days", "spend"),  # 4500 x 0.8; 3 days of 150
    (month(0, 10), 200, 250, "least", "spend"),  # 150 x 1.5 = 225
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}-{case[2]}")
def test_the_figures_follow_from_last_month(case: tuple[list[int], int, int, str, str]) -> None:
    days, threshold, top_up, threshold_because, top_up_because = case
    found = renewal_for(days)
    assert (found.threshold, found.top_up) == (threshold * MICROS, top_up * MICROS)
    assert (found.threshold_because, found.top_up_because) == (threshold_because, top_up_because)


@given(st.lists(st.integers(min_value=0, max_value=10_000 * MICROS), min_size=28, max_size=31))
def test_the_figures_keep_their_promises(days: list[int]) -> None:
    found = renewal_for(days)
    assert Fraction(4, 5) <= found.trend <= Fraction(3, 2)
    assert found.threshold % (10 * MICROS) == 0
    assert found.top_up % (50 * MICROS) == 0
    assert found.threshold >= max(200 * MICROS, found.expected / 10)
    assert found.top_up >= max(100 * MICROS, found.expected, Fraction(found.threshold, 2))
    assert (found.top_up_because is Because.NO_HISTORY) == (sum(days) == 0)


@pytest.mark.parametrize("days", [[], [1] * 14, [-1] * 30])
def test_what_is_no_month_is_refused(days: list[int]) -> None:
    with pytest.raises(ValueError, match="month"):
        renewal_for(days)


def test_what_is_on_its_way_counts() -> None:
    assert is_due(200, 0, 200)
    assert not is_due(150, 51, 200)
    assert is_due(-50, 100, 200)
