"""The upper third of an invoice's first page: brand, address window, the facts beside it, title."""

from __future__ import annotations

import io
from collections.abc import Iterator

from fpdf import FPDF
from PIL import Image, UnidentifiedImageError

from core.billing.invoices.document import InvoiceDocument, InvoiceKind
from core.billing.invoices.paper.faces import Weight
from core.billing.invoices.paper.frame import HAIR, LEFT, RIGHT, SMALL, STRONG, TEXT, band
from core.billing.invoices.paper.sheet import Ink, Sheet
from core.billing.invoices.parties import Brand, Party
from core.billing.invoices.text import named, one_line
from core.billing.invoices.wording import TITLES, country, day, days

# DIN 5008 form B: the window begins 45 mm down and is 85 mm wide; 5 mm for the sender's line.
_WINDOW_TOP, _WINDOW_WIDTH, _SENDER_LINE = 45.0, 80.0, 49.5
_FACTS_LEFT, _FACTS_STEP = 128.0, 5.0
_ADDRESS_LINES, _ADDRESS_STEP = 7, 4.6
_LOGO_WIDTH, _LOGO_HEIGHT = 60.0, 18.0
_TITLE_LINE = 99.0
_ADDRESS = Ink(size=10)
_TITLE = Ink(size=17, weight=Weight.BOLD)
_SUBTITLE = Ink(size=10, colour="#5b6472")
_PIXELS = 25_000_000  # a logo beyond that is a trap, not a picture


def head(sheet: Sheet, document: InvoiceDocument) -> float:
    """Draws it; where the table begins."""
    band(sheet, document.brand)
    _brand(sheet, document.brand)
    _window(sheet, document.seller, document.buyer)
    _facts(sheet, document)
    sheet.text(LEFT, _TITLE_LINE, sheet.cut(title(document), _TITLE, RIGHT - LEFT), _TITLE)
    sheet.text(LEFT, _TITLE_LINE + 6.5, _subtitle(document), _SUBTITLE)
    return _TITLE_LINE + 15


def title(document: InvoiceDocument) -> str:
    is_credit = document.kind is InvoiceKind.CREDIT_NOTE
    return f"{'Credit note' if is_credit else 'Invoice'} {one_line(document.number)}"


def _subtitle(document: InvoiceDocument) -> str:
    if document.preceding:
        before = document.preceding
        return f"Takes back invoice {one_line(before.number)} of {day(before.issued)}"
    what = TITLES[document.kind]
    return f"{what} · {days(document.period)}" if document.period else what


def _brand(sheet: Sheet, brand: Brand) -> None:
    picture = _picture(brand.logo)
    if picture is None:
        ink = Ink(size=19, weight=Weight.BOLD, colour=brand.colour)
        sheet.text(LEFT, 27, sheet.cut(named(brand.name), ink, RIGHT - LEFT), ink)
        return
    scale = min(_LOGO_WIDTH / picture.width, _LOGO_HEIGHT / picture.height)
    width, height = picture.width * scale, picture.height * scale

    def draw(pdf: FPDF) -> None:
        pdf.image(picture, x=LEFT, y=14, w=width, h=height)

    sheet.draw(draw)


def _picture(logo: bytes) -> Image.Image | None:
    """The logo flat on white, as print has no transparency; None where it is no picture."""
    if not logo:
        return None
    try:
        with Image.open(io.BytesIO(logo), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _PIXELS:
                return None
            colours = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    paper = Image.new("RGBA", colours.size, "white")
    return Image.alpha_composite(paper, colours).convert("RGB")


def _window(sheet: Sheet, seller: Party, buyer: Party) -> None:
    sender = [seller.legal_name, *seller.address, f"{seller.postal_code} {seller.city}"]
    line = " · ".join(text for part in sender if (text := one_line(part)))
    tiny = Ink(size=6.5, colour="#5b6472")
    sheet.text(LEFT, _SENDER_LINE, sheet.cut(line, tiny, _WINDOW_WIDTH), tiny)
    sheet.line(LEFT, _SENDER_LINE + 1.4, LEFT + _WINDOW_WIDTH, HAIR)
    y = _SENDER_LINE + 7.5
    for text in _address(sheet, buyer, abroad=buyer.country != seller.country):
        sheet.text(LEFT, y, text, _ADDRESS)
        y += _ADDRESS_STEP


def _address(sheet: Sheet, buyer: Party, *, abroad: bool) -> list[str]:
    """At most seven lines; a long name takes two of them, place and country are never lost."""
    name = sheet.wrapped(named(buyer.legal_name), _ADDRESS, _WINDOW_WIDTH, 2)
    place = one_line(f"{buyer.postal_code} {buyer.city}")
    last = [line for line in (place, country(buyer.country).upper() if abroad else "") if line]
    room = _ADDRESS_LINES - len(name) - len(last)
    street = [text for line in buyer.address if (text := one_line(line))][:room]
    return [*name, *(sheet.cut(line, _ADDRESS, _WINDOW_WIDTH) for line in (*street, *last))]


def _facts(sheet: Sheet, document: InvoiceDocument) -> None:
    y = _SENDER_LINE
    for label, value, ink in _fact_rows(document):
        sheet.text(_FACTS_LEFT, y, label, SMALL)
        width = RIGHT - _FACTS_LEFT - sheet.width(label, SMALL) - 3
        sheet.text_to(RIGHT, y, sheet.cut(value, ink, width), ink)
        sheet.line(_FACTS_LEFT, y + 1.6, RIGHT, HAIR, 0.15)
        y += _FACTS_STEP


def _fact_rows(document: InvoiceDocument) -> Iterator[tuple[str, str, Ink]]:
    is_credit = document.kind is InvoiceKind.CREDIT_NOTE
    yield "Credit note" if is_credit else "Invoice", one_line(document.number), STRONG
    yield "Date of issue", day(document.issued), TEXT
    if document.period:
        yield "Period of service", days(document.period), TEXT
    if document.due and document.totals.is_payable and not is_credit:
        yield "Due", day(document.due), STRONG
    if reference := one_line(document.buyer.reference):
        yield "Customer", reference, TEXT
    if vat_id := one_line(document.buyer.vat_id):
        yield "Your VAT ID", vat_id, TEXT
