"""Makes links to a client's own page and knows them again.

The token is a signature of the hub's over the row's id, so that a mail which is sent again can
name the same link although the database holds nothing but its hash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.billing.ledger import Payer
from core.billing.pay_links.entities import PayLink
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.secret_hash import hash_secret
from core.settings import Settings

# Under which path the page is; mails lead to `{PAY_PATH}/{token}`.
PAY_PATH = "/pay"


class UnknownLink(NotFound):
    """Nobody has such a link."""

    code = "link_unknown"


class ExpiredLink(Conflict):
    """It was good for some time only; its client can have a new one mailed."""

    code = "link_expired"


class PayLinks:
    """In the caller's transaction."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._base_url = settings.base_url
        self._lifetime = settings.pay_link_lifetime
        self._secret = settings.secret_key.get_secret_value().encode()

    def url(self, session: Session, payer: Payer, key: str) -> str:
        """Where the client's page is; the same key is the same link. For clients only."""
        link = self._made(session, payer, hashlib.sha256(key.encode()).hexdigest())
        token = self._token(link.id)
        if link.token_hash != hash_secret(token):
            # The hub's secret was changed since; the mail goes out with a link that works.
            link.token_hash = hash_secret(token)
        return f"{self._base_url}{PAY_PATH}/{token}"

    def known(self, session: Session, token: str) -> PayLink:
        """The row behind a token, expired or not. The scope is everything. Raises UnknownLink."""
        found = select(PayLink).where(PayLink.token_hash == hash_secret(token))
        link = session.exec(found).first()
        if link is None:
            raise UnknownLink
        return link

    def _made(self, session: Session, payer: Payer, key: str) -> PayLink:
        found = select(PayLink).where(PayLink.key == key)
        if known := session.exec(found).first():
            return known
        now = self._clock.now()
        link = PayLink(
            partner_id=payer.partner_id,
            client_id=payer.client_id,
            key=key,
            token_hash="",
            made_at=now,
            expires_at=now + self._lifetime,
        )
        link.token_hash = hash_secret(self._token(link.id))
        try:
            with session.begin_nested():
                session.add(link)
        except IntegrityError:  # the same mail, in another worker
            return session.exec(found).one()
        return link

    def _token(self, link_id: str) -> str:
        mac = hmac.new(self._secret, f"pay_link|{link_id}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def require_good(link: PayLink, now: datetime) -> None:
    """Raises ExpiredLink."""
    if now >= link.expires_at:
        raise ExpiredLink
