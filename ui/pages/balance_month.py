"""A month's movements: start, what came, what went, end; each line leads to its entries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from nicegui import ui

from core.billing.balance.results import Movements
from core.money import Money
from ui import format as words
from ui.components import button, link_button, section_card, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, cell
from ui.pages import balance_words
from ui.pages.balance_messages import messages_path

STATEMENT = "/billing/balance/statement"
_COLUMNS = (
    Column(key="what", title="Movement"),
    Column(key="amount", title="Amount", right=True),
)


class Month:
    """The card on the balance page; begins with this month."""

    def __init__(self, page: PageContext, client_id: str) -> None:
        self._page = page
        self._client = client_id
        self._first = page.hub.clock.now().date().replace(day=1)
        with section_card("Movements"):
            with tag("div", classes="line spread"):
                with tag("div", classes="line"):
                    _turn("chevron-left", "Month before", self._back)
                    self._name = tag("h3")
                    self._forth = _turn("chevron-right", "Month after", self._on)
                self._statement = link_button("Statement", STATEMENT, icon="receipt")
            self._table = DataTable("Movements of the month", _COLUMNS)

    async def load(self) -> None:
        """The month's figures as they are now."""
        verb = self._page.hub.billing.balance.movements
        it = await self._page.call(verb, f"{self._first:%Y-%m}", self._client)
        self._name.set_text(month_name(self._first))
        self._forth.set_enabled(self._first < self._page.hub.clock.now().date().replace(day=1))
        client = f"&client={self._client}" if self._client else ""
        self._statement.props["href"] = f"{STATEMENT}?month={it.month}{client}"
        self._statement.update()
        self._table.show(
            _rows(it, self._links()), {"what": "At the end", "amount": words.money(it.end)}
        )

    def _links(self) -> dict[str, str]:
        """Where each line's figure comes from: the messages, or the statement without them."""
        client = f"&client={self._client}" if self._client else ""
        before = f"{self._first - timedelta(days=1):%Y-%m}"
        last = (self._first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return {
            "start": f"{STATEMENT}?month={before}{client}",
            "used": messages_path(self._first, last, client_id=self._client),
            "other": f"{STATEMENT}?month={self._first:%Y-%m}&part=other{client}",
        }

    async def _back(self) -> None:
        self._first = (self._first - timedelta(days=1)).replace(day=1)
        await self.load()

    async def _on(self) -> None:
        self._first = (self._first + timedelta(days=31)).replace(day=1)
        await self.load()


def _turn(icon: str, label: str, on_click: Callable[[], Awaitable[None]]) -> ui.button:
    element = button("", on_click, icon=icon, small=True)
    element.props["aria-label"] = label
    return element


def month_name(first: date) -> str:
    """`November 2026`."""
    return f"{first:%B %Y}"


def _rows(it: Movements, links: dict[str, str]) -> list[Row]:
    lines: list[tuple[str, str, str, Money]] = [
        ("start", "At the start", "", it.start),
        ("added", "Top-ups", "", it.added),
        ("used", "Messages", _made_of(it), -it.used),
        ("fees", "Fees", "", -it.fees),
        ("refunded", "Refunded", "", -it.refunded),
        ("corrected", "Corrections", "", it.corrected),
    ]
    return [
        {
            "id": key,
            "href": links.get(key, links["other"]),
            "what": cell(word, second=second),
            "amount": words.money(amount),
        }
        for key, word, second, amount in lines
        if amount.micros or key in ("start", "added", "used")
    ]


def _made_of(it: Movements) -> str:
    parts = [
        f"{balance_words.category(share.id)} {words.money(share.amount)}"
        for share in it.by_category
        if share.amount.micros
    ]
    return ", ".join(parts)
