"""Invoices in words: kinds, statuses, VAT, what is wrong with a form."""

from __future__ import annotations

from datetime import date

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.entities import BillingDetails, Invoice
from core.billing.invoices.statuses import InvoiceStatus, VatState
from core.money import Money
from ui.components import Tone

KINDS = {
    InvoiceKind.PLAN: "Plan",
    InvoiceKind.LICENCES: "Licences",
    InvoiceKind.TOP_UP: "Top-up",
    InvoiceKind.CLOSING: "Month closing",
    InvoiceKind.CREDIT_NOTE: "Credit note",
}
STATUSES: dict[InvoiceStatus, tuple[str, str, Tone]] = {
    InvoiceStatus.PENDING: ("hourglass", "Pending", "info"),
    InvoiceStatus.UNPAID: ("alert", "Unpaid", "danger"),
    InvoiceStatus.PAID: ("check-circle", "Paid", "success"),
    InvoiceStatus.VOID: ("ban", "Void", "neutral"),
    InvoiceStatus.CREDIT_NOTE: ("arrow-left", "Credit note", "neutral"),
}
_VAT: dict[VatState, tuple[str, str, Tone, str]] = {
    VatState.NONE: (
        "dot",
        "No VAT ID",
        "neutral",
        "Within the European Union VAT is charged without one.",
    ),
    VatState.UNKNOWN: (
        "hourglass",
        "Being checked",
        "info",
        "The register has not answered yet. Until it does, VAT is charged.",
    ),
    VatState.VALID: (
        "check-circle",
        "Checked",
        "success",
        "The register knows it. Outside the seller's country invoices carry no VAT: you owe it "
        "yourself (reverse charge).",
    ),
    VatState.INVALID: (
        "cross-circle",
        "Not registered",
        "danger",
        "The register does not know it, so VAT is charged. Correct it and save again.",
    ),
}
_FAULTS = {
    "needed": "This is needed on an invoice.",
    "too_long": "This is too long.",
    "unknown_country": "Choose a country.",
    "not_an_address": "An e-mail address such as billing@example.com.",
    "vat_format": "This is not the form of a VAT ID of this country.",
    "vat_checksum": "This VAT ID has a typing error: its check digit does not fit.",
    "vat_country": "This VAT ID belongs to another country than the one above.",
}


def gross(invoice: Invoice) -> Money:
    """What the invoice comes to; a credit note gives it back."""
    sign = -1 if invoice.kind == InvoiceKind.CREDIT_NOTE else 1
    return Money(sign * invoice.gross_micros, invoice.currency)


def day(value: date | None) -> str:
    """`3 Mar 2026`."""
    return f"{value.day} {value:%b %Y}" if value else ""


def kind(raw: str) -> str:
    return KINDS[InvoiceKind(raw)]


def status(raw: str) -> tuple[str, str, Tone]:
    """Icon, word and tone."""
    return STATUSES[InvoiceStatus(raw)]


def vat(details: BillingDetails | None) -> tuple[str, str, Tone, str]:
    """Icon, word, tone and what follows of the VAT ID's state."""
    return _VAT[VatState(details.vat_state) if details else VatState.NONE]


def fault(code: str) -> str:
    """What is wrong with a field of the details."""
    return _FAULTS.get(code, code)
