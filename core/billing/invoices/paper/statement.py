"""A statement of the balance on paper: one row a movement, over as many pages as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from core.billing.invoices.paper.frame import (
    LEFT,
    RIGHT,
    STRONG,
    TEXT,
    band,
    foot,
    head_of_next_page,
)
from core.billing.invoices.paper.pdf_file import About, drawn
from core.billing.invoices.paper.sheet import Ink, Sheet
from core.billing.invoices.paper.table import DENSE, Column, Row, Table
from core.billing.invoices.statement import Statement
from core.billing.invoices.text import named, one_line
from core.billing.invoices.wording import amount, days

_KIND, _WHAT, _AMOUNT, _BALANCE = LEFT + 29, LEFT + 52, 166.0, RIGHT
_TITLE = Ink(size=17, weight=STRONG.weight)


def statement_pdf(statement: Statement) -> bytes:
    """The statement as PDF/A-3B."""
    title = f"Statement {days(statement.period)}"
    about = About(
        title=f"{title}, {one_line(statement.payer.legal_name)[:200]}",
        author=named(statement.seller.legal_name)[:200],
        issued=statement.period.last,
    )
    return drawn(about, lambda sheet: _draw(sheet, statement, title))


def _draw(sheet: Sheet, statement: Statement, title: str) -> None:
    def next_page() -> float:
        sheet.turn_page()
        return head_of_next_page(sheet, statement.brand, title)

    places = statement.places
    table = Table(
        columns=_columns(statement.currency),
        details_at=2,
        accent=statement.brand.colour,
        next_page=next_page,
        density=DENSE,
    )
    y = _head(sheet, statement, title)
    y = table.draw(sheet, y, _rows(sheet, statement, places))
    sheet.text(_WHAT, y + 6, "Balance at the end", STRONG)
    sheet.text_to(_BALANCE, y + 6, amount(statement.end, places), STRONG)
    foot(sheet, statement.seller)


def _head(sheet: Sheet, statement: Statement, title: str) -> float:
    band(sheet, statement.brand)
    sheet.text(LEFT, 22, sheet.cut(named(statement.brand.name), STRONG, 80), STRONG)
    sheet.text(LEFT, 36, title, _TITLE)
    payer = sheet.cut(named(statement.payer.legal_name), TEXT, RIGHT - LEFT)
    sheet.text(LEFT, 43, payer, TEXT)
    return 50


def _columns(currency: str) -> tuple[Column, ...]:
    return (
        Column(label="Time, UTC", edge=LEFT),
        Column(label="Kind", edge=_KIND),
        Column(label="What", edge=_WHAT),
        Column(label=f"Amount, {currency}", edge=_AMOUNT, figures=True),
        Column(label="Balance", edge=_BALANCE, figures=True),
    )


def _rows(sheet: Sheet, statement: Statement, places: int) -> Iterator[Row]:
    start = amount(statement.start, places)
    yield Row(cells=([""], [""], ["Balance at the start"], [""], [start]), carried=start)

    @lru_cache(maxsize=1024)  # kinds and names return in row after row
    def cut(text: str, width: float) -> str:
        return sheet.cut(one_line(text), DENSE.ink, width)

    for movement in statement.movements:
        left = amount(movement.balance, places)
        what = cut(movement.description, _AMOUNT - _WHAT - 20)
        yield Row(
            cells=(
                [movement.at.strftime("%Y-%m-%d %H:%M:%S")],
                [cut(movement.kind, _WHAT - _KIND - 2)],
                [what],
                [amount(movement.amount, places)],
                [left],
            ),
            carried=left,
        )
