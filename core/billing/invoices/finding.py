"""Invoices by key and id, fresh from the database, in the caller's transaction."""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.billing.invoices.entities import Invoice, InvoiceLine
from core.billing.ledger import Payer
from core.errors import NotFound


def find(session: Session, key: str) -> Invoice | None:
    """The invoice of this key."""
    found = select(Invoice).where(col(Invoice.key) == key)
    return session.exec(found.execution_options(populate_existing=True)).one_or_none()


def locked(session: Session, invoice_id: str) -> Invoice:
    """The invoice as it is now, locked until the transaction ends; raises NotFound."""
    found = select(Invoice).where(col(Invoice.id) == invoice_id).with_for_update()
    invoice = session.exec(found.execution_options(populate_existing=True)).one_or_none()
    if invoice is None:
        raise NotFound("no such invoice", invoice_id=invoice_id)
    return invoice


def existing(session: Session, invoice_id: str) -> Invoice:
    """Raises NotFound."""
    found = select(Invoice).where(col(Invoice.id) == invoice_id)
    invoice = session.exec(found.execution_options(populate_existing=True)).one_or_none()
    if invoice is None:
        raise NotFound("no such invoice", invoice_id=invoice_id)
    return invoice


def lines_of(session: Session, invoice_id: str) -> list[InvoiceLine]:
    """In their order."""
    found = select(InvoiceLine).where(col(InvoiceLine.invoice_id) == invoice_id)
    return list(session.exec(found.order_by(col(InvoiceLine.position))))


def credits_of(session: Session, invoice_id: str) -> list[Invoice]:
    """Its credit notes, the oldest first."""
    found = select(Invoice).where(col(Invoice.credits_id) == invoice_id)
    return list(session.exec(found.order_by(col(Invoice.number))))


def payer_of(invoice: Invoice) -> Payer:
    """Whose invoice it is."""
    return Payer(partner_id=invoice.partner_id, client_id=invoice.client_id)
