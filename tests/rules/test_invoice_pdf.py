"""The invoice on paper: PDF/A-3 with the XML inside, readable again, never stopped by a text."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import facturx
import pdf_oxide
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from core.billing.invoices.document import InvoiceDocument, InvoiceKind, simple_line, sum_up
from core.billing.invoices.parties import Party
from core.billing.invoices.rendering import render
from core.billing.invoices.xml import cii_xml
from tests.support.invoices import BRAND, BUYERS, SELLER, TAX_CASES, euros, invoice, treatment_of

ROOT = Path(__file__).parents[2]


def pages(pdf: bytes) -> list[str]:
    """The text of each page, with single spaces."""
    return [
        " ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
    ]


def of_many_lines(count: int) -> InvoiceDocument:
    lines = tuple(simple_line(i, f"Market number {i}", euros("10.00")) for i in range(1, count + 1))
    tax, totals = sum_up(lines, treatment_of("domestic"))
    return invoice(InvoiceKind.LICENCES, lines=lines, tax=tax, totals=totals)


@pytest.mark.parametrize("case", TAX_CASES)
@pytest.mark.parametrize("kind", InvoiceKind)
def test_every_kind_in_every_tax_case_is_pdf_a_3(kind: InvoiceKind, case: str) -> None:
    verdict = pdf_oxide.PdfDocument.from_bytes(render(invoice(kind, case))).validate_pdf_a("3b")
    assert verdict["valid"], verdict["errors"]


@pytest.mark.parametrize("kind", InvoiceKind)
def test_the_xml_inside_is_found_by_an_independent_reader(kind: InvoiceKind) -> None:
    document = invoice(kind)
    name, xml = facturx.get_xml_from_pdf(render(document), check_xsd=True)
    assert name == "factur-x.xml"
    assert xml == cii_xml(document)
    assert facturx.get_level(etree.fromstring(xml)) == "en16931"


def test_the_metadata_say_what_factur_x_asks_for() -> None:
    xmp = pypdf.PdfReader(io.BytesIO(render(invoice(InvoiceKind.PLAN)))).root_object["/Metadata"]
    told = xmp.get_object().get_data().decode()
    for property_ in (
        "<pdfaid:part>3<",
        "<fx:ConformanceLevel>EN 16931<",
        "<fx:DocumentFileName>factur-x.xml<",
        "<xmp:CreateDate>2026-11-01T00:00:00+00:00<",
    ):
        assert property_ in told


@pytest.mark.parametrize("kind", InvoiceKind)
def test_every_figure_stands_on_the_paper(kind: InvoiceKind) -> None:
    document = invoice(kind)
    (text,) = pages(render(document))
    totals = document.totals
    expected = [document.number, document.buyer.legal_name, SELLER.legal_name, "1 / 1"]
    expected += [line.description for line in document.lines]
    expected += [f"EUR {totals.payable.minor / 100:,.2f}", f"{totals.tax.minor / 100:,.2f}"]
    for words in expected:
        assert words in text


def test_reverse_charge_is_said_on_the_paper() -> None:
    (text,) = pages(render(invoice(InvoiceKind.PLAN, "reverse_charge")))
    assert "Reverse charge: the recipient of the service owes the VAT" in text
    assert "PL5261040828" in text
    assert "POLAND" in text


def test_the_month_closing_shows_how_the_balance_moved() -> None:
    (text,) = pages(render(invoice(InvoiceKind.CLOSING)))
    shown = text[text.index("Credit balance of the month") :]
    for words in ("At the start 412.50", "Added 1,000.00", "Used 1,213.11", "Refunded 50.00",
                  "Corrections 0.02", "At the end 149.37"):  # fmt: skip
        assert words in shown
    assert "−1,213.11" in text  # settled with credit, a true minus sign


def test_a_credit_note_names_the_invoice_and_asks_for_nothing() -> None:
    (text,) = pages(render(invoice(InvoiceKind.CREDIT_NOTE)))
    assert "Credit note 2026-000042" in text
    assert "Takes back invoice 2026-000017 of 1 October 2026" in text
    assert "Credited to you EUR 595.00" in text
    assert "Payable" not in text


def test_a_long_table_repeats_its_head_and_carries_its_sum() -> None:
    texts = pages(render(of_many_lines(100)))
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
        assert "Nordlicht Messaging GmbH" in text
    for before, after in pairwise(texts):
        if "Brought forward" not in after:  # the totals alone
            continue
        carried = before.split("Carried forward")[1].split()[0]
        assert after.split("Brought forward")[1].split()[0] == carried
        assert "Description Quantity Unit price Amount, EUR" in after
    assert sum(text.count("Market number") for text in texts) == 100
    rows_of_first = texts[0].count("Market number")
    assert f"Carried forward {rows_of_first * 10}.00" in texts[0]


@pytest.mark.parametrize("count", range(17, 30))
def test_totals_are_never_torn_apart(count: int) -> None:
    texts = pages(render(of_many_lines(count)))
    (page,) = [text for text in texts if "VAT 19 %" in text]
    assert "Payable EUR" in page
    assert "Total" in page


def test_the_same_invoice_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from core.billing.invoices.rendering import render\n"
        "from tests.support.invoices import InvoiceKind, invoice\n"
        "for kind in InvoiceKind:\n"
        "    for case in ('outside', 'eu_without_vat_id'):\n"
        "        print(hashlib.sha256(render(invoice(kind, case))).hexdigest())\n"
    )
    ours = [
        sha256(render(invoice(kind, case))).hexdigest()
        for kind in InvoiceKind
        for case in ("outside", "eu_without_vat_id")
    ]
    for seed in ("1", "2"):
        out = subprocess.run(
            [sys.executable, "-c", program, str(ROOT)],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland", "LC_ALL": "C"},
            check=True, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert out.stdout.split() == ours


def test_other_scripts_give_the_same_bytes_too() -> None:
    document = invoice(InvoiceKind.PLAN, buyer=named("شركة الواجهة नमस्ते 東京 😀"))
    assert render(document) == render(document)


def test_a_change_of_any_figure_changes_the_bytes() -> None:
    one = invoice(InvoiceKind.PLAN)
    assert render(one) != render(replace(one, number="2026-000043"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Αθήνα Καφέ ΑΕ", "Αθήνα Καφέ ΑΕ"),
        ("Ромашка ООО", "Ромашка ООО"),
        ("Công ty Phở Việt", "Công ty Phở Việt"),
        ("Brød & Sønner <b>bold</b>", "Brød & Sønner <b>bold</b>"),
        ("**not bold** __nor__ --this--", "**not bold** __nor__ --this--"),
        ("नमस्ते", "नमस्ते"),
        ("a\x00b\x07c\x1bd", "abcd"),
        ("left\u202eright", "leftright"),
        ("e\u0301te\u0301", "été"),
        ("price 5 € – “quoted”", "price 5 € – “quoted”"),
    ],
)
def test_names_are_drawn_as_they_are(name: str, shown: str) -> None:
    (text,) = pages(render(invoice(InvoiceKind.PLAN, buyer=named(name))))
    assert shown in text


def test_arabic_is_drawn_and_not_replaced() -> None:
    pdf = render(invoice(InvoiceKind.PLAN, buyer=named("شركة الواجهة")))
    (text,) = pages(pdf)
    assert "\ufffd" not in text
    used = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    fonts = [font.get_object()["/BaseFont"] for font in used]
    assert any("Arabic" in name for name in fonts)


def test_several_lines_in_other_scripts_each_name_their_font() -> None:
    buyer = replace(named("شركة الواجهة"), address=("नमस्ते 12",), city="東京", country="IN")
    pdf = render(invoice(InvoiceKind.PLAN, buyer=buyer))
    (text,) = pages(pdf)
    for words in ("नमस्ते 12", "INDIA"):
        assert words in text
    content = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert content is not None
    shown, font, saved = 0, "", []
    for operands, operator in content.operations:
        if operator == b"q":
            saved.append(font)
        elif operator == b"Q":
            font = saved.pop()
        elif operator == b"Tf":
            font = operands[0]
        elif operator in (b"Tj", b"TJ"):
            assert font, "text without a font"
            shown += 1
    assert shown > 30


def test_what_no_font_has_becomes_a_sign_on_paper_and_stays_in_the_xml() -> None:
    document = invoice(InvoiceKind.PLAN, buyer=named("東京 😀"))
    pdf = render(document)
    assert "\ufffd" in pages(pdf)[0]
    assert "東京 😀" in facturx.get_xml_from_pdf(pdf)[1].decode()


def test_ten_thousand_letters_take_two_lines_and_end_in_an_ellipsis() -> None:
    for name in ("W" * 10_000, "word " * 2_000, "Ж" * 10_000, "ش" * 10_000):
        buyer = replace(named(name), address=(name,), city=name, reference=name)
        (text,) = pages(render(invoice(InvoiceKind.PLAN, buyer=buyer)))
        assert "…" in text
        assert "Payable EUR 595.00" in text


def test_a_description_of_ten_thousand_letters_leaves_room_for_the_rest() -> None:
    document = invoice(InvoiceKind.PLAN, notes=("note " * 5_000,))
    line = replace(document.lines[0], description="y" * 10_000, detail="z " * 10_000)
    (text,) = pages(render(replace(document, lines=(line,))))
    assert "Payable EUR 595.00" in text


def test_huge_amounts_do_not_run_into_their_neighbours() -> None:
    lines = (simple_line(1, "Everything", euros("999999999.99")),)
    tax, totals = sum_up(lines, treatment_of("domestic"))
    (text,) = pages(render(invoice(InvoiceKind.PLAN, lines=lines, tax=tax, totals=totals)))
    assert "999,999,999.99 999,999,999.99" in text
    assert totals.gross.minor == Decimal("118999999999")


def test_a_logo_is_drawn_and_a_broken_one_gives_way_to_the_name() -> None:
    png = io.BytesIO()
    Image.new("RGBA", (300, 80), (11, 93, 122, 128)).save(png, "PNG")
    with_logo = render(invoice(InvoiceKind.PLAN, brand=replace(BRAND, logo=png.getvalue())))
    page = pypdf.PdfReader(io.BytesIO(with_logo)).pages[0]
    assert len(page.images) == 1
    verdict = pdf_oxide.PdfDocument.from_bytes(with_logo).validate_pdf_a("3b")
    assert verdict["valid"], verdict["errors"]
    broken = replace(BRAND, name="Polarlicht", logo=png.getvalue()[:40])
    assert "Polarlicht" in pages(render(invoice(InvoiceKind.PLAN, brand=broken)))[0]


HOSTILE = st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=60)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_stops_an_invoice(name: str, street: str, what: str) -> None:
    buyer = replace(BUYERS["outside"], legal_name=f"\x01{name}", address=(street,), city=street)
    document = invoice(InvoiceKind.PLAN, "outside", buyer=buyer, notes=(what,))
    lines = (replace(document.lines[0], description=what, detail=street),)
    pdf = render(replace(document, lines=lines))
    assert "EUR 500.00" in " ".join(pages(pdf))
    assert pdf_oxide.PdfDocument.from_bytes(pdf).validate_pdf_a("3b")["valid"]


def named(name: str) -> Party:
    return replace(BUYERS["domestic"], legal_name=name)
