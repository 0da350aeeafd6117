"""Licences: every number with its tier, since when, at what price; changed one by one; live."""

from __future__ import annotations

from nicegui import ui

from core.errors import HubError
from core.ports import Notice
from core.subscriptions.states import PlanName
from core.subscriptions.views import LicenceRow, Overview
from ui import format as words
from ui.components import button, empty_state, link_button, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import toast
from ui.elements.data_table import Column, DataTable, Row, act, badge_cell, cell, time_cell
from ui.location import current_query, show_query
from ui.pages import subscriptions_words as told
from ui.pages.subscriptions import LICENCES, PATH
from ui.pages.subscriptions_tier import TierDialog

SENTENCE = "One for each number. A larger one counts at once, a smaller one from next month."
_ABOUT = frozenset({"licence", "subscription", "channel"})
_ROWS = 50
_COLUMNS = (
    Column(key="number", title="Number"),
    Column(key="tier", title="Licence"),
    Column(key="since", title="Since"),
    Column(key="price", title="A month, before VAT", right=True),
)


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Licences(page).draw()


class Licences:
    """One open list; search and page stand in the address."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        query = current_query()
        self._text = query.get("q", "")[:100]
        self._cursor = query.get("after", "")[:200]
        self._next = ""
        self._readings = 0
        self._rows: dict[str, LicenceRow] = {}

    async def draw(self) -> None:
        self._page.follow(self._changed)
        page_header("Licences", SENTENCE, [("Subscriptions", PATH)])
        with tag("div", classes="stack"):
            self._draw_search()
            self._room = tag("div", classes="stack")
        # A question outlives the rows: a change told meanwhile draws them anew.
        self._questions = tag("div")
        await self._load()

    def _draw_search(self) -> None:
        field = ui.input(value=self._text, placeholder="Number, name or client")
        field.props("outlined dense clearable type=search").style("width: 280px; max-width: 100%")
        field.props["aria-label"] = "Search licences"
        field.on("keydown.enter", lambda: self._find(field.value or ""), args=[])
        field.on("clear", lambda: self._find(""), args=[])

    async def _load(self) -> None:
        """Read the page; rows that only changed glow where they stand."""
        self._readings = reading = self._readings + 1
        verb = self._page.hub.subscriptions.licences
        rows, following = await self._page.call(
            verb, cursor=self._cursor, search=self._text, limit=_ROWS
        )
        if reading != self._readings or self._room.is_deleted:  # a later one knows better
            return
        self._next = following
        before, self._rows = list(self._rows), {row.channel_id: row for row in rows}
        if rows and before == list(self._rows):
            self._table.patch([_row(row) for row in rows])
            return
        self._room.clear()
        with self._room:
            self._draw(rows)

    def _draw(self, rows: list[LicenceRow]) -> None:
        if not rows:
            self._draw_nothing()
            return
        self._table = DataTable(
            "Licences", _COLUMNS, [_row(row) for row in rows], on_act=self._acted
        )
        with tag("div", classes="line"):
            if self._cursor:
                button("First", lambda: self._turn(""), icon="first", small=True)
            if self._next:
                button("Next", lambda: self._turn(self._next), icon="chevron-right", small=True)

    def _draw_nothing(self) -> None:
        if self._text or self._cursor:
            with empty_state("search", "No match", "No licensed number fits this."):
                link_button("Show all", LICENCES)
            return
        why = "A number gets its licence when it goes live. Connect a client to see the first one."
        with empty_state("phone", "No licence yet", why):
            link_button("Go to WhatsApp Accounts", "/accounts")

    async def _find(self, text: str) -> None:
        self._text = text.strip()[:100]
        await self._turn("")

    async def _turn(self, cursor: str) -> None:
        self._cursor = cursor
        show_query({"q": self._text, "after": cursor})
        await self._load()

    async def _acted(self, channel_id: str, key: str) -> None:
        row = self._rows.get(channel_id)
        if row is None:
            return
        with self._questions:
            if key == "back":
                await self._take_back(row)
                return
            it: Overview = await self._page.call(self._page.hub.subscriptions.overview)
            TierDialog(self._page, row, self._load, is_premium=it.plan is PlanName.PREMIUM)

    async def _take_back(self, row: LicenceRow) -> None:
        try:
            verb = self._page.hub.subscriptions.take_back_tier
            await self._page.call(verb, row.channel_id)
        except HubError as refused:
            toast(told.refused(refused), "warning")
        else:
            toast(f"{words.phone(row.phone_number)} stays on {told.tier(row.tier)}.")
        await self._load()

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._load()


def _row(row: LicenceRow) -> Row:
    number = words.phone(row.phone_number) or row.name
    names = dict.fromkeys(filter(None, (row.name, row.client_name)))
    planned = row.next_tier is not None
    then = f"{told.tier(row.next_tier)} from {told.day(row.next_from)}" if planned else ""
    back = act("back", "Take back", f"Keep {number} on {told.tier(row.tier)}")
    change = act("change", "Change", f"Change the licence of {number}")
    since = words.day(row.since, viewer_zone())
    return {
        "id": row.channel_id,
        "href": f"/accounts/{row.channel_id}",
        "number": cell(number, second=" · ".join(names)),
        "tier": badge_cell(*told.tier_badge(row.tier), second=then),
        "since": time_cell(since, row.since.isoformat(), words.exact(row.since, viewer_zone())),
        "price": words.money(row.price),
        "acts": [back if planned else change],
    }
