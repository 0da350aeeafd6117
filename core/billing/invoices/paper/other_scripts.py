"""Text that the cut faces lack: shaped by HarfBuzz, right to left where it reads so.

The whole fonts are opened only for an invoice that needs them. A character that none of them has
is drawn as the replacement sign; the XML inside the PDF always carries the text as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import CoreFont, TTFFont

POINTS = 72 / 25.4  # per millimetre
UNKNOWN = "\ufffd"
_MAIN = "NotoSans"
_VARIATIONS = ("avar", "cvar", "fvar", "gvar", "HVAR", "MVAR", "STAT", "VVAR")
_LONGEST = 400  # characters on one line of paper; shaping takes time for each


# Family -> file; what the first lacks is taken from those after it.
FONTS: dict[str, Path] = {
    _MAIN: fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf",
    "NotoSansArabic": fontpkg_noto_sans_arabic.ROOT / "files" / "NotoSansArabic[wdth,wght].ttf",
}


def drawable(text: str) -> str:
    """`text` with the replacement sign for what no font has."""
    known = _characters()
    return "".join(char if ord(char) in known else UNKNOWN for char in text[:_LONGEST])


def width(pdf: FPDF, text: str, size: float) -> float:
    """Millimetres."""
    _choose(pdf, size)
    return float(pdf.get_string_width(text))


def drawing(x: float, y: float, text: str, size: float, colour: str) -> Callable[[FPDF], None]:
    """Draws `text` from `x` on with its base line at `y`."""

    def draw(pdf: FPDF) -> None:
        # Chosen anew: fpdf2 writes a font down on a change only, and measured with this one.
        pdf.set_font(_MAIN, size=1)
        _choose(pdf, size)
        pdf.set_text_color(colour)
        # fpdf2 puts the base line at half the cell's height and 0.3 of the font's size below.
        pdf.set_xy(x, y - 0.3 * size / POINTS)
        pdf.cell(w=pdf.get_string_width(text), h=0, text=text, markdown=False)

    return draw


def _choose(pdf: FPDF, size: float) -> None:
    if _MAIN.lower() not in pdf.fonts:
        pdf.c_margin = 0
        pdf.set_text_shaping(True)
        for family, file in FONTS.items():
            pdf.add_font(family, fname=file)
            _fix_weight(pdf.fonts[family.lower()])
        pdf.set_fallback_fonts([family for family in FONTS if family != _MAIN])
    pdf.set_font(_MAIN, size=size)


def _fix_weight(font: CoreFont | TTFFont) -> None:
    """Leaves the file's regular outlines only: not every reader of PDFs knows variable fonts."""
    for table in _VARIATIONS:
        if isinstance(font, TTFFont) and table in font.ttfont:
            del font.ttfont[table]


@cache
def _characters() -> frozenset[int]:
    known: set[int] = set()
    for file in FONTS.values():
        with TTFont(file, lazy=True) as font:
            known |= font.getBestCmap().keys()
    return frozenset(known)
