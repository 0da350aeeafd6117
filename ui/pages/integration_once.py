"""A secret that is shown once: to be copied, and gone when the dialog is."""

from __future__ import annotations

from nicegui import ui

from ui.components import button, copy_button, note, tag

_ONCE = "Copy it now and keep it where only your server reads it. It is not shown like this again."


def show_once(
    title: str,
    secret: str,
    what: str,
    *,
    also: tuple[str, str] | None = None,
    more: str = "",
    once: str = _ONCE,
) -> None:
    """`what` names the secret for the copy button; `also` is another form of it and its name."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("h-dialog it-once"):
        dialog.props["aria-label"] = title
        tag("h2", title)
        _draw(secret, what)
        if also is not None:
            tag("h3", also[1])
            _draw(*also)
        if once:
            note("key", once, "warning")
        if more:
            tag("p", more)
        with tag("div", classes="h-actions"):
            # Not only closed: nothing of it stays in the page.
            button("I have copied it", dialog.delete, kind="primary")
    dialog.open()


def _draw(secret: str, what: str) -> None:
    with tag("div", classes="it-secret"):
        tag("code", secret, "mono")
        copy_button(secret, what)
