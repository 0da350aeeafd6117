"""Invoices and credit notes as programs list them; one of them comes from `billing.invoices`."""

from __future__ import annotations

from sqlmodel import col, select

from core.access import Permission, Principal
from core.billing.invoices.entities import Invoice
from core.integration.api.lists import ListOf, ListQuery, Page, at, equals
from core.integration.api.room import Room

INVOICES = ListOf(
    key=col(Invoice.id),
    newest=col(Invoice.issued_at),
    filters={
        "id": equals(col(Invoice.id)),
        "number": equals(col(Invoice.number)),
        "kind": equals(col(Invoice.kind)),
        "status": equals(col(Invoice.status)),
        "client_id": equals(col(Invoice.client_id)),
        "currency": equals(col(Invoice.currency)),
        "issued_at": at(col(Invoice.issued_at)),
    },
    sorts={
        "issued_at": col(Invoice.issued_at),
        "number": col(Invoice.number),
        "status": col(Invoice.status),
        "gross": col(Invoice.gross_micros),
    },
)


class InvoiceLists:
    """Owners, and programs that may read billing."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, who: Principal, query: ListQuery) -> Page[Invoice]:
        """The partner's own and, direct-paid, its clients'. Raises InvalidInput."""
        with self._room.gate.reading(who, Permission.BILLING) as session:
            own = col(Invoice.partner_id) == who.tenant.partner_id
            return INVOICES.rows(session, select(Invoice), query, own)
