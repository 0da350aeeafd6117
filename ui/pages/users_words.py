"""What the Users page says: roles, states of invitations, why something was not done."""

from __future__ import annotations

from core.errors import HubError
from core.partners.entities import Role
from core.partners.invitation_rules import InvitationState
from core.partners.members import MemberView
from ui.components import Tone
from ui.faults import words_for

ROLES = {Role.OWNER: "Owner", Role.MEMBER: "Member"}
ROLE_ICONS: dict[Role, tuple[str, Tone]] = {
    Role.OWNER: ("key", "info"),
    Role.MEMBER: ("user", "neutral"),
}
MAY = {
    Role.OWNER: "WhatsApp accounts, users, settings and billing",
    Role.MEMBER: "WhatsApp accounts only",
}
STATES: dict[InvitationState, tuple[str, str, Tone]] = {
    InvitationState.OPEN: ("mail", "Open", "info"),
    InvitationState.EXPIRED: ("clock", "Expired", "warning"),
    InvitationState.ACCEPTED: ("check-circle", "Accepted", "success"),
    InvitationState.WITHDRAWN: ("ban", "Withdrawn", "neutral"),
}
_REFUSED = {
    "last_owner": "Somebody has to be an owner. Make somebody else one first.",
    "works_here": "Somebody with this address works here already.",
    "already_invited": "This address is invited already. Send that invitation again instead.",
    "too_many_invitations": "Too many invitations wait. Withdraw those nobody will accept.",
    "invitation_accepted": "This invitation was accepted meanwhile.",
    "invitation_withdrawn": "This invitation was withdrawn meanwhile.",
    "sent_too_often": "This mail was sent twenty times. Withdraw it, and invite another address.",
    "already_asked": "Support was asked for this already.",
    "email_letters": "Addresses with letters beyond a-z are not supported.",
    "removal_by_support": "Users are removed by Support here. Ask for it in their row.",
}
_FIELDS = {
    "name": "Type a name of up to 120 characters.",
    "email": "This is no e-mail address.",
    "role": "Choose one of the roles.",
}


def refused(error: HubError) -> str:
    """Why nothing was done, and what helps."""
    if error.code in _REFUSED:
        return _REFUSED[error.code]
    return _FIELDS.get(str(error.about.get("field", "")), "") or words_for(error).sentence


def only_owner(member: MemberView, *, is_you: bool) -> str:
    """Why the last owner stays what they are."""
    who, be = ("You", "are") if is_you else (member.name, "is")
    return (
        f"{who} {be} the only owner. Somebody has to be one: make somebody else an owner before "
        f"this role ends."
    )


def of_change(member: MemberView, to: Role, *, is_you: bool) -> tuple[str, str]:
    """Title and consequence of another role."""
    title = f"Make {member.name} {'an owner' if to is Role.OWNER else 'a member'}?"
    if is_you:
        return title, "You no longer see users, settings and billing. Another owner can undo it."
    if to is Role.OWNER:
        return title, "They may do everything that you may: money, settings and other people."
    return title, "They go on with WhatsApp accounts only. Their open pages start again at once."
