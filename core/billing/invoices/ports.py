"""What invoices need from outside, and the names of the durable work around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from core.billing.invoices.document import InvoiceDocument
from core.billing.ledger import Payer

# Durable work, by name. `COLLECT_JOB` charges an invoice; payments register it.
COLLECT_JOB = "collect"  # (partner_id, invoice_id)
PDF_JOB = "invoice_pdf"  # (partner_id, invoice_id)
MAIL_JOB = "invoice_mail"  # (partner_id, invoice_id, kind, tries)
VAT_JOB = "vat_check"  # (partner_id, version of the details, tries)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundSwitch:
    """Called in the transaction in which an invoice's dunning ends, and in that of its payment."""

    stop: Callable[[Session, Payer], object]
    resume: Callable[[Session, Payer], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFacts:
    """What is known of a payer who has not filled in any details; texts may be empty."""

    name: str
    email: str
    country: str
    language: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """What messages of one category and market cost, exactly, in micros."""

    category: str
    market: str
    messages: int
    micros: int


class PayerBook(Protocol):
    """Reads of rows that billing does not know, in the caller's transaction."""

    def facts(self, session: Session, payer: Payer) -> PayerFacts:
        """Raises NotFound for a partner or client that is none."""
        ...

    def client_names(self, session: Session, ids: Sequence[str]) -> dict[str, str]:
        """By id; unknown ones are missing."""
        ...


class VatRegister(Protocol):
    """The member states' registers of VAT IDs."""

    def is_registered(self, vat_id: str) -> bool:
        """`vat_id` with its prefix. Raises Unavailable when nobody answers: nothing is known."""
        ...


class Press(Protocol):
    """Makes the file of an invoice: PDF/A-3 with the EN 16931 XML inside, the same bytes always."""

    def __call__(self, document: InvoiceDocument) -> bytes: ...
