"""Where the credit went: balance and spend by day, and the same sum by who, what and where.

Each line leads to the messages it sums up.
"""

from __future__ import annotations

from datetime import timedelta

from core.billing.balance.messages import Cut
from core.billing.balance.results import CreditView, Share, Spend
from core.money import Money
from ui import format as words
from ui.charts import Chart, Series
from ui.components import section_card, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row, cell
from ui.lists import FilterChips
from ui.pages import balance_words
from ui.pages.balance_messages import messages_path

_BY = {"category": "Category", "client": "Client", "number": "Number", "market": "Market"}
_DAY = timedelta(days=1)


class SpendCharts:
    """Two charts over the last days; `load` reads them again and returns what they show."""

    def __init__(self, page: PageContext, client_id: str, days: int) -> None:
        self._page = page
        self._client = client_id
        self._days = days
        self._place = tag("div", classes="balance-charts")
        self._charts: tuple[Chart, Chart] | None = None

    async def load(self, view: CreditView) -> Spend:
        """Figures of the last days, today included."""
        end = self._page.hub.clock.now().date() + _DAY
        start = end - self._days * _DAY
        verb = self._page.hub.billing.balance.spend
        spend = await self._page.call(verb, start, end, self._client)
        self._draw(spend, view)
        return spend

    def _draw(self, spend: Spend, view: CreditView) -> None:
        labels = [f"{each.day.day} {each.day:%b}" for each in spend.days]
        used = [Series(name="Spent", micros=[each.used.micros for each in spend.days])]
        left = [
            Series(name="Balance", role="info-text", micros=[e.balance.micros for e in spend.days])
        ]
        levels = [(f"Alert at {words.money(level)}", level.micros) for level in view.levels]
        if self._charts is not None:
            self._charts[0].show(labels, left, levels)
            self._charts[1].show(labels, used)
            return
        currency = spend.used.currency
        with self._place:
            with section_card("Balance", "At the end of each day (UTC)."):
                balance = Chart("Balance by day", labels, left, currency, line=True, marks=levels)
            with section_card("Spent", "On messages, by day (UTC)."):
                self._charts = (balance, Chart("Spent by day", labels, used, currency))


class Shares:
    """One sum, cut four ways."""

    def __init__(self, days: int, client_id: str) -> None:
        self._client = client_id
        self._spend: Spend | None = None
        self._by = "category"
        with section_card("Where it went", f"The last {days} days, the largest first."):
            FilterChips(_BY, self._by, self._choose, "Cut by")
            columns = [
                Column(key="name", title="Name"),
                Column(key="messages", title="Messages", right=True),
                Column(key="part", title="Part", right=True),
                Column(key="amount", title="Spent", right=True),
            ]
            self._table = DataTable("Where it went", columns)
            self._none = tag("p", "Nothing was sent in these days.", "quiet")

    def show(self, spend: Spend) -> None:
        """Other figures, cut as before."""
        self._spend = spend
        shares = self._shares(spend)
        total = spend.used.micros
        rows = [_row(share, total, self._by) | self._link(share, spend) for share in shares]
        self._table.show(rows, _foot(spend))
        self._table.set_visibility(bool(shares))
        self._none.set_visibility(not shares)

    def _link(self, share: Share, spend: Spend) -> Row:
        if not share.id:
            return {}
        last, by = spend.end - _DAY, Cut(self._by)
        return {"href": messages_path(spend.start, last, by, share.id, self._client)}

    def _choose(self, by: str) -> None:
        self._by = by if by in _BY else "category"
        if self._spend is not None:
            self.show(self._spend)

    def _shares(self, spend: Spend) -> tuple[Share, ...]:
        return {
            "category": spend.by_category,
            "client": spend.by_client,
            "number": spend.by_number,
            "market": spend.by_market,
        }[self._by]


def _row(share: Share, total: int, by: str) -> Row:
    return {
        "id": share.id or "others",
        "name": _name(share, by),
        "messages": words.number(share.messages),
        "part": f"{_percent(share.amount, total)} %",
        "amount": words.money(share.amount),
    }


def _name(share: Share, by: str) -> str | Row:
    if not share.id:
        return cell("All others")
    if by == "category":
        return balance_words.category(share.id)
    return words.phone(share.name) if by == "number" else share.name or share.id


def _percent(amount: Money, total: int) -> int:
    return round(100 * amount.micros / total) if total else 0


def _foot(spend: Spend) -> Row:
    return {
        "name": "Total",
        "messages": words.number(spend.messages),
        "amount": words.money(spend.used),
    }
