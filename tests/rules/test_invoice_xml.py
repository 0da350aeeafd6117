"""Every kind of invoice in every tax case passes the norm's own rules, and says what it should."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from core.billing.invoices.document import DocumentLine, InvoiceKind, sum_up
from core.billing.invoices.xml import cii_xml
from tests.support import einvoice
from tests.support.invoices import BUYERS, SELLER, TAX_CASES, euros, invoice, treatment_of

NAMES = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


def told(xml: bytes, path: str) -> list[str]:
    return [element.text for element in etree.fromstring(xml).iterfind(path, NAMES)]


@pytest.mark.parametrize("case", TAX_CASES)
@pytest.mark.parametrize("kind", InvoiceKind)
def test_every_kind_in_every_tax_case_is_valid(kind: InvoiceKind, case: str) -> None:
    assert einvoice.faults(cii_xml(invoice(kind, case))) == []


def test_the_rules_do_find_faults() -> None:
    xml = cii_xml(invoice(InvoiceKind.PLAN))
    wrong_sum = xml.replace(b"<ram:GrandTotalAmount>595.00", b"<ram:GrandTotalAmount>595.01")
    assert wrong_sum != xml
    assert any("BR-CO-15" in fault for fault in einvoice.faults(wrong_sum))
    unknown = xml.replace(b"ram:IssueDateTime>", b"ram:IssueMoment>")
    assert any("IssueMoment" in fault for fault in einvoice.faults(unknown))


def test_a_credit_note_is_one_and_names_the_invoice() -> None:
    xml = cii_xml(invoice(InvoiceKind.CREDIT_NOTE))
    assert told(xml, "rsm:ExchangedDocument/ram:TypeCode") == ["381"]
    reference = ".//ram:InvoiceReferencedDocument"
    assert told(xml, f"{reference}/ram:IssuerAssignedID") == ["2026-000017"]
    assert told(xml, f"{reference}//qdt:DateTimeString") == ["20261001"]
    assert told(cii_xml(invoice(InvoiceKind.PLAN)), "rsm:ExchangedDocument/ram:TypeCode") == ["380"]


@pytest.mark.parametrize(
    ("case", "category", "code"),
    [
        ("domestic", "S", []),
        ("reverse_charge", "AE", ["VATEX-EU-AE"]),
        ("eu_without_vat_id", "S", []),
        ("outside", "O", ["VATEX-EU-O"]),
    ],
)
def test_the_tax_says_its_category_and_reason(case: str, category: str, code: list[str]) -> None:
    xml = cii_xml(invoice(InvoiceKind.PLAN, case))
    header = ".//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax"
    assert told(xml, f"{header}/ram:CategoryCode") == [category]
    assert told(xml, f"{header}/ram:ExemptionReasonCode") == code


def test_no_vat_id_is_named_where_nothing_is_subject_to_vat() -> None:
    xml = cii_xml(invoice(InvoiceKind.PLAN, "outside"))
    schemes = etree.fromstring(xml).findall(".//ram:SpecifiedTaxRegistration/ram:ID", NAMES)
    assert [scheme.get("schemeID") for scheme in schemes] == ["FC"]  # the tax number may stay


@pytest.mark.parametrize("case", TAX_CASES)
def test_a_seller_with_a_vat_id_only_is_still_identified(case: str) -> None:
    seller = replace(SELLER, tax_number="", registration="")
    assert einvoice.faults(cii_xml(invoice(InvoiceKind.PLAN, case, seller=seller))) == []


def test_what_is_paid_leaves_nothing_due() -> None:
    xml = cii_xml(invoice(InvoiceKind.TOP_UP))
    assert told(xml, ".//ram:TotalPrepaidAmount") == ["1237.60"]
    assert told(xml, ".//ram:DuePayableAmount") == ["0.00"]


def test_prices_finer_than_a_cent_stay_exact() -> None:
    lines = (
        DocumentLine(number="1", description="Utility", quantity=Decimal(2_611),
                     unit_price=Decimal("0.0456"), net=euros("119.06")),
    )  # fmt: skip
    tax, totals = sum_up(lines, treatment_of("domestic"))
    xml = cii_xml(invoice(InvoiceKind.LICENCES, lines=lines, tax=tax, totals=totals))
    assert told(xml, ".//ram:ChargeAmount") == ["0.0456"]
    assert einvoice.faults(xml) == []


def test_round_thousands_are_written_without_an_exponent() -> None:
    lines = (
        DocumentLine(number="1", description="Credit", quantity=Decimal("1E+3"),
                     unit_price=Decimal("1E+1"), net=euros("10000")),
    )  # fmt: skip
    tax, totals = sum_up(lines, treatment_of("domestic"))
    xml = cii_xml(invoice(InvoiceKind.LICENCES, lines=lines, tax=tax, totals=totals))
    assert told(xml, ".//ram:BilledQuantity") == ["1000"]
    assert told(xml, ".//ram:ChargeAmount") == ["10"]


def test_long_addresses_keep_all_lines() -> None:
    buyer = replace(BUYERS["domestic"], address=("Floor 3", "Door 4", "Lange Straße 5", "Berlin"))
    xml = cii_xml(invoice(InvoiceKind.PLAN, buyer=buyer))
    assert told(xml, ".//ram:BuyerTradeParty//ram:LineThree") == ["Lange Straße 5, Berlin"]


HOSTILE = st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_text_makes_an_invalid_invoice(name: str, street: str, what: str, note: str) -> None:
    buyer = replace(
        BUYERS["domestic"], legal_name=f"\x01{name}", address=(street,), city=street,
        reference=note, email=note,
    )  # fmt: skip
    document = invoice(InvoiceKind.PLAN, buyer=buyer, notes=(note,))
    lines = (replace(document.lines[0], description=what, detail=note),)
    assert einvoice.faults(cii_xml(replace(document, lines=lines))) == []
