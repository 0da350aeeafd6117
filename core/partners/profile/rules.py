"""What a brand may be; pure, one rule for the page, which judges while it is typed, and service.

Codes are stable; the words for them stand in the pages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

NAME_LENGTH = 120  # the column's
LOGO_SIDE = 512  # pixels; three times what the largest screen draws, and small on a phone's line

_COLOR = re.compile(r"#[0-9A-F]{6}\Z")
# They join letters of Persian or Hindi, and the people of an emoji.
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """The part of a picture that is kept, in *pixels* of the picture the right way up."""

    left: int
    top: int
    width: int
    height: int


def tidy_name(text: str) -> str:
    """As it is kept: composed letters, single blanks, none around."""
    return " ".join(part for part in unicodedata.normalize("NFC", text).split(" ") if part)


def name_fault(text: str) -> str:
    """'' for a name that may be kept; `needed`, `too_long`, `signs`."""
    if any(_is_no_letter(char) for char in text):
        return "signs"
    name = tidy_name(text)
    if not any(unicodedata.category(char)[0] not in "ZCM" for char in name):
        return "needed"
    return "too_long" if len(name) > NAME_LENGTH else ""


def tidy_color(text: str) -> str:
    """As it is kept: upper case, none around."""
    return text.strip().upper()


def color_fault(text: str) -> str:
    """`color_form` unless it is empty (the hub's own colour) or #RRGGBB."""
    color = tidy_color(text)
    return "" if not color or _COLOR.match(color) else "color_form"


def _is_no_letter(char: str) -> bool:
    # Cc: controls; Cf: invisible marks, which turn a name around; Cs, Co, Cn: no characters;
    # Zl, Zp: lines. A name on a client's page must be what it looks like.
    category = unicodedata.category(char)
    return (category[0] == "C" and char not in _JOINERS) or category in ("Zl", "Zp")
