"""Pure rules of invitations: where one stands, and what may be written into one.

An invitation is open until it is accepted, withdrawn or seven days old; an expired one can be sent
again, the two other ends are for good.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum

from core.errors import Conflict, InvalidInput
from core.partners.entities import Invitation, Role
from core.partners.rules import normalise_email

_NAME_LENGTH = 120
_LOCAL_LENGTH = 64  # what mail servers take before the @
_JOINER, _COLOURED = "\u200d", "\ufe0f"
# A mailbox that somebody else owns must not be filled from here.
MOST_MAILS = 20
MOST_WAITING = 200


class InvitationState(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


# What still happens to one: a new mail brings an expired one back.
MOVES = {
    InvitationState.OPEN: frozenset(InvitationState),
    InvitationState.EXPIRED: frozenset({InvitationState.OPEN, InvitationState.WITHDRAWN}),
    InvitationState.ACCEPTED: frozenset[InvitationState](),
    InvitationState.WITHDRAWN: frozenset[InvitationState](),
}


def state_of(invitation: Invitation, now: datetime) -> InvitationState:
    """Half-open: at `expires_at` it is over."""
    if invitation.accepted_at is not None:
        return InvitationState.ACCEPTED
    if invitation.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.OPEN if now < invitation.expires_at else InvitationState.EXPIRED


def require_move(invitation: Invitation, now: datetime, to: InvitationState) -> None:
    """Raises Conflict (`invitation_accepted`, `invitation_withdrawn`)."""
    state = state_of(invitation, now)
    if to not in MOVES[state]:
        raise Conflict(code=f"invitation_{state.value}", invitation_id=invitation.id)


def name_of(text: str) -> str:
    """One line of what can be printed; raises InvalidInput (field `name`)."""
    printable = "".join(
        char if char.isprintable() or _joins(text, n) else " " for n, char in enumerate(text)
    )
    name = " ".join(printable.split())
    if not name or len(name) > _NAME_LENGTH:
        raise InvalidInput("not a name", field="name")
    return name


def address_of(text: str) -> str:
    """An address that a mail can be sent to, normalised; raises InvalidInput (field `email`)."""
    email = normalise_email(text)
    if not email.isascii():
        raise InvalidInput(code="email_letters", field="email")
    local, _, domain = email.rpartition("@")
    if len(local) > _LOCAL_LENGTH or "." not in domain:
        raise InvalidInput("not an address for mails", field="email")
    try:
        Address(addr_spec=email)
    except (ValueError, IndexError, MessageError) as error:
        raise InvalidInput("not an address for mails", field="email") from error
    return email


def _joins(text: str, at: int) -> bool:
    """Whether the character there makes one picture of the two beside it."""
    beside = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    return text[at] == _JOINER and all(map(_is_picture, beside))


def _is_picture(char: str) -> bool:
    # So: pictures; Sk: the colours of their skin; the sign that asks for the coloured form.
    return char == _COLOURED or unicodedata.category(char or " ") in ("So", "Sk")


def role_of(text: str) -> Role:
    """Raises InvalidInput (field `role`)."""
    try:
        return Role(text)
    except ValueError as error:
        raise InvalidInput("no such role", field="role") from error
