"""WhatsApp Accounts: every number of the partner, found, filtered, sorted, live.

The query of the address is the state of the page; the service answers it for this person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nicegui import ui

from core.accounts.csv_export import Wording
from core.accounts.filters import HITS
from core.accounts.results import ChannelPage, ChannelQuery, ChannelRow
from core.errors import Conflict, InvalidInput
from core.ports import Notice
from ui import format as words
from ui.components import page_header, tag
from ui.context import PageContext
from ui.dialogs import toast
from ui.elements.channel_list import ChannelList
from ui.location import current_query
from ui.pages import account_words
from ui.pages.account_rows import FIELDS, PATH, query_of, shown_counts, shown_row
from ui.pages.add_number import AddNumber

SENTENCE = "Every number of your clients, what it needs, and whose turn it is."

_KEPT = (*FIELDS, "sort", "view")
_TOO_MANY = (
    f"Only the first {words.number(HITS)} matches are sorted here. A longer search finds more."
)
_CHANGES_ROWS = ("channel", "waba", "client")
_CREATED = "channel_created"


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Accounts(page).draw()


class Accounts:
    """One open list."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._asked = _clean(current_query())
        self._rows: tuple[ChannelRow, ...] = ()
        self._arrived: set[str] = set()
        self._loading = 0
        self._missed: list[Notice] = []  # came while a page was being read

    async def draw(self) -> None:
        with page_header("WhatsApp accounts", SENTENCE):
            add = AddNumber(self._page)
        notes = tag("div", classes="account-notes")
        self._list = ChannelList(
            account_words.list_words(),
            {
                "ask": self._ask,
                "moved": self._moved,
                "add": lambda _: add.open(),
                "export": self._export,
                "save_view": self._save_view,
                "delete_view": self._delete_view,
            },
        )
        self._page.follow(self._changed)
        self._may_add = await add.prepare(notes)
        await self._load()
        await self._show_views()

    async def _load(self) -> None:
        asked = self._asked
        self._loading += 1
        try:
            page = await self._page.call(self._page.hub.accounts.channels, query_of(asked))
        finally:
            self._loading -= 1
            self._list.settle()
        if asked is not self._asked:
            return  # the person has asked for something else meanwhile
        self._rows, self._arrived = page.rows, set()
        self._list.show([shown_row(row) for row in page.rows], asked, self._shown(page))
        missed, self._missed = self._missed, []
        if missed:
            await self._changed(missed)

    def _shown(self, page: ChannelPage) -> dict[str, Any]:
        return {
            "state": "nothing" if page.is_nothing_yet else "rows",
            "may_add": self._may_add,
            "counts": shown_counts(page.counts),
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
        self._asked = _clean(dict(parse_qsl(str(search).removeprefix("?"), max_num_fields=50)))
        await self._load()

    def _address(self, *, push: bool) -> None:
        query = urlencode(self._asked)
        path = f"{PATH}?{query}" if query else PATH
        # A section that is drawn again after a broken connection reads the address from here.
        self._list.client.sub_pages_router.current_path = path
        self._list.run_method("address", path, push)

    async def _changed(self, notices: list[Notice]) -> None:
        if self._loading:
            self._missed += notices
            return
        subjects = {(n.subject_type, n.subject_id) for n in notices}
        if not any(kind in _CHANGES_ROWS for kind, _ in subjects):
            return
        self._count_new(notices)
        hit = [row.id for row in self._rows if _concerns(row, subjects)]
        accounts = self._page.hub.accounts
        fresh = await self._page.call(accounts.rows, hit) if hit else []
        counts = shown_counts(await self._page.call(accounts.counts))
        changed = {row.id: row for row in fresh}
        self._rows = tuple(changed.get(row.id, row) for row in self._rows)
        self._list.patch([shown_row(row) for row in fresh], counts)

    def _count_new(self, notices: list[Notice]) -> None:
        here = {row.id for row in self._rows}
        new = {n.subject_id for n in notices if n.type == _CREATED} - here - self._arrived
        if new:
            self._arrived |= new
            self._list.tell_new(len(self._arrived))

    async def _export(self, _: Any) -> None:
        query, wording = query_of(self._asked), account_words.wording
        try:
            content = await self._page.call(self._all_of, query, wording)
        finally:
            self._list.settle()
        ui.download.content(content, "whatsapp-accounts.csv", "text/csv")

    def _all_of(self, who: Any, query: ChannelQuery, wording: Wording) -> bytes:
        return b"".join(self._page.hub.accounts.export_csv(who, query, wording))

    async def _show_views(self) -> None:
        views = await self._page.call(self._page.hub.accounts.saved_views)
        shown: list[dict[str, Any]] = [
            {
                "id": view.id,
                "name": view.name,
                "href": f"{PATH}?{view.query}",
                "asked": _clean(dict(parse_qsl(view.query))),
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
        await self._show_views()

    async def _delete_view(self, view_id: Any) -> None:
        await self._page.call(self._page.hub.accounts.delete_view, str(view_id))
        await self._show_views()


def _concerns(row: ChannelRow, subjects: set[tuple[str, str]]) -> bool:
    about = {("channel", row.id), ("waba", row.waba_account_id), ("client", row.client_id)}
    return not about.isdisjoint(subjects)


def _clean(asked: Any) -> dict[str, str]:
    """Known names with text only; whatever else the address or the browser says is dropped."""
    if not isinstance(asked, Mapping):
        return {}
    told = {name: asked.get(name) for name in _KEPT}
    return {name: value for name, value in told.items() if isinstance(value, str) and value}
