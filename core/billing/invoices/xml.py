"""The structured invoice inside the PDF: EN 16931 as Cross Industry Invoice, by drafthorse.

One profile for all kinds. Checked in the tests against the XSD and the Schematron of the norm, not
at run time: a document that adds up (`document.py`) is valid.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration
from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.tradelines import LineItem

from core.billing.invoices.document import DocumentLine, InvoiceDocument, InvoiceKind, decimal
from core.billing.invoices.parties import Party
from core.billing.invoices.tax import TaxCategory, Treatment
from core.billing.invoices.text import named, one_line

PROFILE = "urn:cen.eu:en16931:2017"
_INVOICE, _CREDIT_NOTE = "380", "381"  # UNTDID 1001
_VAT = "VAT"
_EMAIL = "EM"  # electronic address scheme: SMTP
_TAX_NUMBER = "FC"  # UNTDID 1153: fiscal number, the national one


def cii_xml(document: InvoiceDocument) -> bytes:
    """The invoice as CII XML, profile EN 16931; the same document gives the same bytes."""
    cii = Document()
    cii.context.guideline_parameter.id = PROFILE
    _write_header(cii.header, document)
    for line in document.lines:
        cii.trade.items.add(_line(line, document.treatment))
    _write_parties(cii.trade.agreement, document)
    cii.trade.delivery.event.occurrence = _moment(_supplied(document))
    _write_settlement(cii.trade.settlement, document)
    return bytes(cii.serialize(schema=None))


def _write_header(header: Any, document: InvoiceDocument) -> None:
    is_credit = document.kind is InvoiceKind.CREDIT_NOTE
    header.id = one_line(document.number)
    header.type_code = _CREDIT_NOTE if is_credit else _INVOICE
    header.issue_date_time = _moment(document.issued)
    for note in (*document.notes, document.payment.state):
        if text := one_line(note):
            included = IncludedNote()
            included.content = text
            header.notes.add(included)


def _write_parties(agreement: Any, document: InvoiceDocument) -> None:
    """Without VAT IDs where nothing is subject to VAT (BR-O-02)."""
    with_vat_ids = document.treatment.category is not TaxCategory.OUTSIDE_SCOPE
    _write_party(agreement.seller, document.seller, with_vat_id=with_vat_ids)
    _write_party(agreement.buyer, document.buyer, with_vat_id=with_vat_ids)
    seller = document.seller
    if seller.tax_number:
        agreement.seller.tax_registrations.add(_registration(_TAX_NUMBER, seller.tax_number))
    # A seller is identified by something (BR-CO-26), also where its VAT ID may not be named.
    if not (with_vat_ids and seller.vat_id) and not seller.registration:
        agreement.seller.id = one_line(seller.reference or seller.vat_id or seller.tax_number)


def _write_party(element: Any, party: Party, *, with_vat_id: bool) -> None:
    if reference := one_line(party.reference):
        element.id = reference
    element.name = named(party.legal_name)
    if registration := one_line(party.registration):
        element.legal_organization.id = ("", registration)
    _write_address(element.address, party)
    if email := one_line(party.email):
        element.electronic_address.uri_ID = (_EMAIL, email)
    if with_vat_id and party.vat_id:
        element.tax_registrations.add(_registration("VA", party.vat_id))


def _write_address(address: Any, party: Party) -> None:
    lines = [text for line in party.address if (text := one_line(line))]
    address.postcode = one_line(party.postal_code)
    for name, text in zip(("line_one", "line_two", "line_three"), _three(lines), strict=False):
        setattr(address, name, text)
    address.city_name = one_line(party.city)
    address.country_id = party.country


def _three(lines: list[str]) -> list[str]:
    return [*lines[:2], ", ".join(lines[2:])] if len(lines) > 2 else lines  # noqa: PLR2004


def _registration(scheme: str, number: str) -> TaxRegistration:
    registration = TaxRegistration()
    registration.id = (scheme, one_line(number).replace(" ", ""))
    return registration


def _line(line: DocumentLine, treatment: Treatment) -> LineItem:
    item = LineItem()
    item.document.line_id = one_line(line.number)
    item.product.name = named(line.description)
    if detail := one_line(line.detail):
        item.product.description = detail
    item.agreement.net.amount = _plain(line.unit_price)
    if line.price_base != 1:
        item.agreement.net.basis_quantity = (_plain(line.price_base), line.unit)
    item.delivery.billed_quantity = (_plain(line.quantity), line.unit)
    item.settlement.trade_tax.type_code = _VAT
    item.settlement.trade_tax.category_code = treatment.category.value
    if (rate := _percent(treatment)) is not None:
        item.settlement.trade_tax.rate_applicable_percent = rate
    item.settlement.monetary_summation.total_amount = decimal(line.net)
    return item


def _write_settlement(settlement: Any, document: InvoiceDocument) -> None:
    settlement.currency_code = document.currency
    settlement.payment_means.add(_means(document))
    settlement.trade_tax.add(_tax(document))
    if document.period:
        settlement.period.start = _moment(document.period.first)
        settlement.period.end = _moment(document.period.last)
    if document.due or document.payment.terms:
        settlement.terms.add(_terms(document))
    _write_totals(settlement.monetary_summation, document)
    if document.preceding:
        reference = settlement.invoice_referenced_document
        reference.issuer_assigned_id = one_line(document.preceding.number)
        reference.issue_date_time = _moment(document.preceding.issued)


def _means(document: InvoiceDocument) -> PaymentMeans:
    means = PaymentMeans()
    means.type_code = document.payment.means
    if text := one_line(document.payment.means_text):
        means.information.add(text)
    return means


def _tax(document: InvoiceDocument) -> ApplicableTradeTax:
    treatment = document.treatment
    tax = ApplicableTradeTax()
    tax.calculated_amount = decimal(document.tax.tax)
    tax.type_code = _VAT
    tax.basis_amount = decimal(document.tax.base)
    tax.category_code = treatment.category.value
    if treatment.sentence:
        tax.exemption_reason = treatment.sentence
        tax.exemption_reason_code = treatment.code
    if (rate := _percent(treatment)) is not None:
        tax.rate_applicable_percent = rate
    return tax


def _terms(document: InvoiceDocument) -> PaymentTerms:
    terms = PaymentTerms()
    if text := one_line(document.payment.terms):
        terms.description = text
    if document.due:
        terms.due = _moment(document.due)
    return terms


def _write_totals(summation: Any, document: InvoiceDocument) -> None:
    totals = document.totals
    summation.line_total = decimal(totals.net)
    summation.tax_basis_total = decimal(totals.net)
    summation.tax_total = (decimal(totals.tax), document.currency)
    summation.grand_total = decimal(totals.gross)
    if totals.is_prepaid:
        summation.prepaid_total = decimal(totals.prepaid)
    summation.due_amount = decimal(totals.payable)


def _percent(treatment: Treatment) -> Decimal | None:
    """Percent, or None where the norm wants none: outside the scope there is no rate (BR-O-05)."""
    if treatment.category is TaxCategory.OUTSIDE_SCOPE:
        return None
    percent = treatment.rate * 100
    return Decimal(percent.numerator) / Decimal(percent.denominator)


def _supplied(document: InvoiceDocument) -> date:
    return document.period.last if document.period else document.issued


def _moment(day: date) -> datetime:
    """drafthorse takes times and writes the day only."""
    return datetime.combine(day, time())


def _plain(number: Decimal) -> Decimal:
    """Without the exponent that `normalize` leaves in round numbers (1E+3)."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number
