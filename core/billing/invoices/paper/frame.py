"""What all pages share: margins after DIN 5008, inks, the seller's foot and page numbers."""

from __future__ import annotations

from collections.abc import Iterable

from core.billing.invoices.paper.faces import Weight
from core.billing.invoices.paper.sheet import HEIGHT, WIDTH, Ink, Sheet
from core.billing.invoices.parties import Brand, Party
from core.billing.invoices.text import named, one_line
from core.billing.invoices.wording import country

LEFT, RIGHT = 25.0, 190.0
TOP = 28.0  # of what follows the head of a second page
BOTTOM = 262.0  # below it the foot

TEXT = Ink()
STRONG = Ink(weight=Weight.BOLD)
SMALL = Ink(size=7.5, colour="#5b6472")
LABEL = Ink(size=7.5, weight=Weight.BOLD, colour="#5b6472")
HAIR, TINT = "#d9dee5", "#f3f5f8"
_FOOT = Ink(size=7, colour="#5b6472")
_FOOT_TOP, _FOOT_LINES, _FOOT_STEP = 269.0, 5, 3.4
_GAP = 4.0  # between the foot's columns


def head_of_next_page(sheet: Sheet, brand: Brand, title: str) -> float:
    """A quiet head for the second page and on; where its content begins."""
    band(sheet, brand)
    sheet.text(LEFT, 17, sheet.cut(named(brand.name), STRONG, 80), STRONG)
    sheet.text_to(RIGHT, 17, sheet.cut(one_line(title), SMALL, 80), SMALL)
    return TOP


def band(sheet: Sheet, brand: Brand) -> None:
    """The operator's colour along the upper edge."""
    sheet.box(0, 0, WIDTH, 2.5, brand.colour)


def foot(sheet: Sheet, seller: Party) -> None:
    """Who the seller is, on every page, and the page's number of all."""
    count = len(sheet.pages)
    columns = [column for column in _columns(seller) if column]
    # Each column as wide as its text, so that a long one takes the room of a short one.
    width = (RIGHT - LEFT - 12 - _GAP * (len(columns) - 1)) / len(columns)
    cut = [[sheet.cut(line, _FOOT, width) for line in column] for column in columns]
    for page in range(count):
        x = LEFT
        for column in cut:
            for row, line in enumerate(column):
                sheet.text(x, _FOOT_TOP + 4 + row * _FOOT_STEP, line, _FOOT, page=page)
            x += width + _GAP
        sheet.text_to(RIGHT, HEIGHT - 9, f"{page + 1} / {count}", _FOOT, page=page)
        sheet.line(LEFT, _FOOT_TOP, RIGHT, HAIR, page=page)


def _columns(seller: Party) -> list[list[str]]:
    place = f"{seller.postal_code} {seller.city}"
    return [
        _told([seller.legal_name, *seller.address, place, country(seller.country)]),
        _told([seller.email, seller.phone, seller.website]),
        _told(
            [
                seller.vat_id and f"VAT ID {seller.vat_id}",
                seller.tax_number and f"Tax number {seller.tax_number}",
                *seller.legal_lines,
            ]
        ),
    ]


def _told(lines: Iterable[str]) -> list[str]:
    return [text for line in lines if (text := one_line(line))][:_FOOT_LINES]
