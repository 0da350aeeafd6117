"""How a balance is judged: runway, levels, caps, stops and markups, as pure rules."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.balance.rules import (
    Part,
    Turn,
    crossed,
    is_cap_reached,
    outbound_turn,
    part_of,
    runway,
)
from core.billing.entities import AccountKind, EntryKind
from core.billing.markups import Markup, marked_up, markup_on

LEVELS = [100, 50, 10]


def test_who_never_spent_anything_has_no_runway() -> None:
    assert runway(1_000, [0] * 30) is None
    assert runway(1_000, []) is None


def test_the_runway_counts_from_the_first_spend() -> None:
    lasts = runway(100, [0] * 27 + [10, 10, 10])
    assert lasts is not None
    assert (lasts.days, lasts.per_day, lasts.over) == (10, Fraction(10), 3)


@pytest.mark.parametrize(
    ("days", "per_day", "over"),
    [
        ([10] * 23 + [30] * 7, Fraction(30), 7),  # busier than it was
        ([30] * 23 + [10] * 7, Fraction(23 * 30 + 70, 30), 30),  # quieter than it was
    ],
)
def test_the_runway_takes_the_faster_of_week_and_month(
    days: list[int], per_day: Fraction, over: int
) -> None:
    lasts = runway(300, days)
    assert lasts is not None
    assert (lasts.per_day, lasts.over) == (per_day, over)


def test_an_overdrawn_balance_lasts_no_day() -> None:
    lasts = runway(-50, [10] * 30)
    assert lasts is not None
    assert lasts.days == 0


def test_levels_are_crossed_downwards_only_highest_first() -> None:
    assert crossed(LEVELS, 120, 40) == [100, 50]
    assert crossed(LEVELS, 40, 120) == []
    assert crossed(LEVELS, 100, 90) == [], "it was there already"
    assert crossed(LEVELS, 101, 100) == [100]


@given(st.lists(st.integers(-200, 200), min_size=2, max_size=30))
def test_between_two_tellings_the_balance_was_above_the_level(path: list[int]) -> None:
    was_above = path[0] > 100
    for before, after in pairwise(path):
        told = crossed([100], before, after)
        assert bool(told) == (was_above and after <= 100)
        was_above = after > 100


@given(st.lists(st.integers(-5, 5), max_size=30))
def test_outbound_is_stopped_exactly_while_there_is_nothing_to_spend(path: list[int]) -> None:
    is_stopped = False
    for available in path:
        turn = outbound_turn(available, is_stopped=is_stopped)
        is_stopped = {Turn.STOP: True, Turn.RESUME: False, Turn.NONE: is_stopped}[turn]
        assert is_stopped == (available <= 0)


def test_a_cap_is_reached_at_its_amount_and_no_cap_never() -> None:
    assert not is_cap_reached(100, 99)
    assert is_cap_reached(100, 100)
    assert not is_cap_reached(None, 10**12)


def test_what_takes_back_is_a_correction_whatever_it_takes_back() -> None:
    assert part_of(EntryKind.USAGE, AccountKind.USAGE) is Part.USED
    assert part_of(EntryKind.REVERSAL, AccountKind.USAGE) is Part.CORRECTED
    assert part_of(EntryKind.TOP_UP_SETTLED, AccountKind.PENDING) is Part.ADDED
    assert part_of(EntryKind.REFUND, AccountKind.REFUNDS) is Part.REFUNDED
    assert part_of(EntryKind.FEE, AccountKind.FEES) is Part.FEES
    assert part_of("a kind of tomorrow", "its account") is Part.CORRECTED


def test_the_markup_of_the_day_holds() -> None:
    markups = [Markup(date(2026, 12, 1), 500), Markup(date(2026, 10, 1), 250)]
    assert markup_on(markups, date(2026, 9, 30)) == 0
    assert markup_on(markups, date(2026, 11, 30)) == 250
    assert markup_on(markups, date(2026, 12, 1)) == 500


def test_a_markup_rounds_half_up_to_the_micro() -> None:
    assert marked_up(100_000, 550) == 105_500
    assert marked_up(10, 500) == 11  # 10.5
    assert marked_up(123, 0) == 123
