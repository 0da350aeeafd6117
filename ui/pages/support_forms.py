"""The dialogs of support: a new message, and asking for what only staff can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from core.errors import Conflict, HubError, InvalidInput
from core.support.states import RequestKind
from core.support.views import Choices, ConversationView
from ui.components import button, link_button, note, tag, text_field
from ui.context import PageContext
from ui.faults import words_for
from ui.pages import support_words
from ui.pages.support_fields import FIELDS, Fields, Query

Opened = Callable[[str], Awaitable[None]]
_SUBJECT_LENGTH, _TEXT_LENGTH = 120, 10_000

_SAYS = {
    RequestKind.REMOVE_USER: "Somebody works for you no more.",
    RequestKind.DOWNGRADE: "Go from Premium to Growth with the next period.",
    RequestKind.COMPANY_DATA: "Name, address or VAT ID on your invoices.",
    RequestKind.DELETE_NUMBER: "At once, not at the end of the month.",
    RequestKind.OTHER: "Anything that you cannot do here yourself.",
}


async def write(page: PageContext, opened: Opened) -> None:
    """Ask for subject and text, then open the new conversation."""
    _Message(page, opened)


async def ask(
    page: PageContext, kind: str, query: Mapping[str, str] | None = None, *, opened: Opened
) -> None:
    """Ask what is wanted, or that form at once when `kind` names one."""
    choices = await page.call(page.hub.support.choices, numbers=(query or {}).get("channel", ""))
    dialog = _Ask(page, choices, query or {}, opened)
    if kind in {each.value for each in RequestKind}:
        dialog.fill(RequestKind(kind))


class _Dialog:
    """A dialog that says in itself why something was not sent."""

    def __init__(self, page: PageContext, title: str, opened: Opened) -> None:
        self._page = page
        self._opened = opened
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog sp-dialog"):
            self._dialog.props["aria-label"] = title
            self._heading = tag("h2", title)
            self._room = tag("div", classes="stack")
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _text(self, label: str) -> ui.textarea:
        with tag("div", classes="h-field"):
            above = tag("label", label)
            field = ui.textarea().props("outlined dense autogrow hide-bottom-space no-error-icon")
            field.props(f"maxlength={_TEXT_LENGTH}")
            above.props["for"] = field.props["for"] = f"field-{field.id}"
        return field

    async def _done(self, view: ConversationView) -> None:
        self._dialog.close()
        await self._opened(view.row.id)

    def _refused(self, room: ui.element, error: HubError) -> None:
        room.clear()
        with room:
            told = support_words.refused(error) or words_for(error).sentence
            note("alert", told, "warning" if isinstance(error, Conflict) else "danger").props(
                "role=alert"
            )
            if there := str(error.about.get("conversation_id", "")):
                link_button("Go to that conversation", f"/support/{there}")


class _Message(_Dialog):
    """A conversation without a request."""

    def __init__(self, page: PageContext, opened: Opened) -> None:
        super().__init__(page, "New message", opened)
        with self._room:
            self._subject = text_field("Subject")
            self._subject.props(f"maxlength={_SUBJECT_LENGTH} autofocus")
            self._words = self._text("Message")
            self._why = tag("div")
            with tag("div", classes="h-actions"):
                button("Cancel", self._dialog.close)
                self._send = button("Send", self._sent, kind="primary")
        self._subject.on("keydown.enter", self._sent, args=[])

    async def _sent(self) -> None:
        self._subject.error = self._words.error = None
        self._send.disable()
        try:
            view = await self._page.call(
                self._page.hub.support.open, self._subject.value or "", self._words.value or ""
            )
        except InvalidInput as error:
            at = self._words if error.about.get("field") == "text" else self._subject
            at.error = support_words.refused(error) or words_for(error).sentence
            at.run_method("focus")
            return
        except HubError as error:
            self._refused(self._why, error)
            return
        finally:
            self._send.enable()
        await self._done(view)


class _Ask(_Dialog):
    """First what, then the form of that."""

    def __init__(self, page: PageContext, choices: Choices, query: Query, opened: Opened) -> None:
        super().__init__(page, "What should Support do?", opened)
        self._choices = choices
        self._query = query
        self._fields: Fields | None = None
        with self._room:
            with tag("div", classes="sp-kinds"):
                for kind in RequestKind:
                    self._choice(kind)
            with tag("div", classes="h-actions"):
                button("Cancel", self._dialog.close)

    def _choice(self, kind: RequestKind) -> None:
        icon, word = support_words.KINDS[kind]
        with tag("button", classes=f"sp-kind i i-{icon}", type="button") as choice:
            with tag("span"):
                tag("b", word)
                tag("span", _SAYS[kind], "quiet small")
        choice.on("click", lambda: self.fill(kind), args=[])

    def fill(self, kind: RequestKind) -> None:
        """The form of this kind."""
        self._heading.set_text(support_words.KINDS[kind][1])
        self._room.clear()
        with self._room:
            fields = FIELDS[kind](self._page, self._choices, self._query, self._look)
            tag("p", fields.sentence)
            fields.draw()
            self._fields = fields
            self._words = self._text(fields.words)
            self._why = tag("div")
            with tag("div", classes="h-actions"):
                button("Cancel", self._dialog.close)
                self._send = button(
                    fields.action, self._sent, kind="danger" if fields.is_final else "primary"
                )
        self._look()

    def _look(self) -> None:
        if self._fields is not None:
            self._send.set_enabled(self._fields.is_ready)

    async def _sent(self) -> None:
        fields = self._fields
        if fields is None or not fields.is_ready:
            return
        self._why.clear()
        fields.mark({})
        self._send.disable()
        try:
            view = await self._page.call(
                self._page.hub.support.ask, fields.kind, fields.facts(), self._words.value or ""
            )
        except HubError as error:
            faults = dict(error.about.get("faults", {}))
            fields.mark(faults)
            if not faults.keys() & fields.places.keys():
                self._refused(self._why, error)
            return
        finally:
            self._look()
        await self._done(view)
