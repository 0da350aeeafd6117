"""One setting by itself: judged while it is typed, saved alone, live on everybody else's page.

What somebody else saves is shown at once, unless this person is at it: then they are told, and
choose. Nothing that was typed is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from core.errors import Conflict, GatewayError, HubError, InvalidInput, Unavailable
from ui import drafts
from ui.components import button, choice_field, tag, text_field
from ui.dialogs import toast
from ui.pages import integration_words as told

Save = Callable[[str], Awaitable[None]]
_REFUSALS = (InvalidInput, Conflict, GatewayError, Unavailable)


class SavedField:
    """A text or a choice with its own Save.

    `check` gives the words of what is wrong, or ''. `save` ends in `show` with what is kept.
    """

    def __init__(  # noqa: PLR0913  what makes one field, by name
        self,
        label: str,
        save: Save,
        *,
        help: str = "",
        placeholder: str = "",
        check: Callable[[str], str] = lambda _text: "",
        refusal: Callable[[HubError], str] = told.refusal,
        done: str = "Saved.",
        options: dict[str, str] | None = None,
        lines: int = 0,
        typed: Callable[[], None] = lambda: None,
    ) -> None:
        """`options` make it a choice, `lines` a longer text; `typed` hears each change."""
        self._label, self._tell_typed = label, typed
        self._save, self._check, self._done, self._why = save, check, done, refusal
        self._saved = ""
        self._sent: str | None = None  # what is being saved
        self._is_at_it = False
        self._is_filled = False
        self._is_shown = False
        with tag("div", classes="it-field"):
            with tag("div", classes="it-line"):
                self._control = self._draw_control(label, help, placeholder, options, lines)
                self._button = button("Save", self.save).classes("it-save")
                self._button.props["aria-label"] = f"Save {label}"
            self._theirs = tag("div", classes="it-theirs h-holder", role="status")
        self._follow(has_enter=not options and not lines)
        self._button.disable()

    @property
    def value(self) -> str:
        """As it stands in the field, blanks around it left out."""
        return str(self._control.value or "").strip()

    def type(self, text: str) -> None:
        """As if the person had typed it."""
        self._control.value = text

    @property
    def is_dirty(self) -> bool:
        return self.value != self._saved

    def show(self, value: str) -> None:
        """This is saved now, by whomever."""
        if not self._is_shown:
            self._is_shown = True
            self._begin(value)
        if value == self._saved:
            return
        was_dirty, self._saved = self.is_dirty, value
        if self.value == value:
            self._settle()
        elif self.value == self._sent:  # what this person has saved, as it is kept
            self._fill(value)
        elif was_dirty or self._is_at_it:
            self._tell(value)
        else:
            self._fill(value)

    async def save(self) -> None:
        """Save what is typed, or say beside the field why it is not."""
        text = self.value
        if fault := self._check(text):
            self._mark(fault)
            self._control.run_method("focus")
            return
        self._button.disable()
        client, self._sent = ui.context.client, text
        try:
            await self._save(text)
        except _REFUSALS as refused:
            self._mark(self._why(refused))
            self._button.enable()
        else:
            self._is_at_it = False  # what is in the field is kept: another's value may follow
            with client:  # what was saved may have taken the field's place
                toast(self._done)
        finally:
            self._sent = None

    def _begin(self, value: str) -> None:
        """With what is saved, and what was typed over it before the connection broke."""
        typed, self._saved = drafts.kept(self._label), value
        if value:
            self._fill(value)
        if typed is not None and typed != value:
            self.type(typed)

    def _draw_control(
        self,
        label: str,
        help: str,
        placeholder: str,
        options: dict[str, str] | None,
        lines: int,
    ) -> Any:
        if options is not None:
            return choice_field(label, options, value="", help=help)
        field = text_field(label, help=help, placeholder=placeholder)
        if lines:
            field.props(f"type=textarea rows={lines}")
        return field.props("autocomplete=off spellcheck=false")

    def _follow(self, *, has_enter: bool) -> None:
        self._control.without_auto_validation()  # it would take the words away again
        self._control.on_value_change(self._typed)
        self._control.on("focus", lambda: self._at_it(True), args=[])
        self._control.on("blur", lambda: self._at_it(False), args=[])
        if has_enter:
            self._control.on("keydown.enter", self.save, args=[])

    def _typed(self) -> None:
        self._mark(self._check(self.value) if self.is_dirty else "")
        self._button.set_enabled(self.is_dirty and not self._control.error)
        drafts.keep(self._label, str(self._control.value) if self.is_dirty else None)
        if not self.is_dirty:
            self._theirs.clear()
        self._tell_typed()

    def _at_it(self, is_so: bool) -> None:
        self._is_at_it = is_so

    def _tell(self, value: str) -> None:
        self._theirs.clear()
        with self._theirs:
            tag("span", told.saved_meanwhile(value), "small")
            button("Take it over", lambda: self._fill(value), small=True)
        self._button.set_enabled(self.is_dirty and not self._control.error)

    def _fill(self, value: str) -> None:
        # The first one comes with the page. Queued as a call of its own it would reach the browser
        # after the page, and undo what was typed while the socket was being opened.
        self._control._send_update_on_value_change = self._is_filled
        self._control.value = value
        self._control._send_update_on_value_change = True
        if not self._is_filled:
            self._control.update()
        self._is_filled = True
        self._settle()

    def _settle(self) -> None:
        self._mark("")
        self._theirs.clear()
        self._button.disable()

    def _mark(self, fault: str) -> None:
        self._control.error = fault or None
        self._control.props["aria-invalid"] = "true" if fault else "false"


class SavedSwitch:
    """On or off, saved at once; `ask` may say no before."""

    def __init__(
        self,
        label: str,
        save: Callable[[bool], Awaitable[None]],
        *,
        help: str = "",
        ask: Callable[[bool], Awaitable[bool]] | None = None,
    ) -> None:
        self._save, self._ask = save, ask
        self._saved = False
        with tag("div", classes="it-switch"):
            self._switch = ui.switch(label, on_change=self._flipped)
            self._help = tag("p", help, "quiet small")
            self._fault = tag("p", "", "h-fault small", role="alert")

    def show(self, is_on: bool) -> None:
        """This is saved now, by whomever."""
        self._saved = is_on
        if self._switch.value != is_on:
            self._switch.value = is_on

    def explain(self, help: str) -> None:
        self._help.set_text(help)

    async def _flipped(self) -> None:
        wanted = bool(self._switch.value)
        if wanted == self._saved:  # the hub set it itself
            return
        self._fault.set_text("")
        if self._ask is not None and not await self._ask(wanted):
            self._switch.value = self._saved
            return
        try:
            await self._save(wanted)
        except _REFUSALS as refused:
            self._fault.set_text(told.refusal(refused))
            self._switch.value = self._saved
            return
        self._saved = wanted
