"""A table over as many pages as it takes: its head on each, the sum carried over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.billing.invoices.paper.frame import BOTTOM, HAIR, LABEL, LEFT, RIGHT, SMALL, TEXT
from core.billing.invoices.paper.sheet import Ink, Sheet

_LINE, _SMALL_LINE = 4.3, 3.7
_ASCENT = 3.0  # of a line's base below its top


@dataclass(frozen=True, slots=True)
class Density:
    """How close rows stand; `padding` above and below a row's text."""

    ink: Ink
    padding: float
    line: float


AIRY = Density(TEXT, 1.9, _LINE)
DENSE = Density(Ink(size=7.5), 0.6, 3.6)  # for tables of thousands of rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`edge`: the left one of its text, or the right one where figures end (`figures`)."""

    label: str
    edge: float
    figures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Lines per column; `details` are smaller lines below the first wide column."""

    cells: Sequence[Sequence[str]]
    details: Sequence[str] = ()
    carried: str = ""  # the sum up to and with this row, for the foot of a page that ends here

    def height(self, density: Density) -> float:
        lines = max([len(cell) for cell in self.cells])
        return 2 * density.padding + lines * density.line + len(self.details) * _SMALL_LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`next_page` turns the page and says where its content begins."""

    columns: Sequence[Column]
    details_at: int  # the column that has the details
    accent: str
    next_page: Callable[[], float]
    density: Density = AIRY

    def draw(self, sheet: Sheet, y: float, rows: Iterable[Row]) -> float:
        """Draws all rows from `y` on; where the last one ends."""
        y = self._head(sheet, y)
        carried = ""
        for row in rows:
            # Room for the row and for the sum that is carried forward below it.
            height = row.height(self.density)
            if y + height + (_LINE + 2 if row.carried else 0) > BOTTOM:
                y = self._turn(sheet, y, carried)
            y = self._row(sheet, y, row, height)
            carried = row.carried
        return y

    def _turn(self, sheet: Sheet, y: float, carried: str) -> float:
        if carried:
            self._sum(sheet, y, "Carried forward", carried)
        y = self._head(sheet, self.next_page())
        if carried:
            y = self._sum(sheet, y, "Brought forward", carried)
            sheet.line(LEFT, y, RIGHT, HAIR)
        return y

    def _head(self, sheet: Sheet, y: float) -> float:
        for column in self.columns:
            self._cell(sheet, column, y + _ASCENT, column.label, LABEL)
        sheet.line(LEFT, y + 5.2, RIGHT, self.accent, 0.4)
        return y + 5.4

    def _row(self, sheet: Sheet, y: float, row: Row, height: float) -> float:
        step, first = self.density.line, y + self.density.padding + _ASCENT
        for column, lines in zip(self.columns, row.cells, strict=True):
            for number, line in enumerate(lines):
                self._cell(sheet, column, first + number * step, line, self.density.ink)
        if row.details:
            below = first + len(row.cells[self.details_at]) * step - 0.3
            x = self.columns[self.details_at].edge
            for number, line in enumerate(row.details):
                sheet.text(x, below + number * _SMALL_LINE, line, SMALL)
        sheet.line(LEFT, y + height, RIGHT, HAIR, 0.15)
        return y + height

    def _sum(self, sheet: Sheet, y: float, label: str, amount: str) -> float:
        sheet.text(self.columns[self.details_at].edge, y + _ASCENT + 1.4, label, SMALL)
        sheet.text_to(RIGHT, y + _ASCENT + 1.4, amount, SMALL)
        return y + _LINE + 2

    @staticmethod
    def _cell(sheet: Sheet, column: Column, y: float, text: str, ink: Ink) -> None:
        if column.figures:
            sheet.text_to(column.edge, y, text, ink)
        else:
            sheet.text(column.edge, y, text, ink)
