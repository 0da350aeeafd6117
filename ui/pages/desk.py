"""The desk: conversations of all partners, live; the chat and the partner beside the list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from core.errors import InvalidInput, NotFound
from core.ports import Notice
from core.support.views import ConversationRow, InboxPage
from ui.components import tag, viewer_zone
from ui.context import PageContext
from ui.elements.conversation_list import ConversationList
from ui.location import current_query, show_path, show_query
from ui.pages import desk_words, support_rows
from ui.pages.desk_chat import DeskChat
from ui.pages.desk_facts import PartnerFacts
from ui.support_notices import about, change_something

PATH = "/desk"


async def build(page: PageContext, conversation_id: str = "") -> None:
    """Draw the desk and keep it live."""
    await DeskPage(page, conversation_id).draw()


class DeskPage:
    """One open page."""

    def __init__(self, page: PageContext, conversation_id: str) -> None:
        self._page = page
        self._first = conversation_id
        self._asked = desk_words.asked(current_query())

    async def draw(self) -> None:
        self._page.follow(self._changed)
        found = await self._read()
        self._panes = tag("div", classes="dk-panes")
        with self._panes:
            with tag("div", classes="dk-list"):
                tag("h1", "Support desk", "dk-h1", tabindex="-1")
                self._list = ConversationList(desk_words.LIST, self._ask, self.go)
            with tag("div", classes="dk-chat"):
                self._chat = DeskChat(self._page, self._toggle_facts)
            with tag("aside", classes="dk-facts", aria_label="The partner"):
                self._facts = PartnerFacts(self._page, self._of_partner)
        await self._chat.prepare()
        self._show_rows(found)
        if self._first:
            await self._open(self._first)
        else:
            self._chat.none(*desk_words.NOTHING_OPEN)

    async def go(self, conversation_id: str) -> None:
        """Another conversation, without drawing the page anew."""
        try:
            await self._open(conversation_id)
        except NotFound:
            await self._renew_rows()
            raise
        show_path(f"{PATH}/{conversation_id}" + _query(self._asked))
        await self._renew_rows()

    async def _open(self, conversation_id: str) -> None:
        await self._chat.open(conversation_id)
        self._list.select(conversation_id)
        self._panes.classes("dk-open", remove="dk-with-facts")
        await self._facts.show(conversation_id)

    def _toggle_facts(self) -> None:
        self._panes.classes(toggle="dk-with-facts")

    async def _of_partner(self, partner_id: str) -> None:
        await self._ask({"partner": partner_id, "show": "all"})

    async def _read(self) -> InboxPage:
        query = desk_words.query(self._asked)
        try:
            return await self._page.call(self._page.hub.desk.inbox, query)
        except InvalidInput:  # somebody wrote into the address
            self._asked.pop("after", None)
            return await self._page.call(self._page.hub.desk.inbox, desk_words.query(self._asked))

    async def _ask(self, asked: dict[str, str]) -> None:
        self._asked = desk_words.asked(asked)
        show_query(self._asked)
        try:
            self._show_rows(await self._read())
        finally:
            self._list.settle()

    def _show_rows(self, found: InboxPage) -> None:
        self._list.show(self._rows(found.rows), self._asked, self._around(found))

    async def _renew_rows(self) -> None:
        found = await self._read()
        self._list.patch(self._rows(found.rows), self._around(found))

    def _rows(self, rows: tuple[ConversationRow, ...]) -> list[dict[str, Any]]:
        now, where = self._page.hub.clock.now(), viewer_zone()
        query = _query(self._asked)
        shown = [support_rows.row(each, now, where, at_desk=True) for each in rows]
        return [each | {"href": each["href"] + query} for each in shown]

    def _around(self, found: InboxPage) -> dict[str, Any]:
        partner = next((row.partner_name for row in found.rows), "this partner")
        return {
            "next": found.next_cursor,
            "counts": desk_words.counts(found.counts),
            "none": desk_words.none(is_filtered=bool(self._asked)),
            "of": f"Only {partner}" if self._asked.get("partner") else "",
        }

    async def _changed(self, notices: list[Notice]) -> None:
        if not about(notices):
            return
        if await self._chat.changed(notices):
            await self._facts.show(self._chat.id)
        if change_something(notices):
            await self._renew_rows()


def _query(asked: dict[str, str]) -> str:
    return f"?{urlencode(asked)}" if asked else ""
