"""Pages to draw on: places in millimetres from the top left, text on its base line.

Drawing is recorded and becomes a PDF at the end (`pdf_file.py`), when the number of pages is known.
Text of the cut faces is written as glyph numbers at once, a few microseconds each; text in any
other script goes through fpdf2's shaping with the whole fonts (`other_scripts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from fpdf import FPDF

from core.billing.invoices import other_scripts
from core.billing.invoices.faces import Face, Part, Weight, face

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

    def faces(self) -> tuple[Face, Face]:
        return face(Part.LATIN, self.weight), face(Part.WIDER, self.weight)


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
        for kind, run in _runs(text, ink):
            if kind is None:
                self.pages[number].append(other_scripts.drawing(x, y, run, ink.size, ink.colour))
                x += other_scripts.width(self._pdf, run, ink.size)
                continue
            self.faces.add((number, kind))
            self.pages[number].append(
                f"BT {rgb(ink.colour)} rg /F{kind.index} {ink.size:g} Tf "
                f"{x * POINTS:.2f} {(HEIGHT - y) * POINTS:.2f} Td <{run.translate(kind.codes)}> "
                "Tj ET"
            )
            x += kind.width(run) * ink.size / 1000 / POINTS

    def text_to(self, right: float, y: float, text: str, ink: Ink, *, page: int = -1) -> None:
        """`text` that ends at `right`."""
        self.text(right - self.width(text, ink), y, text, ink, page=page)

    def width(self, text: str, ink: Ink) -> float:
        return sum(
            other_scripts.width(self._pdf, run, ink.size)
            if kind is None
            else kind.width(run) * ink.size / 1000 / POINTS
            for kind, run in _runs(text, ink)
        )

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


def rgb(colour: str) -> str:
    """`#rrggbb` as PDF's three numbers."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3g}" for at in (1, 3, 5))


def _runs(text: str, ink: Ink) -> Iterator[tuple[Face | None, str]]:
    """Parts of `text` by the face that has them; None for a whole text that no cut face has."""
    latin, wider = ink.faces()
    used = set(text)
    if used <= latin.widths.keys():
        if text:
            yield latin, text
    elif not used <= latin.widths.keys() | wider.widths.keys():
        yield None, other_scripts.drawable(text)
    else:
        for is_latin, run in groupby(text, latin.widths.__contains__):
            yield latin if is_latin else wider, "".join(run)
