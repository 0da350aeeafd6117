"""The operator's markup on Meta's prices: percent with two decimals, from a day on; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.money import round_half_up

_WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, slots=True, order=True)
class Markup:
    """`hundredths` of a percent on each message from `effective_from` (WABA's zone) on."""

    effective_from: date
    hundredths: int


def markup_on(markups: Sequence[Markup], day: date) -> int:
    """Hundredths of a percent in force on a day; 0 where the operator has set none."""
    begun = [markup for markup in markups if markup.effective_from <= day]
    return max(begun).hundredths if begun else 0


def marked_up(micros: int, hundredths: int) -> int:
    """The price with the markup, half up to a whole micro."""
    return round_half_up(Fraction(micros * (_WHOLE + hundredths), _WHOLE)) if hundredths else micros
