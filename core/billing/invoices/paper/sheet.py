"""Pages to draw on: places in millimetres from the top left, text on its base line.

Drawing is recorded and becomes a PDF at the end (`pdf_file.py`), when the number of pages is known.
Text of the cut faces is written as glyph numbers at once, a few microseconds each; text in any
other script goes through fpdf2's shaping with the whole fonts (`other_scripts.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from fpdf import FPDF

from core.billing.invoices.paper import other_scripts
from core.billing.invoices.paper.faces import Face, Part, Weight, face

POINTS = 72 / 25.4  # per millimetre
WIDTH, HEIGHT = 210.0, 297.0  # A4
_CUT = "…"

Drawing = str | Callable[[FPDF], None]


@dataclass(frozen=True, slots=True)
class Ink:
    """How text looks: size in points, colour as `#rrggbb`."""

    size: float = 9
    weight: Weight = Weight.REGULAR
    colour: str = "#1d2430"


class Sheet:
    """A document that is being drawn, page by page."""

    def __init__(self, pdf: FPDF) -> None:
        self.pages: list[list[Drawing]] = []
        self.faces: set[tuple[int, Face]] = set()  # page index and face
        self._pdf = pdf
        self.turn_page()

    def turn_page(self) -> None:
        self.pages.append([])

    def text(self, x: float, y: float, text: str, ink: Ink, *, page: int = -1) -> None:
        """`text` from `x` on, its base line at `y`; cleaned text only (`text.one_line`)."""
        number = page % len(self.pages)
        drawings = self.pages[number]
        for run in _runs(text, ink.weight):
            if run.face is None:
                drawings.append(other_scripts.drawing(x, y, run.text, ink.size, ink.colour))
            else:
                self.faces.add((number, run.face))
                drawings.append(
                    f"BT {rgb(ink.colour)} rg /F{run.face.index} {ink.size:g} Tf "
                    f"{x * POINTS:.2f} {(HEIGHT - y) * POINTS:.2f} Td <{run.text}> Tj ET"
                )
            x += self._run_width(run, ink)

    def text_to(self, right: float, y: float, text: str, ink: Ink, *, page: int = -1) -> None:
        """`text` that ends at `right`."""
        self.text(right - self.width(text, ink), y, text, ink, page=page)

    def width(self, text: str, ink: Ink) -> float:
        return sum([self._run_width(run, ink) for run in _runs(text, ink.weight)])

    def _run_width(self, run: _Run, ink: Ink) -> float:
        if run.face is None:
            return other_scripts.width(self._pdf, run.text, ink.size)
        return run.width * ink.size / (1000 * POINTS)

    def wrapped(self, text: str, ink: Ink, width: float, most: int) -> list[str]:
        """Lines of at most `width`; what does not fit into `most` of them ends in an ellipsis."""
        lines: list[str] = []
        rest = text
        while rest and len(lines) < most:
            line, rest = self._first_line(rest, ink, width)
            lines.append(line)
        if rest:
            lines[-1] = self.cut(f"{lines[-1]} {rest[:200]}", ink, width)
        return lines

    def cut(self, text: str, ink: Ink, width: float) -> str:
        """`text` on one line of `width`, with an ellipsis for what does not fit."""
        text = text[: int(width * 4)]  # nothing legible is narrower than a quarter of a millimetre
        if self.width(text, ink) <= width:
            return text
        count = self._fitting(text, ink, width - self.width(_CUT, ink))
        return text[:count].rstrip() + _CUT

    def line(
        self, x: float, y: float, to_x: float, colour: str, thick: float = 0.2, *, page: int = -1
    ) -> None:
        """A rule, `thick` millimetres."""
        self.box(x, y - thick / 2, to_x - x, thick, colour, page=page)

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, *, page: int = -1
    ) -> None:
        """A filled rectangle."""
        self.pages[page].append(
            f"{rgb(colour)} rg {x * POINTS:.2f} {(HEIGHT - y - height) * POINTS:.2f} "
            f"{width * POINTS:.2f} {height * POINTS:.2f} re f"
        )

    def draw(self, drawing: Callable[[FPDF], None]) -> None:
        """Something of fpdf2's own, such as a picture."""
        self.pages[-1].append(drawing)

    def _first_line(self, text: str, ink: Ink, width: float) -> tuple[str, str]:
        """The longest beginning that fits, broken between words where there are any."""
        head = text[: int(width * 4)]
        if len(head) == len(text) and self.width(text, ink) <= width:
            return text, ""
        count = max(1, self._fitting(head, ink, width))
        space = head.rfind(" ", 1, count + 1)
        end = space if space > 0 else count
        return text[:end].rstrip(), text[end:].lstrip()

    def _fitting(self, text: str, ink: Ink, width: float) -> int:
        """How many characters of `text` fit into `width`."""
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle], ink) <= width:
                low = middle
            else:
                high = middle - 1
        return low


@cache
def rgb(colour: str) -> str:
    """`#rrggbb` as PDF's three numbers."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3g}" for at in (1, 3, 5))


@dataclass(frozen=True, slots=True)
class _Run:
    """Part of a text in one face: glyph numbers, and thousandths of the size; else as it is."""

    face: Face | None
    text: str
    width: int = 0


# What stands on every page or in many rows is looked up once.
@lru_cache(maxsize=4096)
def _runs(text: str, weight: Weight) -> tuple[_Run, ...]:
    """Parts of `text` by the face that has them; the whole text where no cut face has it."""
    latin, wider = face(Part.LATIN, weight), face(Part.WIDER, weight)
    used = set(text)
    if used <= latin.widths.keys():
        return (_run(latin, text),) if text else ()
    if not used <= latin.widths.keys() | wider.widths.keys():
        return (_Run(None, other_scripts.drawable(text)),)
    return tuple(
        _run(latin if is_latin else wider, "".join(part))
        for is_latin, part in groupby(text, latin.widths.__contains__)
    )


def _run(face: Face, text: str) -> _Run:
    return _Run(face, text.translate(face.codes), face.width(text))
