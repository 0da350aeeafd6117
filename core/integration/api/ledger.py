"""Ledger entries of a credit as programs list them."""

from __future__ import annotations

from sqlmodel import col, or_, select

from core.access import Permission, Principal, partner_of
from core.billing.balance.results import StatementEntry
from core.billing.balance.statement import seen
from core.billing.entities import LedgerEntry
from core.errors import NotFound
from core.integration.api.clients import find_client
from core.integration.api.lists import ListOf, ListQuery, Page, at, equals
from core.integration.api.room import Room
from core.integration.api.usage import book_of

ENTRIES = ListOf(
    key=col(LedgerEntry.id),
    newest=col(LedgerEntry.at),
    filters={
        "key": equals(col(LedgerEntry.key)),
        "kind": equals(col(LedgerEntry.kind)),
        "at": at(col(LedgerEntry.at)),
    },
    sorts={"at": col(LedgerEntry.at), "kind": col(LedgerEntry.kind)},
)


class LedgerLists:
    """Owners, and programs that may read billing."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, who: Principal, query: ListQuery, client_id: str = "") -> Page[StatementEntry]:
        """Of the partner's credit, or of a client's own; the newest first.

        Raises NotFound, also for a client without a credit of its own, and InvalidInput.
        """
        with self._room.gate.reading(who, Permission.BILLING) as session:
            partner = partner_of(session, who)
            book = book_of(partner, find_client(session, client_id).id if client_id else "")
            if client_id and not book.payer.client_id:
                raise NotFound("it has no credit of its own", client_id=client_id)
            sides = or_(
                col(LedgerEntry.credit_account) == book.account,
                col(LedgerEntry.debit_account) == book.account,
            )
            own = (col(LedgerEntry.partner_id) == partner.id, sides)
            found = ENTRIES.rows(session, select(LedgerEntry), query, *own)
            return Page(items=[seen(book, row) for row in found.items], total=found.total)
