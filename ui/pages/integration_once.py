"""A secret that is shown once: to be copied, and gone when the dialog is."""

from __future__ import annotations

from nicegui import ui

from ui.components import button, copy_button, note, tag

_ONCE = "Copy it now and keep it where only your server reads it. It is not shown like this again."


def show_once(title: str, secret: str, what: str, *, more: str = "", once: str = _ONCE) -> None:
    """`what` names the secret for the copy button; `more` says what follows."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("h-dialog it-once"):
        dialog.props["aria-label"] = title
        tag("h2", title)
        with tag("div", classes="it-secret"):
            tag("code", secret, "mono", tabindex="0", aria_label=what)
            copy_button(secret, what)
        if once:
            note("key", once, "warning")
        if more:
            tag("p", more)
        with tag("div", classes="h-actions"):
            button("I have copied it", dialog.close, kind="primary")
    dialog.on("hide", dialog.delete)
    dialog.open()
