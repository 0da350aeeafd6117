"""Foreign text made fit for paper and XML: whatever somebody typed, an invoice can carry it.

Text is data here, never markup; nothing in it can end a document or an element.
"""

from __future__ import annotations

import re
import unicodedata

# What XML 1.0 forbids, plus what steers other text instead of being text: C1 controls, the marks
# that turn the reading direction of what follows, non-characters, private use.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
_SPACES = re.compile(r"[\s\u2028\u2029]+")
_SOFT_HYPHEN = "\u00ad"
NOTHING = "–"  # for a text that consisted of nothing printable
_LONGEST = 20_000  # characters; nobody's name, and nobody's time is spent on more


def one_line(text: str) -> str:
    """`text` composed (NFC), without controls, every run of white space as one space."""
    cut = text[:_LONGEST].replace(_SOFT_HYPHEN, "")
    spaced = _SPACES.sub(" ", cut)
    return unicodedata.normalize("NFC", _UNFIT.sub("", spaced)).strip()


def named(text: str) -> str:
    """`one_line`, and a dash where nothing is left: names are mandatory on an invoice."""
    return one_line(text) or NOTHING
