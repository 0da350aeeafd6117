"""What the link of an invitation shows: who asks whom to what, or why it cannot be accepted.

It tells and does nothing: accepting is signing in, by a form. Who holds a link that is over learns
no address from it.
"""

from __future__ import annotations

from core.access import Principal
from core.partners.entities import Role
from core.partners.invitation_rules import InvitationState
from core.partners.users import Landing
from ui import format as words
from ui.components import tag, viewer_zone
from ui.pages.login import door_card, start_form
from ui.pages.users_words import MAY

_AS = {Role.OWNER: "an owner", Role.MEMBER: "a member"}
_OVER = {
    InvitationState.EXPIRED: (
        "This invitation has run out",
        "Links are good for seven days. Ask {who} to send it again; you get a new mail then.",
    ),
    InvitationState.WITHDRAWN: (
        "This invitation was taken back",
        "Nothing happened to you. If you think that it was a mistake, ask {who}.",
    ),
    InvitationState.ACCEPTED: (
        "This invitation was used already",
        "An invitation is good once. If it was you, just sign in; otherwise tell {who}.",
    ),
}


def open_page(hub_name: str, it: Landing, token: str, who: Principal | None) -> None:
    """An open invitation; `who` is signed in here."""
    asks = it.invited_by or "The operator of this hub"
    with door_card(hub_name):
        tag("h1", f"{it.partner_name} invites you")
        tag("p", f"{asks} asks you to work for {it.partner_name} as {_AS[it.role]}.")
        tag("p", f"You will have: {MAY[it.role]}.")
        tag("p", it.email, "door-who")
        day = words.day(it.expires_at, viewer_zone())
        tag("p", f"Only for this address, and good until {day}. Sign in with it to accept.")
        if who is None:
            start_form("Sign in and accept", invitation=token)
            return
        # What is shown decides nothing: whose invitation it is, the provider's answer says.
        if fits := who.email.strip().lower() == it.email:
            tag("p", f"You are signed in here as {who.name} ({who.email}).")
            start_form(f"Accept as {who.name}", invitation=token)
        else:
            tag("p", f"You are signed in here as {who.email}, which was not invited.")
        start_form(
            "Sign in as someone else",
            invitation=token,
            asks_provider_again=True,
            is_second=fits,
        )


def over_page(hub_name: str, it: Landing) -> int:
    """One that is over; returns the status of the answer."""
    title, text = _OVER[it.state]
    with door_card(hub_name):
        tag("div", "The link opens nothing", "door-mark tone-warning", role="status")
        tag("h1", title)
        asked = it.invited_by or f"an owner of {it.partner_name}"
        tag("p", text.format(who=asked))
        start_form("Sign in")
    return 410


def unknown_page(hub_name: str) -> int:
    """A link that nobody has, or that a newer one has replaced; returns the status."""
    with door_card(hub_name):
        tag("div", "The link opens nothing", "door-mark tone-warning", role="status")
        tag("h1", "There is no such invitation")
        text = "The link is not complete, or a newer mail has replaced it. Look for that mail."
        tag("p", text)
        start_form("Sign in")
    return 404
