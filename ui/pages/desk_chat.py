"""The chat as staff have it: answers and notes, requests decided in place, whose it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from core.errors import Conflict
from core.support import presence
from core.support.states import ConversationState, RequestStatus, Side
from core.support.views import CannedView, ConversationView, EffectPreview, StaffView
from ui.context import PageContext
from ui.elements.chat import Shown
from ui.pages import support_rows
from ui.pages.desk_canned import CannedAnswers
from ui.pages.support_chat import ChatPane, Sent

_NOBODY = ""


class DeskChat(ChatPane):
    """Verbs of `hub.desk`; call `prepare` before the first conversation."""

    side = Side.STAFF
    path = "/desk"
    theirs: ClassVar[dict[str, str]] = {
        presence.PARTNER_HERE: "here",
        presence.PARTNER_TYPING: "typing",
    }
    words: ClassVar[dict[str, str]] = {
        "here": "Partner is here",
        "away": "Partner is away",
        "typing": "The partner is typing…",
        "seen": "Read by the partner",
        "begin": "Nothing was written yet.",
        "attach": "Attach files",
        "write_here": "Answer the partner",
        "answer": "The partner reads this.",
        "note": "Only staff see this.",
        "note_here": "Note for staff",
        "facts": "About the partner",
    }

    def __init__(self, page: PageContext, toggle_facts: Callable[[], None]) -> None:
        super().__init__(page, page.hub.desk)
        self._toggle_facts = toggle_facts
        self._staff: tuple[StaffView, ...] = ()
        self._canned: tuple[CannedView, ...] = ()

    async def prepare(self) -> None:
        """Colleagues and canned answers are known."""
        self._staff = await self.page.call(self.page.hub.desk.staff)
        self._canned = await self.page.call(self.page.hub.desk.canned)

    def more(self) -> Shown:
        assert self.view is not None  # noqa: S101  # told about what is shown
        row = self.view.row
        canned = [{"id": c.id, "title": c.title, "text": c.text} for c in self._canned]
        return {"canned": canned, "whom": row.partner_name, "whom_id": row.partner_id}

    def upload(self, view: ConversationView) -> str:
        return f"{self.path}/files?conversation={view.row.id}"

    async def write(self, sent: Sent) -> ConversationView:
        desk = self.page.hub.desk
        if sent.is_note:
            return await self.page.call(desk.note, sent.conversation, sent.text)
        return await self.page.call(desk.answer, sent.conversation, sent.text, sent.files)

    async def around(self, view: ConversationView) -> tuple[Shown, Shown | None]:
        return self._head(view), await self._card(view)

    async def act(self, key: str, value: str) -> None:
        desk, call = self.page.hub.desk, self.page.call
        match key:
            case "facts":
                self._toggle_facts()
            case "assign":
                await self.take(await call(desk.assign, self.id, value or None))
            case "mine":
                await self.take(await call(desk.assign, self.id, self.page.principal.person_id))
            case "close":
                await self.take(await call(desk.close, self.id))
            case "reopen":
                await self.take(await call(desk.reopen, self.id))

    async def decide(self, what: Shown) -> ConversationView | None:
        desk, call = self.page.hub.desk, self.page.call
        text = str(what.get("text") or "")[:1000]
        match what.get("key"):
            case "accept":
                version = str(what.get("version") or "")[:200]
                return await call(desk.accept, self.id, version, text)
            case "refuse":
                return await call(desk.refuse, self.id, text)
            case _:
                return None

    async def manage(self) -> None:
        CannedAnswers(self.page, self._canned, self._canned_changed)

    async def _canned_changed(self) -> None:
        await self.prepare()
        if self.view is not None:
            await self.open(self.id)

    def _head(self, view: ConversationView) -> Shown:
        row, me = view.row, self.page.principal.person_id
        is_closed = row.state is ConversationState.CLOSED
        has_open_request = view.request and view.request.status is RequestStatus.OPEN
        assigned = next((each.id for each in self._staff if _is_assigned(each, view)), _NOBODY)
        acts = [{"key": "mine", "word": "Take it"}] if assigned != me and not is_closed else []
        if is_closed:
            acts.append({"key": "reopen", "word": "Reopen"})
        elif not has_open_request:
            acts.append({"key": "close", "word": "Close"})
        staff = [[_NOBODY, "Nobody"], *([each.id, _name(each)] for each in self._staff)]
        head = support_rows.head(view, at_desk=True)
        return head | {"acts": acts, "staff": staff, "assigned": assigned}

    async def _card(self, view: ConversationView) -> Shown | None:
        preview: EffectPreview | None = None
        if view.request and view.request.status is RequestStatus.OPEN:
            try:
                preview = await self.page.call(self.page.hub.desk.preview, view.row.id)
            except Conflict:
                preview = None  # decided in this moment: the next notice tells
        return support_rows.card(view, self._zone, preview=preview, at_desk=True)


def _is_assigned(each: StaffView, view: ConversationView) -> bool:
    return each.is_me if view.row.is_mine else each.name == view.row.assigned_name


def _name(each: StaffView) -> str:
    return f"{each.name} (you)" if each.is_me else each.name
