"""Money is exact, rounded in one place, and split without losing a cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import MICROS, Money, allocate, round_half_up, to_minor

CENT = MICROS // 100


def test_amounts_enter_as_text_and_stay_exact() -> None:
    assert Money.of("0.0316", "EUR") == Money(31_600, "EUR")
    assert Money.of(Decimal("12.34"), "USD").minor == 1234


def test_an_amount_finer_than_a_micro_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        Money.of("0.00000001", "EUR")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(1, "EUR") + Money(1, "USD")


def test_what_was_never_rounded_has_no_cents() -> None:
    with pytest.raises(ValueError, match="round it first"):
        _ = Money(CENT + 1, "EUR").minor


@pytest.mark.parametrize(
    ("micros", "cents"), [(14_999, 1), (15_000, 2), (-15_000, -2), (-14_999, -1), (5_000, 1)]
)
def test_halves_go_away_from_zero(micros: int, cents: int) -> None:
    assert to_minor(Money(micros, "EUR")).minor == cents


@given(st.fractions())
def test_rounding_is_symmetric_and_close(value: Fraction) -> None:
    assert round_half_up(-value) == -round_half_up(value)
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)


@given(
    cents=st.integers(-10_000_000, 10_000_000),
    weights=st.lists(st.integers(0, 1_000), min_size=1, max_size=12).filter(any),
)
def test_an_allocation_loses_nothing_and_stays_within_a_cent(
    cents: int, weights: list[int]
) -> None:
    total = Money(cents * CENT, "EUR")
    shares = allocate(total, weights)
    assert sum(share.micros for share in shares) == total.micros
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor - Fraction(cents * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_say_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(Money(CENT, "EUR"), weights)
