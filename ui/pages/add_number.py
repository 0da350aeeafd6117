"""The way to a new number: the partner's onboarding link, or why there is none now."""

from __future__ import annotations

from nicegui import ui

from core.onboarding.views import LinkState
from ui.components import button, copy_button, note, tag

_REASONS = {
    "partner_blocked": "New clients are blocked for your account. Support can tell you why.",
    "plan_ended": "Your subscription has ended. Write to Support to begin again.",
    "plan_unpaid": "Your plan invoice is unpaid. New numbers can be added once it is paid.",
    "solution_missing": "There is no Solution ID yet. Set it under Integration first.",
    "solution_inactive": "Your solution is not active at Meta. Integration says what is missing.",
    "terms_missing": "This hub does not take new clients yet.",
}
_NO_REDIRECT = "There is no redirect URL: clients will end on the hub's own page."


class AddNumber:
    """The page's primary button and its dialog."""

    def __init__(self) -> None:
        self._state: LinkState | None = None
        self._button = button("Add a number", self.open, kind="primary", icon="add")
        self._button.disable()

    def show(self, state: LinkState, notes: ui.element) -> bool:
        """True when links may be given out; when not, `notes` says why."""
        self._state = state
        if self._state.ready:
            self._button.enable()
        else:
            with notes:
                note("lock", reason_of(self._state), "warning")
        return self._state.ready

    def open(self) -> None:
        """Show the link; without one, the reason."""
        with ui.dialog() as dialog, ui.card().classes("h-dialog"):
            dialog.props["aria-label"] = "Add a number"
            tag("h2", "Add a number")
            if self._state is not None and self._state.ready:
                _link(self._state)
            else:
                note("lock", reason_of(self._state), "warning")
            with tag("div", classes="h-actions full-width"):
                button("Close", dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()


def reason_of(state: LinkState | None) -> str:
    """Why there is no link, in words; an unknown reason is shown as it is."""
    if state is None:
        return "The onboarding link is not known yet. Try again in a moment."
    return " ".join(_REASONS.get(reason, reason) for reason in state.reasons)


def _link(state: LinkState) -> None:
    tag(
        "p",
        "Send this link to your client. They sign up, connect WhatsApp in Meta's own window, and "
        "the number appears here as soon as it is being set up.",
    )
    with tag("div", classes="line"):
        tag("code", state.url).style("overflow-wrap: anywhere; user-select: all; flex: 1")
        copy_button(state.url, "the onboarding link")
    if "no_redirect_url" in state.warnings:
        note("alert", _NO_REDIRECT, "warning")
