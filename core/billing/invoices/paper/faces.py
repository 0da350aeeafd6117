"""The typefaces of every invoice, cut and packed before the first one is drawn.

A face holds a few hundred glyphs and goes into a PDF as it is: its compressed file, widths and
character map are made once per process. `scripts/invoice_fonts` cuts the files out of Noto Sans.
A character is drawn by the number of its glyph, so that no text depends on another's.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

_FOLDER = Path(__file__).with_name("fonts")
_FORCE_BOLD, _SYMBOLIC = 1 << 18, 1 << 2  # PDF 32000-1, table 123
_BOLD = 600  # OS/2 weight class
_BLOCK = 100  # entries that one bfchar section may hold


class Weight(StrEnum):
    REGULAR = "Regular"
    BOLD = "SemiBold"


class Part(StrEnum):
    """What a face can write; `LATIN` is enough for most invoices."""

    LATIN = "Latin"
    WIDER = "Wider"  # Greek, Cyrillic, Vietnamese


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """One file of glyphs with all that a PDF says about it."""

    index: int  # its number in a PDF, /F901
    name: str
    codes: dict[int, str]  # character -> glyph number as four hex digits, for `str.translate`
    widths: dict[str, int]  # character -> thousandths of the font's size
    glyph_widths: str  # PDF's /W
    descriptor: dict[str, object]  # PDF's font descriptor without the file
    packed: bytes  # the file, deflated
    size: int  # of the file
    to_unicode: bytes  # deflated, so that text can be searched and copied

    def width(self, text: str) -> int:
        """Of a text all of whose characters the face has, in thousandths of the font's size."""
        widths = self.widths
        return sum([widths[char] for char in text])


@cache
def face(part: Part, weight: Weight) -> Face:
    """Parsed at the first call; kept for the life of the process."""
    data = (_FOLDER / f"NotoSans-{part}-{weight}.ttf").read_bytes()
    with TTFont(_FOLDER / f"NotoSans-{part}-{weight}.ttf") as font:
        glyphs: dict[int, int] = {
            code: font.getGlyphID(name) for code, name in font.getBestCmap().items()
        }
        scale = 1000 / font["head"].unitsPerEm
        advances = [round(font["hmtx"].metrics[name][0] * scale) for name in font.getGlyphOrder()]
        descriptor = _descriptor(font, scale)
    return Face(
        index=901 + 10 * list(Part).index(part) + list(Weight).index(weight),
        # Six letters and a plus: the name of a subset (PDF 32000-1, 9.6.4).
        name=f"{'HUBLAT' if part is Part.LATIN else 'HUBWID'}+NotoSans-{weight}",
        codes={code: f"{glyph:04X}" for code, glyph in glyphs.items()},
        widths={chr(code): advances[glyph] for code, glyph in glyphs.items()},
        glyph_widths=f"[0 [{' '.join(map(str, advances))}]]",
        descriptor=descriptor,
        packed=zlib.compress(data, 9),
        size=len(data),
        to_unicode=zlib.compress(_to_unicode(glyphs), 9),
    )


def _descriptor(font: TTFont, scale: float) -> dict[str, object]:
    head, hhea, os2 = font["head"], font["hhea"], font["OS/2"]
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    is_bold = os2.usWeightClass >= _BOLD
    return {
        "ascent": round(hhea.ascent * scale),
        "descent": round(hhea.descent * scale),
        "cap_height": round(os2.sCapHeight * scale),
        "flags": _SYMBOLIC | (_FORCE_BOLD if is_bold else 0),
        "font_b_box": f"[{' '.join(str(round(edge * scale)) for edge in box)}]",
        "italic_angle": 0,
        "stem_v": 140 if is_bold else 88,
        "missing_width": round(font["hmtx"].metrics[".notdef"][0] * scale),
    }


def _to_unicode(glyphs: dict[int, int]) -> bytes:
    """The CMap from glyph numbers back to characters; the lowest character of a glyph counts."""
    characters: dict[int, int] = {}
    for code in sorted(glyphs, reverse=True):
        characters[glyphs[code]] = code
    entries = [f"<{glyph:04X}> <{code:04X}>" for glyph, code in sorted(characters.items())]
    blocks = [entries[start : start + _BLOCK] for start in range(0, len(entries), _BLOCK)]
    sections = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{sections}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()
