"""Money as JSON numbers: exact, written digit by digit; no float comes near.

Whole units are written whole (`250`), since some typed programs read whole amounts as integers;
everything else has the currency's digits (`12.30`), and up to six where a price per message is
finer (`0.0456`).
"""

from __future__ import annotations

from typing import Any

import orjson

from core.money import MICROS, Money, minor_units

_PLACES = 6


def number(amount: Money) -> Any:
    """The amount in currency units, for `answers.answer`."""
    sign = "-" if amount.micros < 0 else ""
    whole, rest = divmod(abs(amount.micros), MICROS)
    if not rest:
        return orjson.Fragment(f"{sign}{whole}")
    digits = len(str(minor_units(amount.currency))) - 1
    fraction = f"{rest:0{_PLACES}}"
    return orjson.Fragment(f"{sign}{whole}.{fraction[:digits]}{fraction[digits:].rstrip('0')}")
