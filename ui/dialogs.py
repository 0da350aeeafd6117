"""Talking back to the person: toasts and the question before something dangerous."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from nicegui import Client, ui

from ui.components import Tone, button, tag, text_field

_ICONS: dict[Tone, str] = {
    "success": "check-circle",
    "warning": "alert",
    "danger": "error",
    "info": "info",
    "neutral": "info",
}


class OneAtATime:
    """Dialogs of one kind, of which a page shows one: who presses twice has asked once."""

    def __init__(self) -> None:
        self._shown: WeakKeyDictionary[Client, ui.dialog] = WeakKeyDictionary()

    def is_shown(self) -> bool:
        """Whether one is open on this page."""
        dialog = self._shown.get(ui.context.client)
        return dialog is not None and not dialog.is_deleted and bool(dialog.value)

    def show(self, dialog: ui.dialog) -> None:
        """It is open, and the one of this page."""
        self._shown[ui.context.client] = dialog
        dialog.open()


_QUESTIONS = OneAtATime()


def toast(text: str, tone: Tone = "success") -> None:
    """Say in passing what was done; only for what needs the person, never for live changes."""
    ui.notify(
        text,
        position="bottom-right",
        classes=f"tone-{tone}",
        icon=_ICONS[tone],
        timeout=8000 if tone == "danger" else 4000,
        close_button="Close" if tone == "danger" else False,
        # Quasar's own live region: assertive only for what went wrong.
        attrs={"role": "alert" if tone == "danger" else "status"},
    )


def in_place(
    place: ui.element, act: Callable[[], Awaitable[None]]
) -> Callable[[], Awaitable[None]]:
    """The act, and its dialog, where no push draws anew what was pressed meanwhile."""

    async def acting() -> None:
        with place:
            await act()

    return acting


async def confirm(
    title: str,
    follows: str,
    action: str,
    *,
    danger: bool = True,
    typed: str = "",
    ticked: str = "",
) -> bool:
    """Ask before it is done: the title names the thing, `follows` says what will happen.

    `typed` is a word to be typed, `ticked` a sentence to be ticked; only where it cannot be
    undone or stops a client's business. True when confirmed; not while another question is open.
    """
    if _QUESTIONS.is_shown():
        return False
    with ui.dialog() as dialog, ui.card().classes("h-dialog"):
        dialog.props["aria-label"] = title
        tag("h2", title)
        tag("p", follows)
        tick = ui.checkbox(ticked).classes("h-tick") if ticked else None
        field = _typed_field(typed) if typed else None
        with tag("div", classes="h-actions"):
            button("Cancel", lambda: dialog.submit(False))
            do = button(action, lambda: dialog.submit(True), kind="danger" if danger else "primary")

        def look() -> None:
            is_typed = field is None or (field.value or "").strip() == typed
            do.set_enabled(is_typed and (tick is None or tick.value))

        if tick is not None:
            tick.on_value_change(look)
        if field is not None:
            field.on_value_change(look)
        look()
    _QUESTIONS.show(dialog)
    confirmed = await dialog
    if not dialog.is_deleted:  # the page may have gone while it was open
        dialog.delete()
    return bool(confirmed)


def _typed_field(word: str) -> ui.input:
    field = text_field(f"Type {word} to confirm")
    return field.props("autocomplete=off autofocus")
