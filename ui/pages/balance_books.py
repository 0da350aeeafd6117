"""The three books at the foot of the balance: what cards paid, what was invoiced, the ledger."""

from __future__ import annotations

from core.billing.payments.reconciling import Agreement
from core.money import Money
from ui import format as words
from ui.components import section_card, set_badge, status_badge, tag
from ui.context import PageContext
from ui.lists import Fact, definition_list
from ui.pages.payments import payments_path

_SENTENCE = "Of all payments so far, refunds taken off; the three are counted independently."


class Books:
    """Says whether they agree; they do, to the cent, at any time."""

    def __init__(self, page: PageContext, currency: str, statement: str) -> None:
        """`statement`: the address of the entries of the ledger."""
        self._page = page
        self._currency = currency
        self._statement = statement
        with section_card("Books", _SENTENCE), tag("div", classes="stack-tight"):
            self._badge = status_badge("dot", "")
            self._facts = definition_list([])

    async def load(self) -> None:
        """The figures as they are now."""
        it = await self._page.call(self._page.hub.billing.payments.agreement)
        if it.holds:
            set_badge(self._badge, "check-circle", "Books agree", "success")
        else:
            set_badge(self._badge, "alert", "Books do not agree: write to Support", "danger")
        self._facts.show(self._told(it))

    def _told(self, it: Agreement) -> list[Fact]:
        three = (
            ("Charged to cards", it.provider, payments_path(status="paid")),
            ("Invoiced and paid", it.invoices, "/billing/invoices?status=paid"),
            ("In the ledger", it.clearing, self._statement),
        )
        return [
            Fact(label=label, value=words.money(Money(micros, self._currency)), href=href)
            for label, micros, href in three
        ]
