"""An invoice on paper: A4, one or many pages, PDF/A-3 with the structured invoice inside.

Only draws what stands in the document. Text is never markup, and no text stops it: what is too
long is cut with an ellipsis (the XML has it whole), what no font has becomes a replacement sign.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.billing.invoices.document import DocumentLine, InvoiceDocument
from core.billing.invoices.paper.frame import LEFT, RIGHT, SMALL, TEXT, foot, head_of_next_page
from core.billing.invoices.paper.head import head, title
from core.billing.invoices.paper.pdf_file import About, drawn
from core.billing.invoices.paper.sheet import Sheet
from core.billing.invoices.paper.sums import month, remarks, sums
from core.billing.invoices.paper.table import Column, Row, Table
from core.billing.invoices.text import named, one_line
from core.billing.invoices.wording import amount, price, quantity

_WHAT_LEFT, _WHAT_WIDTH = 34.0, 82.0
_QUANTITY_RIGHT, _PRICE_RIGHT = 137.0, 163.0
_MOST_LINES, _MOST_DETAILS = 6, 4


def invoice_pdf(document: InvoiceDocument, xml: bytes) -> bytes:
    """The invoice as PDF/A-3B; `xml` is what `xml.cii_xml` made of the same document."""
    about = About(
        title=f"{title(document)}, {one_line(document.seller.legal_name)[:200]}",
        author=named(document.seller.legal_name)[:200],
        issued=document.issued,
    )
    return drawn(about, lambda sheet: _draw(sheet, document), xml=xml)


def _draw(sheet: Sheet, document: InvoiceDocument) -> None:
    def next_page() -> float:
        sheet.turn_page()
        return head_of_next_page(sheet, document.brand, title(document))

    table = Table(
        columns=_columns(document.currency),
        details_at=1,
        accent=document.brand.colour,
        next_page=next_page,
    )
    y = table.draw(sheet, head(sheet, document), _rows(sheet, document))
    y = sums(sheet, document, y, next_page)
    y = remarks(sheet, document, y, next_page)
    month(sheet, document, y, next_page)
    foot(sheet, document.seller)


def _columns(currency: str) -> tuple[Column, ...]:
    return (
        Column(label="#", edge=LEFT),
        Column(label="Description", edge=_WHAT_LEFT),
        Column(label="Quantity", edge=_QUANTITY_RIGHT, figures=True),
        Column(label="Unit price", edge=_PRICE_RIGHT, figures=True),
        Column(label=f"Amount, {currency}", edge=RIGHT, figures=True),
    )


def _rows(sheet: Sheet, document: InvoiceDocument) -> Iterator[Row]:
    for line, total in document.running():
        yield Row(
            cells=(
                [sheet.cut(one_line(line.number), TEXT, _WHAT_LEFT - LEFT - 1)],
                sheet.wrapped(named(line.description), TEXT, _WHAT_WIDTH, _MOST_LINES),
                [quantity(line.quantity) if line.quantity > 0 else ""],
                [_unit_price(line)],
                [amount(line.net)],
            ),
            details=sheet.wrapped(one_line(line.detail), SMALL, _WHAT_WIDTH, _MOST_DETAILS),
            carried=amount(total),
        )


def _unit_price(line: DocumentLine) -> str:
    """Nothing where units had different prices or something is taken off: the amount says it."""
    return price(line.unit_price) if line.price_base == 1 and line.quantity > 0 else ""
