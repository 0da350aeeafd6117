"""Who may open a client's own page: whoever has the mailed link, until it expires.

The page's secret is the token itself, kept by the browser in a cookie; the database has its hash.
Every verb passes here again, so that a link which expires closes the pages that it opened.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from core.access import Principal
from core.billing.client_page.views import PageKey
from core.billing.ledger import Payer
from core.billing.pay_links.entities import PayLink
from core.billing.pay_links.links import PAY_PATH, ExpiredLink, UnknownLink, require_good
from core.billing.payments.room import Room
from core.errors import Conflict, InvalidInput, RateLimited
from core.partners.entities import BillingModel, Partner
from core.partners.rules import normalise_email
from core.ports import Everything
from core.secret_hash import hash_secret

_BY_TOKEN = Everything("client page: a link names its client, not its partner")
# A second click is a mistake, not a wish for a second mail.
_MAIL_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """A session in which the client may act, and who it is."""

    session: Session
    payer: Payer
    partner: Partner
    link: PayLink


class Door:
    """For the verbs of the page, and the partner's *send link*."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def open_link(self, token: str) -> PageKey:
        """The key for this browser. Raises UnknownLink, ExpiredLink."""
        with self.room.database.reading(_BY_TOKEN) as session:
            link = self.room.links.known(session, token)
        require_good(link, self.room.now())
        return PageKey(link.id, token)

    def mail_again(self, token: str) -> None:
        """An expired link's client has a new one in its mailbox, and nobody else has it.

        Raises UnknownLink, RateLimited, Conflict (no_email, not_direct_paid).
        """
        with self.room.database.reading(_BY_TOKEN) as session:
            link = self.room.links.known(session, token)
        with self.room.writing(link.partner_id) as session:
            self._mail(session, link.payer)

    def send_client_link(self, who: Principal, client_id: str) -> None:
        """The partner has its client's link mailed to the client; owners only.

        Raises NotFound, RateLimited, Conflict (no_email, not_direct_paid).
        """
        with self.room.acting(who, client_id) as (session, payer):
            self._mail(session, payer)

    @contextmanager
    def watching(self, key: PageKey) -> Iterator[LetIn]:
        """For reading. Raises UnknownLink, ExpiredLink."""
        link = self._link(key)
        with self.room.reading(link.partner_id) as session:
            yield self._let_in(session, link)

    @contextmanager
    def acting(self, key: PageKey) -> Iterator[LetIn]:
        """The client's transaction. Raises UnknownLink, ExpiredLink."""
        link = self._link(key)
        with self.room.writing(link.partner_id) as session:
            yield self._let_in(session, link)

    def address(self, key: PageKey) -> str:
        """Where the page is once the link was opened; no secret is in it."""
        return f"{self.room.settings.base_url}{PAY_PATH}/at/{key.link_id}"

    def _link(self, key: PageKey) -> PayLink:
        with self.room.database.reading(_BY_TOKEN) as session:
            link = session.get(PayLink, key.link_id)
        if link is None or not hmac.compare_digest(link.token_hash, hash_secret(key.secret)):
            raise UnknownLink
        require_good(link, self.room.now())
        return link

    def _let_in(self, session: Session, link: PayLink) -> LetIn:
        partner = session.get_one(Partner, link.partner_id)
        if partner.billing_model != BillingModel.DIRECT_PAID:
            raise UnknownLink  # the partner pays by now: there is nothing of the client's here
        return LetIn(session=session, payer=link.payer, partner=partner, link=link)

    def _mail(self, session: Session, payer: Payer) -> None:
        partner, now = session.get_one(Partner, payer.partner_id), self.room.now()
        if not payer.client_id or partner.billing_model != BillingModel.DIRECT_PAID:
            raise Conflict(code="not_direct_paid")
        contact = self.room.payers.contact(session, payer)
        try:
            normalise_email(contact.emails[0] if contact.emails else "")
        except InvalidInput as error:
            raise Conflict(code="no_email") from error
        newest = select(PayLink.made_at).where(
            PayLink.partner_id == payer.partner_id,
            PayLink.client_id == payer.client_id,
            PayLink.made_at > now - _MAIL_AFTER,
        )
        if (made := session.exec(newest.order_by(col(PayLink.made_at).desc())).first()) is not None:
            left = made + _MAIL_AFTER - now
            raise RateLimited(retry_after=max(1, round(left.total_seconds())))
        key = f"page_link:{payer.client_id}:{now.isoformat()}"
        # Made here and not with the mail, so that a second click finds it.
        self.room.links.url(session, payer, key)
        self.room.mail(session, "page_link", payer, key)


__all__ = ["Door", "ExpiredLink", "LetIn", "UnknownLink"]
