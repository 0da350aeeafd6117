"""Numbers that come as texts from addresses and filters."""

from __future__ import annotations

_DIGITS = 18  # more no database takes


def number_of(text: str) -> int | None:
    """The number that the text is; None for what no column of numbers could hold."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else None
