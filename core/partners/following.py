"""Somebody followed the link of an invitation and came back from the provider: is it theirs?

The link opens nothing by itself. It says which invitation is meant; whose it is, the verified
address says. Who signs in as somebody else is told so, and signed in to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from core.clock import Clock
from core.errors import Conflict, Forbidden
from core.partners.entities import Invitation
from core.partners.invitation_links import known
from core.partners.invitation_rules import InvitationState, state_of
from core.partners.memberships import verified_address


def followed(
    session: Session, clock: Clock, token_hash: str, claims: Mapping[str, Any]
) -> Invitation:
    """The open invitation, which is for the person of the claims.

    Raises NotFound (`invitation_unknown`), Conflict (`invitation_expired`, `_accepted`,
    `_withdrawn`), Forbidden (`invitation_other_address`).
    """
    invitation = known(session, token_hash)
    state = state_of(invitation, clock.now())
    if state is not InvitationState.OPEN:
        raise Conflict(code=f"invitation_{state.value}")
    if verified_address(claims) != invitation.email:
        raise Forbidden(code="invitation_other_address", email=str(claims.get("email") or ""))
    return invitation
