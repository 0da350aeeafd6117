"""WhatsApp Accounts: every number of the partner, found, filtered, sorted, live.

The query of the address is the state of the page; the service answers it for this person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from core.access import Principal
from core.accounts.csv_export import Wording
from core.accounts.filters import HITS
from core.accounts.results import ChannelPage, ChannelQuery, View
from core.errors import Conflict, InvalidInput
from core.onboarding.views import LinkState
from ui import format as words
from ui.components import page_header, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.elements.channel_list import ChannelList
from ui.location import current_query, values_of
from ui.pages import account_words
from ui.pages.account_room import AccountRoom
from ui.pages.account_rows import FIELDS, PATH, query_of
from ui.pages.add_number import AddNumber

SENTENCE = "Every number of your clients, what it needs, and whose turn it is."

_KEPT = (*FIELDS, "sort", "view")
_TOO_MANY = (
    f"Only the first {words.number(HITS)} matches are sorted here. A longer search finds more."
)
_WORDS = account_words.list_words()


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Accounts(page).draw()


class Accounts:
    """One open list."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._asked = _clean(current_query())

    async def draw(self) -> None:
        with page_header("WhatsApp accounts", SENTENCE):
            add = AddNumber()
        notes = tag("div", classes="account-notes")
        # First the room, then the reading: what changes in between must not be lost.
        self._room = self._page.enter(AccountRoom, self._catch_up)
        self._list = ChannelList(
            _WORDS,
            {
                "ask": self._ask,
                "behind": lambda _: self._load(),
                "moved": self._moved,
                "add": lambda _: add.open(),
                "export": self._export,
                "save_view": self._save_view,
                "delete_view": self._delete_view,
            },
            lambda: self._room.now,
        )
        asked, readings = self._asked, self._room.readings
        with self._room.meanwhile():
            state, (page, views) = await self._page.call(self._opening, query_of(asked))
            self._may_add = add.show(state, notes)
            self._show(page, asked, readings)
        self._show_views(views)

    def _opening(
        self, who: Principal, query: ChannelQuery
    ) -> tuple[LinkState, tuple[ChannelPage, list[View]]]:
        """All that the page shows at first, in one visit to the worker thread."""
        hub = self._page.hub
        return hub.onboarding.link_state(who), hub.accounts.opening(who, query)

    async def _load(self) -> None:
        asked, readings = self._asked, self._room.readings
        with self._room.meanwhile():
            try:
                page = await self._page.call(self._page.hub.accounts.channels, query_of(asked))
            finally:
                self._list.settle()
            self._show(page, asked, readings)

    def _show(self, page: ChannelPage, asked: dict[str, str], readings: int) -> None:
        if asked is self._asked:  # otherwise the person has asked for something else meanwhile
            lines = self._room.lines(page, readings)
            self._list.show(lines, asked, self._shown(page))

    def _catch_up(self) -> Awaitable[None] | None:
        """The browser is there; messages between the answer and its socket went past it."""
        return self._load() if self._list.number != self._room.number else None

    def _shown(self, page: ChannelPage) -> dict[str, Any]:
        return {
            "state": "nothing" if page.is_nothing_yet else "rows",
            "may_add": self._may_add,
            "next": page.next_cursor,
            "previous": page.previous_cursor,
            "note": _TOO_MANY if page.search_capped else "",
            "client": page.rows[0].client_name if page.rows else "",
        }

    async def _ask(self, asked: Any) -> None:
        typing = isinstance(asked, dict) and bool(asked.get("typing"))
        self._asked = _clean(asked)
        self._address(push=not typing)
        await self._load()

    async def _moved(self, search: Any) -> None:
        """The browser's back and forward buttons."""
        self._asked = _clean(values_of(str(search).removeprefix("?")))
        await self._load()

    def _address(self, *, push: bool) -> None:
        query = urlencode(self._asked)
        path = f"{PATH}?{query}" if query else PATH
        # A section that is drawn again after a broken connection reads the address from here.
        self._list.client.sub_pages_router.current_path = path
        self._list.run_method("address", path, push)

    async def _export(self, _: Any) -> None:
        query, wording = query_of(self._asked), account_words.wording
        try:
            content = await self._page.call(self._all_of, query, wording)
        finally:
            self._list.settle()
        ui.download.content(content, "whatsapp-accounts.csv", "text/csv")

    def _all_of(self, who: Principal, query: ChannelQuery, wording: Wording) -> bytes:
        return b"".join(self._page.hub.accounts.export_csv(who, query, wording))

    async def _read_views(self) -> None:
        self._show_views(await self._page.call(self._page.hub.accounts.saved_views))

    def _show_views(self, views: Sequence[View]) -> None:
        shown: list[dict[str, Any]] = [
            {
                "id": view.id,
                "name": view.name,
                "href": f"{PATH}?{view.query}",
                "asked": _clean(values_of(view.query)),
            }
            for view in views
        ]
        self._list.show_views(shown)

    async def _save_view(self, name: Any) -> None:
        kept = {key: value for key, value in self._asked.items() if key not in ("after", "before")}
        verb = self._page.hub.accounts.save_view
        try:
            await self._page.call(verb, str(name), urlencode(kept))
        except InvalidInput:
            toast("A view needs a name of up to 80 letters.", "danger")
        except Conflict as refused:
            toast(f"You have {refused.about.get('most')} views; delete one first.", "danger")
        await self._read_views()

    async def _delete_view(self, view_id: Any) -> None:
        await self._page.call(self._page.hub.accounts.delete_view, str(view_id))
        await self._read_views()


def _clean(asked: Any) -> dict[str, str]:
    """Known names with text only; whatever else the address or the browser says is dropped."""
    if not isinstance(asked, Mapping):
        return {}
    told = {name: asked.get(name) for name in _KEPT}
    return {name: value for name, value in told.items() if isinstance(value, str) and value}
