"""The messages behind a figure of the spend, the free ones too: what each cost, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from nicegui import ui

from core.billing.balance.messages import Cut, Slice
from core.billing.balance.results import UsageLine, UsagePage
from core.errors import InvalidInput
from ui import format as words
from ui.components import button, empty_state, page_header, section_card, tag
from ui.context import PageContext
from ui.elements.data_table import DataTable, Row
from ui.lists import Fact, definition_list
from ui.location import current_query, show_query
from ui.pages import balance_words
from ui.pages.balance_entry import MESSAGE_COLUMNS, message_row
from ui.pages.balance_words import entry_path
from ui.pages.invoice_words import day

PATH = "/billing/balance/messages"
_DAYS = 30
_DAY = timedelta(days=1)
_SENTENCE = "Every message of this figure. Free ones belong to no movement of the balance."


def messages_path(
    start: date, last: date, by: Cut = Cut.ALL, part: str = "", client_id: str = ""
) -> str:
    """The address of the messages of these days, `last` included."""
    query = {"from": start.isoformat(), "to": last.isoformat(), "by": by.value, "part": part}
    if by is Cut.ALL:
        del query["by"]
    if client_id:
        query["client"] = client_id
    return f"{PATH}?{urlencode({name: value for name, value in query.items() if value})}"


async def build(page: PageContext) -> None:
    """Draw the section."""
    await Messages(page).draw()


class Messages:
    """One open figure; what it is cut by stands in the address."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._query = current_query()
        self._client = self._query.get("client", "")[:10]
        self._cursor = self._query.get("after", "")[:80]
        self._slice = _slice(self._query, page.hub.clock.now().date())

    async def draw(self) -> None:
        found = await self._read()
        back = "/billing/balance" + (f"?client={self._client}" if self._client else "")
        title = f"{_title(self._slice, found)}, {words.money(found.amount)}"
        ui.page_title(f"{title} · {self._page.hub.settings.name}")
        page_header(title, _SENTENCE, [("Balance", back)])
        with tag("div", classes="stack"):
            with section_card("Figure"):
                definition_list(_facts(self._slice, found))
            self._room = tag("div", classes="stack")
        self._show(found)

    async def _read(self) -> UsagePage:
        verb = self._page.hub.billing.balance.messages
        try:
            return await self._page.call(verb, self._slice, self._cursor, self._client)
        except InvalidInput:  # somebody wrote into the address
            self._slice = _slice({}, self._page.hub.clock.now().date())
            return await self._page.call(verb, self._slice, "", self._client)

    def _show(self, found: UsagePage) -> None:
        self._room.clear()
        with self._room:
            if not found.lines:
                empty_state("chat", "No messages", "Nothing was sent that this figure counts.")
                return
            DataTable("Messages", MESSAGE_COLUMNS, [self._row(line) for line in found.lines])
            with tag("div", classes="line"):
                if self._cursor:
                    button("Newest", lambda: self._turn(""), icon="first", small=True)
                if found.next:
                    older = found.next
                    button("Older", lambda: self._turn(older), icon="chevron-right", small=True)

    async def _turn(self, cursor: str) -> None:
        self._cursor = cursor
        show_query({**self._query, "after": cursor})
        self._show(await self._read())

    def _row(self, line: UsageLine) -> Row:
        href = entry_path(line.entry, self._client) if line.entry else ""
        return message_row(line) | {"href": href}


def _slice(query: Mapping[str, str], today: date) -> Slice:
    """What the address asks for; the last 30 days where it cannot be read."""
    try:
        start, last = date.fromisoformat(query["from"]), date.fromisoformat(query["to"])
        by = Cut(query.get("by", Cut.ALL))
        return Slice(start=start, end=last + _DAY, by=by, part=query.get("part", "")[:64])
    except (KeyError, ValueError, OverflowError):
        return Slice(start=today - (_DAYS - 1) * _DAY, end=today + _DAY)


def _title(slice_: Slice, found: UsagePage) -> str:
    if slice_.by is Cut.ALL:
        return "Messages"
    if slice_.by is Cut.FREE:
        return "Free messages"
    if slice_.by is Cut.CATEGORY:
        return f"{balance_words.category(found.name)} messages"
    name = words.phone(found.name) if slice_.by is Cut.NUMBER else found.name
    return f"Messages of {name}" if slice_.by is not Cut.MARKET else f"Messages to {name}"


def _facts(slice_: Slice, found: UsagePage) -> list[Fact]:
    first, last = day(slice_.start), day(slice_.end - _DAY)
    return [
        Fact(label="Days", value=f"{first} to {last} (UTC)"),
        Fact(label="Messages", value=words.number(found.messages)),
        Fact(label="Free", value=words.number(found.free_messages)),
        Fact(label="Spent", value=words.money(found.amount)),
    ]
