"""Below an invoice's lines: totals, why tax is as it is, payment, notes, the month's balance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.billing.invoices.document import Identity, InvoiceDocument, InvoiceKind
from core.billing.invoices.paper.faces import Weight
from core.billing.invoices.paper.frame import BOTTOM, HAIR, LEFT, RIGHT, SMALL, STRONG, TEXT, TINT
from core.billing.invoices.paper.sheet import Ink, Sheet
from core.billing.invoices.text import one_line
from core.billing.invoices.wording import amount, day, tax_label, with_currency

_SUMS_LEFT = 115.0
_STEP = 5.6
_PAYABLE = Ink(size=11, weight=Weight.BOLD)
_MOST_LINES = 6  # of one note

NextPage = Callable[[], float]


def sums(sheet: Sheet, document: InvoiceDocument, y: float, next_page: NextPage) -> float:
    """Net, tax, gross, what is paid and what is payable; never torn over two pages."""
    rows = list(_sum_rows(document))
    if y + (len(rows) + 2) * _STEP + 6 > BOTTOM:
        y = next_page()
    y += 7.5
    for label, value, ink in rows:
        sheet.text(_SUMS_LEFT, y, label, ink)
        sheet.text_to(RIGHT, y, value, ink)
        y += _STEP
    sheet.box(_SUMS_LEFT - 3, y - 2.6, RIGHT - _SUMS_LEFT + 6, 9.4, TINT)
    sheet.box(_SUMS_LEFT - 3, y - 2.6, 0.8, 9.4, document.brand.colour)
    sheet.text(_SUMS_LEFT, y + 3.6, _payable_label(document), _PAYABLE)
    sheet.text_to(RIGHT, y + 3.6, with_currency(document.totals.payable), _PAYABLE)
    return y + 9.4


def _sum_rows(document: InvoiceDocument) -> Iterator[tuple[str, str, Ink]]:
    totals = document.totals
    yield "Net", amount(totals.net), TEXT
    yield tax_label(document.treatment), amount(totals.tax), TEXT
    yield "Total", amount(totals.gross), STRONG
    if totals.is_prepaid:
        yield "Paid already", amount(-totals.prepaid), TEXT


def _payable_label(document: InvoiceDocument) -> str:
    if document.kind is InvoiceKind.CREDIT_NOTE:
        return "Credited to you"
    return "Nothing to pay" if document.totals.is_settled else "Payable"


def remarks(sheet: Sheet, document: InvoiceDocument, y: float, next_page: NextPage) -> float:
    """The sentence about tax, how it is paid, notes."""
    y += 8
    for text in _remarks(document):
        lines = sheet.wrapped(one_line(text), TEXT, RIGHT - LEFT, _MOST_LINES)
        if y + len(lines) * 4.4 > BOTTOM:
            y = next_page() + 4
        for line in lines:
            sheet.text(LEFT, y, line, TEXT)
            y += 4.4
        y += 1.8
    return y


def _remarks(document: InvoiceDocument) -> Iterator[str]:
    payment = document.payment
    yield from (text for text in (document.treatment.sentence, payment.state) if text)
    if document.kind is not InvoiceKind.CREDIT_NOTE and document.totals.is_payable:
        due = f"Payable by {day(document.due)}." if document.due else ""
        yield f"{due} {payment.terms}".strip()
    yield from document.notes


def month(sheet: Sheet, document: InvoiceDocument, y: float, next_page: NextPage) -> float:
    """The month's balance from its start to its end; nothing where there is none."""
    if document.identity is None:
        return y
    rows = list(_month_rows(document.identity))
    height = 11.2 + len(rows) * 4.8
    if y + height + 4 > BOTTOM:
        y = next_page()
    y += 4
    sheet.box(LEFT, y, RIGHT - LEFT, height, TINT)
    heading = f"Credit balance of the month, {document.currency}"
    sheet.text(LEFT + 4, y + 6, heading, STRONG)
    line = y + 11.5
    for sign, label, value, ink in rows:
        if sign == "=":
            line += 1.2
            sheet.line(LEFT + 4, line - 4.4, RIGHT - 4, HAIR, 0.3)
        sheet.text(LEFT + 4, line, sign, SMALL)
        sheet.text(LEFT + 9, line, label, ink)
        sheet.text_to(RIGHT - 4, line, value, ink)
        line += 4.8
    return y + height


def _month_rows(identity: Identity) -> Iterator[tuple[str, str, str, Ink]]:
    """Corrections show their sign before the label, as they may be either."""
    down = identity.is_corrected_down
    corrections = -identity.corrections if down else identity.corrections
    yield "", "At the start", amount(identity.start), TEXT
    yield "+", "Added", amount(identity.added), TEXT
    yield "\u2212", "Used", amount(identity.used), TEXT
    yield "\u2212", "Refunded", amount(identity.refunded), TEXT
    yield "\u2212" if down else "+", "Corrections", amount(corrections), TEXT
    yield "=", "At the end", amount(identity.end), STRONG
