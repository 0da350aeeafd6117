"""The links in invitation mails: made of the row and the number of the mail, known by their hash.

The token is a signature of the hub's own, so that a mail which is tried again names the same link
although the database holds nothing but its hash. The next mail has another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from sqlmodel import Session, select

from core.errors import NotFound
from core.partners.entities import Invitation
from core.secret_hash import hash_secret
from core.settings import Settings

PATH = "/invitations"


class InvitationLinks:
    """One per process."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._secret = settings.secret_key.get_secret_value().encode()

    def renew(self, invitation: Invitation) -> None:
        """Whatever link there was is good for nothing any more."""
        invitation.times_sent += 1
        invitation.token_hash = hash_secret(self._token(invitation))

    def url(self, invitation: Invitation) -> str:
        """The link of the newest mail, which works from now on even if it did not: the hub's
        secret may have been changed since."""
        token = self._token(invitation)
        if invitation.token_hash != hash_secret(token):
            invitation.token_hash = hash_secret(token)
        return f"{self._base_url}{PATH}/{token}"

    def _token(self, invitation: Invitation) -> str:
        about = f"invitation|{invitation.id}|{invitation.times_sent}"
        mac = hmac.new(self._secret, about.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def known(session: Session, token_hash: str) -> Invitation:
    """The invitation behind a link, whatever became of it. Raises NotFound
    (`invitation_unknown`), as for a link that a newer one has replaced."""
    found = select(Invitation).where(Invitation.token_hash == token_hash)
    invitation = session.exec(found).first() if token_hash else None
    if invitation is None:
        raise NotFound(code="invitation_unknown")
    return invitation
