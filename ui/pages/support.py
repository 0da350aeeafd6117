"""Support: the partner's conversations with the desk, live; the list beside the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from core.errors import InvalidInput
from core.ports import Notice
from core.support import presence
from core.support.states import Show, Side
from core.support.views import ConversationView
from ui.components import button, page_header, tag, viewer_zone
from ui.context import PageContext
from ui.elements.chat import Shown
from ui.elements.conversation_list import ConversationList
from ui.location import current_query, show_path, show_query
from ui.pages import support_forms, support_rows
from ui.pages.support_chat import ChatPane, Sent
from ui.support_notices import about, change_something

PATH = "/support"
SENTENCE = "Write to us, or ask for what only Support can do. We answer here, and by mail."
_WORDS: dict[str, Any] = {
    "label": "Your conversations",
    "search": "",
    "first": Show.ALL.value,
    "filters": ((Show.ALL.value, "All"), (Show.OPEN.value, "Open"), (Show.CLOSED.value, "Closed")),
    "picks": (),
}


async def build(page: PageContext, conversation_id: str = "") -> None:
    """Draw the section and keep it live."""
    await SupportPage(page, conversation_id).draw()


class PartnerChat(ChatPane):
    """The chat as an owner has it."""

    side = Side.PARTNER
    path = PATH
    theirs: ClassVar[dict[str, str]] = {
        presence.STAFF_HERE: "here",
        presence.STAFF_TYPING: "typing",
    }
    words: ClassVar[dict[str, str]] = {
        "here": "Support is here",
        "away": "Support is away",
        "typing": "Support is typing…",
        "seen": "Read by Support",
        "begin": "Nothing was written yet.",
        "attach": "Attach files",
        "write_here": "Write to Support",
    }

    ask: Callable[[], Awaitable[None]]  # set by the page: it knows where to go then

    async def write(self, sent: Sent) -> ConversationView:
        support = self.page.hub.support
        return await self.page.call(support.write, sent.conversation, sent.text, sent.files)

    async def around(self, view: ConversationView) -> tuple[Shown, Shown | None]:
        head = support_rows.head(view, at_desk=False)
        return head, support_rows.card(view, self._zone, preview=None, at_desk=False)

    async def act(self, key: str, value: str) -> None:
        if key == "new":
            await self.ask()

    async def decide(self, what: Shown) -> ConversationView | None:
        if what.get("key") != "withdraw":
            return None
        return await self.page.call(self.page.hub.support.withdraw_request, self.id)


class SupportPage:
    """One open page."""

    def __init__(self, page: PageContext, conversation_id: str) -> None:
        self._page = page
        self._first = conversation_id
        self._asked = {k: v for k, v in current_query().items() if k in ("show", "after")}

    async def draw(self) -> None:
        self._page.follow(self._changed)
        page = await self._read()
        with page_header("Support", SENTENCE):
            button("New message", lambda: support_forms.write(self._page, self.go), icon="edit")
            button("Ask for something", self._ask_for, kind="primary", icon="add")
        self._panes = tag("div", classes="sp-panes")
        with self._panes:
            with tag("div", classes="sp-list"):
                self._list = ConversationList(_WORDS, self._ask, self.go)
            with tag("div", classes="sp-chat"):
                self._chat = PartnerChat(self._page, self._page.hub.support)
                self._chat.ask = self._ask_for
        self._show_rows(*page)
        await self._open_first(bool(page[0]))
        await self._open_form()

    async def _ask_for(self) -> None:
        await support_forms.ask(self._page, "", opened=self.go)

    async def go(self, conversation_id: str) -> None:
        """Another conversation, without drawing the page anew."""
        await self._open(conversation_id)
        show_path(f"{PATH}/{conversation_id}" + _query(self._asked))
        await self._renew_rows()

    async def _open(self, conversation_id: str) -> None:
        await self._chat.open(conversation_id)
        self._list.select(conversation_id)
        self._panes.classes("sp-open")

    async def _open_first(self, has_rows: bool) -> None:
        if self._first:
            await self._open(self._first)
        elif has_rows or self._asked:
            self._chat.none("chat", "Choose a conversation", "It opens here, beside the list.")
        else:
            self._chat.none(
                "support",
                "How can we help?",
                "Write to us about anything. Removing a user, a smaller plan, other company data "
                "or deleting a number at once are done by Support on request.",
                "Ask for something",
            )

    async def _open_form(self) -> None:
        """`?ask=downgrade&…` leads straight to a form."""
        query = current_query()
        if kind := query.get("ask", ""):
            show_query({k: v for k, v in query.items() if k in ("show", "after")})
            await support_forms.ask(self._page, kind, query, opened=self.go)

    async def _read(self) -> tuple[tuple[Any, ...], str]:
        try:
            return await self._page_at(self._asked.get("after", ""))
        except InvalidInput:  # somebody wrote into the address
            self._asked.pop("after", None)
            return await self._page_at("")

    async def _page_at(self, cursor: str) -> tuple[tuple[Any, ...], str]:
        known = {each.value for each in Show}
        show = self._asked.get("show", "")
        return await self._page.call(
            self._page.hub.support.conversations,
            show=Show(show) if show in known else Show.ALL,
            cursor=cursor,
        )

    def _shown(self, rows: tuple[Any, ...]) -> list[dict[str, Any]]:
        now, where = self._page.hub.clock.now(), viewer_zone()
        return [support_rows.row(each, now, where) for each in rows]

    def _show_rows(self, rows: tuple[Any, ...], next_cursor: str) -> None:
        self._list.show(self._shown(rows), self._asked, {"next": next_cursor, "none": self._none()})

    def _none(self) -> dict[str, str]:
        if self._asked:
            return {
                "icon": "search",
                "title": "No match",
                "sentence": "No conversation fits this filter.",
                "clear": "Show all",
            }
        return {
            "icon": "chat",
            "title": "No conversations yet",
            "sentence": "What you write to Support, and what you ask for, stands here.",
            "clear": "",
        }

    async def _ask(self, asked: dict[str, str]) -> None:
        self._asked = {k: v for k, v in asked.items() if k in ("show", "after")}
        show_query(self._asked)
        try:
            self._show_rows(*await self._read())
        finally:
            self._list.settle()

    async def _renew_rows(self) -> None:
        rows, next_cursor = await self._read()
        self._list.patch(self._shown(rows), {"next": next_cursor, "none": self._none()})

    async def _changed(self, notices: list[Notice]) -> None:
        if not about(notices):
            return
        await self._chat.changed(notices)
        if change_something(notices):
            await self._renew_rows()


def _query(asked: Mapping[str, str]) -> str:
    kept = {key: value for key, value in asked.items() if value}
    return f"?{urlencode(kept)}" if kept else ""
