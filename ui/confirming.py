"""Asks the person on an open page to sign in once more, and goes on with what they were doing.

The provider is asked in another tab, so that nothing typed here is lost: once it has answered, the
act is done as if it had never been refused.
"""

from __future__ import annotations

from nicegui import ui

from core.access import Principal
from core.hub import Hub
from core.ports import Notice
from ui.components import button, tag
from ui.hearing import hear

# A thin notice, as those of `ui.sessions`; its subject is the session.
CONFIRMED = "session_confirmed"
CONFIRMED_PATH = "/confirmed"

_TITLE = "Confirm that it is you"
_WHY = (
    "You signed in some time ago. Before money, secrets or roles are changed, your sign-in "
    "provider asks you once more. It does so in a new tab; nothing you have typed here is lost."
)
_THEN = "When you are done there, this page goes on by itself."


async def confirmed(hub: Hub, who: Principal) -> bool:
    """True once the person has signed in again; False when they would rather not."""
    # Outside of whatever a push may draw anew while the person is away.
    with ui.context.client.layout, ui.dialog() as dialog, ui.card().classes("h-dialog"):
        dialog.props["aria-label"] = _TITLE
        tag("h2", _TITLE)
        tag("p", _WHY)
        waiting = tag("p", _THEN, "quiet small", role="status")
        waiting.set_visibility(False)
        with confirm_form(CONFIRMED_PATH, other_tab=True), tag("div", classes="h-actions"):
            button("Cancel", lambda: dialog.submit(False)).props("type=button")
            go = button("Confirm at the provider", kind="primary").props("type=submit autofocus")
    go.on("click", lambda: waiting.set_visibility(True), args=[])

    def concerns(notice: Notice) -> bool:
        return notice.type == CONFIRMED and notice.subject_id == who.session_hash

    stop = hear(hub.feed, concerns, lambda: dialog.submit(True))
    try:
        return bool(await dialog)
    finally:
        stop()
        dialog.delete()


def confirm_form(next_path: str, *, other_tab: bool = False) -> ui.element:
    """A plain form to the provider and back to `next_path`; the slot is for its button."""
    form = tag("form", method="post", action="/login/start").style("width: 100%")
    if other_tab:
        form.props["target"] = "_blank"
    with form:
        for name, value in (("confirm", "1"), ("next", next_path)):
            tag("input", type="hidden", value=value).props["name"] = name
    return form
