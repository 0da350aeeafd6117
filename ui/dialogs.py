"""Talking back to the person: toasts and the question before something dangerous."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from ui.components import Tone, button, tag, text_field

_ICONS: dict[Tone, str] = {
    "success": "check-circle",
    "warning": "alert",
    "danger": "error",
    "info": "info",
    "neutral": "info",
}


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
    undone or stops a client's business. True when confirmed.
    """
    with ui.dialog() as dialog, ui.card().classes("h-dialog"):
        dialog.props["aria-label"] = title
        tag("h2", title)
        tag("p", follows)
        tick = ui.checkbox(ticked).classes("h-tick") if ticked else None
        field = _typed_field(typed) if typed else None
        with tag("div", classes="h-actions"):
            button("Keep it as it is" if danger else "Cancel", lambda: dialog.submit(False))
            do = button(action, lambda: dialog.submit(True), kind="danger" if danger else "primary")

        def look() -> None:
            is_typed = field is None or (field.value or "").strip() == typed
            do.set_enabled(is_typed and (tick is None or tick.value))

        if tick is not None:
            tick.on_value_change(look)
        if field is not None:
            field.on_value_change(look)
        look()
    confirmed = await dialog
    dialog.delete()
    return bool(confirmed)


def _typed_field(word: str) -> ui.input:
    field = text_field(f"Type {word} to confirm")
    return field.props("autocomplete=off autofocus")
