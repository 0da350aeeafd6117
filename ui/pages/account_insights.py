"""What the number sent and cost in the last days: by day as a chart, by category as a table; live.

Members see what it sent; whether there is a cost to show is the service's decision.
"""

from __future__ import annotations

from datetime import timedelta

from core.billing.balance.insights import DAYS, NumberInsights, Volume
from core.billing.balance.messages import Cut
from core.money import MICROS
from ui import format as words
from ui.charts import Chart, CountChart, Series
from ui.components import section_card, tag
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, Row
from ui.lists import Fact, FilterChips, definition_list
from ui.paced import Paced
from ui.pages import balance_words
from ui.pages.balance_messages import messages_path

_ABOUT = f"What this number sent in the last {DAYS} days (UTC), today included."
_NOTHING = f"No messages yet in the last {DAYS} days. They show here once Meta has delivered them."
_MESSAGES, _COST = "messages", "cost"
_CHARTS = {_MESSAGES: "Messages", _COST: "Cost"}
_DAY = timedelta(days=1)


class InsightsCard:
    """The card on the details page; drawn once there is something to see, then only filled."""

    def __init__(self, page: PageContext, channel_id: str) -> None:
        self._page, self._id = page, channel_id
        self._shows_cost: bool | None = None  # None: nothing is drawn
        self._by = _MESSAGES
        with section_card("Insights", _ABOUT) as place:
            self._body = tag("div", classes="stack")
        self.load = Paced(self._load, place)

    async def draw(self) -> None:
        """The first figures; `load` reads them again, at most so often."""
        await self._load()

    async def _load(self) -> None:
        it = await self._page.call(self._page.hub.billing.insights.of_number, self._id)
        if not self._body.is_deleted:
            self._show(it)

    def _show(self, it: NumberInsights) -> None:
        self._it = it
        shows_cost = it.total.cost is not None
        if not it.total.messages and self._shows_cost is None:
            self._body.clear()
            with self._body:
                tag("p", _NOTHING, "quiet")
            return
        if shows_cost != self._shows_cost:  # the first message, or another role
            self._shows_cost = shows_cost
            self._body.clear()
            with self._body:
                self._draw()
            return
        self._total.show(_facts(it, self._id))
        self._categories.show(_rows(it))
        self._chart.show(_labels(it), self._series())

    def _draw(self) -> None:
        self._total = definition_list(_facts(self._it, self._id))
        if self._shows_cost:
            FilterChips(_CHARTS, self._by, self._choose, "Chart of")
        else:
            self._by = _MESSAGES
        self._place = tag("div")
        self._draw_chart()
        columns = [
            Column(key="name", title="Category"),
            Column(key="messages", title="Messages", right=True),
        ]
        if self._shows_cost:
            columns.append(Column(key="cost", title="Cost", right=True))
        self._categories = DataTable("By category", columns, _rows(self._it))

    def _draw_chart(self) -> None:
        labels, series = _labels(self._it), self._series()
        self._place.clear()
        with self._place:
            if self._by == _COST and self._it.total.cost is not None:
                currency = self._it.total.cost.currency
                self._chart = Chart("Cost by day", labels, series, currency, height=180)
            else:
                self._chart = CountChart("Messages by day", labels, series)

    def _series(self) -> list[Series]:
        if self._by == _COST:
            return [Series(name="Cost", micros=[_micros(each) for each in self._it.days])]
        return [Series(name="Messages", micros=[each.messages * MICROS for each in self._it.days])]

    def _choose(self, by: str) -> None:
        self._by = by if by in _CHARTS else _MESSAGES
        self._draw_chart()


def _facts(it: NumberInsights, channel_id: str) -> list[Fact]:
    free = f"{words.number(it.free_messages)} of them free" if it.free_messages else ""
    sent = Fact(label="Messages", value=words.number(it.total.messages), hint=free)
    if it.total.cost is None:
        return [sent]
    # Whoever may see money may see each message of it.
    path = messages_path(it.start, it.end - _DAY, Cut.NUMBER, channel_id, it.payer_client)
    return [sent, Fact(label="Cost", value=words.money(it.total.cost), href=path)]


def _rows(it: NumberInsights) -> list[Row]:
    return [
        {
            "id": name,
            "name": balance_words.category(name),
            "messages": words.number(volume.messages),
            "cost": words.money(volume.cost) if volume.cost is not None else "",
        }
        for name, volume in it.by_category
    ]


def _labels(it: NumberInsights) -> list[str]:
    days = (it.start + n * _DAY for n in range(len(it.days)))
    return [f"{day.day} {day:%b}" for day in days]


def _micros(volume: Volume) -> int:
    return volume.cost.micros if volume.cost is not None else 0
