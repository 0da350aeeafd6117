"""A month's statement as a PDF: every entry with the balance after it, and whom it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from core.access import Principal
from core.billing.balance.results import StatementEntry
from core.billing.balance.service import Balances, month_of
from core.billing.entities import EntryKind
from core.billing.invoices.document import Period
from core.billing.invoices.service import InvoiceFile, Invoices
from core.billing.invoices.statement import Movement, Statement
from core.money import Money

_KINDS = {
    EntryKind.USAGE.value: "Messages",
    EntryKind.TOP_UP.value: "Top-up",
    EntryKind.TOP_UP_SETTLED.value: "Top-up",
}


@dataclass(frozen=True, slots=True)
class StatementFiles:
    """`press` draws in a process of its own; a hundred thousand entries take it seconds."""

    balances: Balances
    invoices: Invoices
    press: Callable[[Statement], bytes]

    def pdf(self, who: Principal, month: str, client_id: str = "") -> InvoiceFile:
        """Raises InvalidInput for another form than '2026-11', NotFound for a foreign client."""
        first, behind = month_of(month)
        book = self.balances.whole_month(who, month, client_id)
        parties = self.invoices.parties(who, client_id)
        movements = tuple(_movements(book.entries, book.start))
        statement = Statement(
            period=Period(first=first, last=behind - timedelta(days=1)),
            seller=parties.seller,
            payer=parties.buyer,
            brand=parties.brand,
            start=book.start,
            end=movements[-1].balance if movements else book.start,
            movements=movements,
        )
        return InvoiceFile(name=f"statement-{month}.pdf", content=self.press(statement))


def _movements(entries: Iterable[StatementEntry], balance: Money) -> Iterator[Movement]:
    for entry in entries:
        balance += entry.amount
        yield Movement(entry.at, _kind(entry.kind), _why(entry), entry.amount, balance)


def _kind(kind: str) -> str:
    return _KINDS.get(kind, kind.replace("_", " ").capitalize())


def _why(entry: StatementEntry) -> str:
    about = entry.about
    if "policy" in about:
        return f"{about.get('messages', 0)} messages, policy {about['policy']}, {about['card']}"
    return str(about.get("why", ""))
