"""The open conversation of a page, for either side: reads it, sends, and patches what changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, ClassVar, Protocol

from core.access import Principal
from core.errors import HubError
from core.ports import Notice
from core.support.states import Side
from core.support.views import ConversationView, MessageView
from ui.components import viewer_zone
from ui.context import PageContext
from ui.dialogs import toast
from ui.elements.chat import Chat, Shown
from ui.faults import words_for
from ui.pages import support_rows, support_words
from ui.support_notices import about, change_something

_LONGEST, _MOST_FILES = 10_000, 20


class Verbs(Protocol):
    """What both sides' services can do with a conversation."""

    def conversation(
        self, who: Principal, conversation_id: str, *, before: str = ""
    ) -> ConversationView: ...
    def read(self, who: Principal, conversation_id: str) -> None: ...
    def here(self, who: Principal, conversation_id: str, *, is_typing: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """What the browser asks to send; shortened, not believed."""

    conversation: str
    key: str
    text: str
    files: tuple[str, ...]
    is_note: bool

    @classmethod
    def of(cls, args: Any) -> Sent:
        told = args if isinstance(args, dict) else {}
        files = told.get("files")
        return cls(
            conversation=_text(told, "conversation"),
            key=_text(told, "key"),
            # One more than may be: the service says that it is too long.
            text=str(told.get("text") or "")[: _LONGEST + 1],
            files=tuple(str(each)[:40] for each in files[:_MOST_FILES])
            if isinstance(files, list)
            else (),
            is_note=told.get("note") is True,
        )


class ChatPane(ABC):
    """One chat element and the conversation that it shows, '' for none."""

    side: ClassVar[Side]
    path: ClassVar[str]
    theirs: ClassVar[dict[str, str]]  # types of notices about the other side: here or typing
    words: ClassVar[dict[str, str]]

    def __init__(self, page: PageContext, verbs: Verbs) -> None:
        self.page = page
        self._verbs = verbs
        self.id = ""
        self._zone: tzinfo = viewer_zone()
        self.view: ConversationView | None = None
        self._known: set[str] = set()
        self._chat = Chat(
            self.words,
            {
                "send": self._sent,
                "seen": self._seen,
                "here": lambda args: self._here(args, is_typing=False),
                "typing": lambda args: self._here(args, is_typing=True),
                "earlier": self._earlier,
                "act": self._acted,
                "decide": self._decided,
                "manage": self._manage,
            },
        )

    @abstractmethod
    async def write(self, sent: Sent) -> ConversationView:
        """Send it as this side."""

    @abstractmethod
    async def around(self, view: ConversationView) -> tuple[Shown, Shown | None]:
        """What stands around the messages: head and request."""

    @abstractmethod
    async def act(self, key: str, value: str) -> None:
        """A button of the head."""

    @abstractmethod
    async def decide(self, what: Shown) -> ConversationView | None:
        """A button of the request."""

    async def manage(self) -> None:  # noqa: B027  # a side without canned answers has none
        """The link below the canned answers."""

    def more(self) -> Shown:
        """What this side's chat is told beside the conversation."""
        return {}

    def none(self, icon: str, title: str, sentence: str, action: str = "") -> None:
        """No conversation is open, and why."""
        self.id, self.view = "", None
        told = {"id": "", "icon": icon, "title": title, "sentence": sentence, "action": action}
        self._chat.show(told)

    async def open(self, conversation_id: str) -> ConversationView:
        """Show the conversation; raises NotFound."""
        view = await self.page.call(self._verbs.conversation, conversation_id)
        self.id = conversation_id
        await self._show(view)
        return view

    async def changed(self, notices: Sequence[Notice]) -> bool:
        """Hear what was told; True when the open conversation is another than it was."""
        ours = about(notices, self.id) if self.id else []
        for notice in ours:
            if notice.type in self.theirs:
                self._chat.signal(self.theirs[notice.type])
        if not change_something(ours):
            return False
        await self.renew()
        return True

    async def renew(self) -> None:
        """Read it again and patch what changed."""
        await self.take(await self.page.call(self._verbs.conversation, self.id))

    async def take(self, view: ConversationView) -> None:
        """Show what a verb gave back, unless it is of another conversation or came in late."""
        head, request = await self.around(view)
        if view.row.id != self.id or (self.view and view.version < self.view.version):
            return
        fresh = self._fresh(view)
        if fresh and self._known and len(fresh) == len(view.messages) and view.older_cursor:
            await self._show(view)  # more than a page has come meanwhile
            return
        self.view = view
        if fresh:
            self._chat.add(self._messages(fresh), self._today())
        self._chat.patch(head, request, support_rows.seen(view.messages, self.side))

    async def _show(self, view: ConversationView) -> None:
        head, request = await self.around(view)
        self.view = view
        self._known = {each.id for each in view.messages}
        self._chat.show(
            {
                "id": view.row.id,
                "back": self.path,
                "upload": self.upload(view),
                "subject": support_words.title(view.row),
                "messages": self._messages(view.messages),
                "older": view.older_cursor,
                "today": self._today(),
                "head": head,
                "request": request,
                "mark": support_rows.seen(view.messages, self.side),
                "whom": "",
                "mute": "",
                **self.more(),
            }
        )

    def upload(self, view: ConversationView) -> str:
        """Where files are posted."""
        return f"{self.path}/files"

    def _fresh(self, view: ConversationView) -> list[MessageView]:
        fresh = [each for each in view.messages if each.id not in self._known]
        self._known |= {each.id for each in fresh}
        return fresh

    def _messages(self, views: Sequence[MessageView]) -> list[Shown]:
        files = f"{self.path}/files"
        return [
            support_rows.message(each, self._zone, side=self.side, files=files) for each in views
        ]

    def _today(self) -> str:
        return f"{self.page.hub.clock.now().astimezone(self._zone):%Y-%m-%d}"

    async def _sent(self, args: Any) -> None:
        sent = Sent.of(args)
        try:
            view = await self.write(sent)
        except HubError as error:
            self._chat.refused(sent.key, refusal(error))
            return
        if view.row.id == self.id:
            self._chat.sent(sent.key, self._messages(self._fresh(view)), self._today())
            await self.take(view)

    async def _seen(self, args: Any) -> None:
        if isinstance(args, dict) and _text(args, "conversation") == self.id:
            await self.page.call(self._verbs.read, self.id)

    async def _here(self, args: Any, *, is_typing: bool) -> None:
        if self.id and args == self.id:
            await self.page.call(self._verbs.here, self.id, is_typing=is_typing)

    async def _earlier(self, args: Any) -> None:
        if not (isinstance(args, dict) and _text(args, "conversation") == self.id):
            return
        try:
            view = await self.page.call(
                self._verbs.conversation, self.id, before=_text(args, "cursor")
            )
        finally:
            self._chat.settle()
        self._chat.earlier(self._messages(self._fresh(view)), view.older_cursor)

    async def _acted(self, args: Any) -> None:
        if isinstance(args, dict):
            await self._tried(lambda: self.act(_text(args, "key"), _text(args, "value")))

    async def _decided(self, args: Any) -> None:
        if not (isinstance(args, dict) and _text(args, "conversation") == self.id):
            return
        await self._tried(lambda: self._decide(dict(args)))

    async def _decide(self, what: Shown) -> None:
        view = await self.decide(what)
        if view is not None:
            await self.take(view)

    async def _tried(self, work: Any) -> None:
        """What is refused is said in passing, and things are shown as they are now."""
        try:
            await work()
        except HubError as error:
            if not (told := support_words.refused(error)):
                raise
            toast(told, "warning")
            if self.id:
                await self.renew()
        finally:
            self._chat.settle()

    async def _manage(self, _: Any) -> None:
        await self.manage()


def refusal(error: HubError) -> str:
    """Why a message was not taken."""
    return support_words.refused(error) or words_for(error).sentence


def _text(told: dict[str, Any], key: str) -> str:
    return str(told.get(key) or "")[:200]
