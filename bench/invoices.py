"""Invoices and statements as PDF/A-3, in CPU time of one process.

The floor draws the same number of cells with fpdf2 and a built-in font: no Unicode, no PDF/A, no
XML. The peer is fpdf2 as its guide shows it: Noto Sans opened for each document, `table()`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import fontpkg_noto_sans
from fpdf import FPDF

from bench.report import Line
from core.billing.invoices.document import DocumentLine, InvoiceDocument, InvoiceKind, sum_up
from core.billing.invoices.paper.invoice import invoice_pdf
from core.billing.invoices.paper.statement import statement_pdf
from core.billing.invoices.rendering import InvoicePress, load_faces, render
from core.billing.invoices.statement import Movement, Statement
from core.billing.invoices.xml import cii_xml
from core.money import Money
from tests.support.invoices import BRAND, BUYERS, OCTOBER, SELLER, euros, invoice, treatment_of

LINES, CELLS = 12, 110  # of the invoice: its texts, head and foot included
TIMES = 30
ENTRIES = 100_000
ROWS_OF_FLOOR, COLUMNS = 20_000, 5  # the floor's rate is measured on a part
NOTO = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
PRINTED = 200


def run() -> list[Line]:
    load_faces()
    document = of_lines(LINES)
    xml = cii_xml(document)
    floor = milliseconds(bare_invoice)
    peer = milliseconds(usual_invoice, times=5)
    drawing = milliseconds(lambda: invoice_pdf(document, xml))
    whole = milliseconds(lambda: render(document))
    return [
        Line(what="invoice: drawing, Unicode and PDF/A-3", ours=drawing, unit="ms", floor=floor,
             goal=5, note=f"floor: bare fpdf2, core font; fpdf2's table and Noto {peer:.0f} ms"),
        Line(what="invoice: drawing and EN 16931 XML", ours=whole, unit="ms", floor=floor,
             note=f"{1000 / whole:.0f} a second and core"),
        Line(what="invoices by the press", ours=by_the_press(document), unit="/s",
             note="one worker, pickled there and back"),
        *statements(),
    ]  # fmt: skip


def statements() -> list[Line]:
    made = statement_of(ENTRIES)
    started = time.process_time()
    pdf = statement_pdf(made)
    ours = time.process_time() - started
    pages = pdf.count(b"/Type /Page\n")
    started = time.process_time()
    bare_table(ROWS_OF_FLOOR)
    floor = (time.process_time() - started) * ENTRIES / ROWS_OF_FLOOR
    return [
        Line(what=f"statement of {ENTRIES:,} entries", ours=ours, unit="s", floor=floor, goal=2,
             note=f"{pages:,} pages, {pages / ours:.0f} a second, {len(pdf) / 1e6:.1f} MB"),
    ]  # fmt: skip


def milliseconds(work: Callable[[], object], times: int = TIMES) -> float:
    """CPU time of one call: the lower quartile, as other load only ever adds."""
    work()
    spent = []
    for _ in range(times):
        started = time.process_time()
        work()
        spent.append((time.process_time() - started) * 1000)
    return sorted(spent)[times // 4]


def by_the_press(document: InvoiceDocument) -> float:
    """Invoices a second of wall time, the worker started before."""
    with InvoicePress() as press:
        press.render(document)
        started = time.monotonic()
        for _ in range(PRINTED):
            press.render(document)
        return PRINTED / (time.monotonic() - started)


def bare_invoice() -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=9)
    for number in range(CELLS):
        pdf.set_xy(20 + 30 * (number % 5), 20 + 5 * (number // 5))
        pdf.cell(30, 5, "Marketing 1,031.78")
    return bytes(pdf.output())


def usual_invoice() -> bytes:
    pdf = FPDF()
    pdf.add_font("noto", fname=NOTO)
    pdf.add_font("noto", style="B", fname=NOTO)
    pdf.add_page()
    pdf.set_font("noto", size=9)
    with pdf.table() as table:
        for _ in range(CELLS // COLUMNS):
            row = table.row()
            for _ in range(COLUMNS):
                row.cell("Łódź 1,031.78 €")
    return bytes(pdf.output())


def bare_table(rows: int) -> bytes:
    pdf = FPDF()
    pdf.set_auto_page_break(False)
    pdf.set_font("helvetica", size=7)
    for number in range(rows):
        if number % 44 == 0:
            pdf.add_page()
        pdf.set_y(20 + 5 * (number % 44))
        for text in ("2026-10-01 00:00:00", "usage", "Marketing", "-0.0456", "4,999.9544"):
            pdf.cell(35, 5, text)
    return bytes(pdf.output())


def of_lines(count: int) -> InvoiceDocument:
    lines = tuple(
        DocumentLine(
            number=str(number),
            description=f"Marketing · market {number}, Łódź",
            detail="EUR-2026-10, tiers 1 and 2",
            quantity=Decimal(100),
            unit_price=Decimal("0.0456"),
            net=euros("4.56"),
        )
        for number in range(1, count + 1)
    )
    tax, totals = sum_up(lines, treatment_of("domestic"))
    return invoice(InvoiceKind.LICENCES, lines=lines, tax=tax, totals=totals)


def statement_of(count: int) -> Statement:
    each, balance, movements = euros("-0.0456"), euros("5000"), []
    start = datetime(2026, 10, 1, tzinfo=UTC)
    for number in range(count):
        balance += each
        movements.append(
            Movement(
                at=start + timedelta(seconds=20 * number),
                kind="usage",
                description=f"Marketing · Germany · Bäckerei {number % 500}",
                amount=each,
                balance=Money(balance.micros, "EUR"),
            )
        )
    return Statement(
        period=OCTOBER, seller=SELLER, payer=BUYERS["domestic"], brand=BRAND,
        start=euros("5000"), end=balance, movements=tuple(movements),
    )  # fmt: skip
