"""Adding a card on the provider's own page: there, back, and what came of it.

Return page, webhook and reconciler all bring the new card in; whoever comes second finds it there.
The customer's row is the lock of a payer's cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.access import Principal
from core.billing.ledger import Payer
from core.billing.payments.cards import Cards
from core.billing.payments.entities import Card, CardPageVisit, PaymentCustomer
from core.billing.payments.port import UNKNOWN_OBJECT, CardFacts, CardPage, PaymentRefused
from core.billing.payments.room import CARD_JOB, Room, live_cards, payer_key
from core.billing.payments.views import CardView, card_view
from core.errors import InvalidInput, NotFound
from core.events import EventType

PROVIDER = "stripe"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPage:
    """Where the browser goes, and the visit that tells later what came of it."""

    visit_id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVisit:
    """What came of a visit; `is_over` without a card: the page can take none any more."""

    card: Card | None = None
    decline_code: str = ""  # of the last card that was refused there
    is_over: bool = False


class CardPages:
    """`open_card_page` is for slices above (a client in its onboarding), after their own gate."""

    def __init__(self, room: Room, cards: Cards) -> None:
        self._room = room
        self._cards = cards

    def add_card(self, who: Principal, return_url: str, *, client_id: str = "") -> str:
        """The URL of the provider's page; the browser comes back with `visit` in the query.

        Raises InvalidInput (`foreign_url`), Unavailable, PaymentRefused.
        """
        with self._room.watching(who, client_id, fresh=True) as (_, payer):
            pass
        return self.open_card_page(payer, return_url, actor=who.person_id)

    def open_card_page(self, payer: Payer, return_url: str, *, actor: str) -> str:
        """As `add_card`, for a payer who was let in already."""
        return self.send_to_card_page(payer, return_url, actor=actor).url

    def send_to_card_page(self, payer: Payer, return_url: str, *, actor: str) -> OpenedPage:
        """The same, with the visit for whoever remembers it itself."""
        self._require_own(return_url)
        with self._room.writing(payer.partner_id) as session:
            customer = self._customer(session, payer)
            currency = self._room.payers.contact(session, payer).currency
            visit = CardPageVisit(
                partner_id=payer.partner_id,
                client_id=payer.client_id,
                customer_id=customer.id,
                return_url=return_url,
                actor=actor,
                opened_at=self._room.now(),
            )
            session.add(visit)
        back = f"{return_url}{'&' if '?' in return_url else '?'}{urlencode({'visit': visit.id})}"
        page = self._open(customer, currency, back, f"card_page:{visit.id}")
        with self._room.writing(payer.partner_id) as session:
            _visit(session, visit.id).page_id = page.id
        return OpenedPage(visit_id=visit.id, url=page.url)

    def card_entered(self, who: Principal, visit_id: str) -> CardView | None:
        """The card of a visit; None while, or since, none was entered. Raises NotFound."""
        with self._room.watching(who) as (session, _):
            _visit(session, visit_id)
        card = self.finish_visit(who.tenant.partner_id, visit_id)
        return card_view(card, self._room.now()) if card else None

    def finish_visit(self, partner_id: str, visit_id: str) -> Card | None:
        """The card that was entered stands with the payer, however often this is called."""
        return self.came_back(partner_id, visit_id).card

    def came_back(self, partner_id: str, visit_id: str) -> CardVisit:
        """The same, and why there is no card. Raises NotFound, Unavailable."""
        with self._room.reading(partner_id) as session:
            visit = _visit(session, visit_id)
        if visit.page_id is None:
            return CardVisit()
        page = self._room.provider.card_page(visit.page_id)
        card = self._entered(partner_id, visit, page) if page.is_complete else None
        return CardVisit(card=card, decline_code=page.decline_code, is_over=page.is_over)

    def _entered(self, partner_id: str, visit: CardPageVisit, page: CardPage) -> Card | None:
        if not page.card_id:
            return None
        facts = self._facts(page.card_id)
        with self._room.writing(partner_id) as session:
            _hold(session, visit.customer_id)
            visit = _visit(session, visit.id)
            if visit.ended_at is None:
                visit.ended_at = self._room.now()
                visit.card_id = self._keep(session, visit, facts).id if facts else ""
            return session.get(Card, visit.card_id) if visit.card_id else None

    def end_visit(self, partner_id: str, visit_id: str) -> None:
        """The page is gone and nothing was entered."""
        with self._room.writing(partner_id) as session:
            visit = _visit(session, visit_id)
            visit.ended_at = visit.ended_at or self._room.now()

    def _facts(self, card_id: str) -> CardFacts | None:
        """None for a card that the provider has forgotten again."""
        try:
            return self._room.provider.card(card_id)
        except NotFound:
            return None

    def _keep(self, session: Session, visit: CardPageVisit, facts: CardFacts) -> Card:
        payer = Payer(partner_id=visit.partner_id, client_id=visit.client_id)
        live_key = f"{payer_key(payer)}:{facts.fingerprint or facts.id}"
        same = (Card.live_key == live_key) | (Card.provider_id == facts.id)
        known = session.exec(select(Card).where(same)).first()
        if known is not None:
            return self._renew(session, known, facts)
        cards = live_cards(session, payer)
        card = Card(
            partner_id=payer.partner_id,
            client_id=payer.client_id,
            customer_id=visit.customer_id,
            provider_id=facts.id,
            brand=facts.brand,
            last4=facts.last4,
            exp_month=facts.exp_month,
            exp_year=facts.exp_year,
            country=facts.country,
            fingerprint=facts.fingerprint,
            live_key=live_key,
            primary_of=None if any(card.is_primary for card in cards) else payer_key(payer),
            position=_next_position(session, payer),
            added_at=self._room.now(),
        )
        session.add(card)
        session.flush()
        self._cards.tell(session, EventType.CARD_ADDED, card, visit.actor)
        for follower in self._room.card_followers:
            follower(session, payer)
        return card

    def _renew(self, session: Session, card: Card, facts: CardFacts) -> Card:
        """The same number again: the later expiry counts, the provider keeps one of the two."""
        if facts.id == card.provider_id:
            return card
        forgotten = facts.id
        if (facts.exp_year, facts.exp_month) > (card.exp_year, card.exp_month):
            forgotten, card.provider_id = card.provider_id, facts.id
            card.exp_year, card.exp_month = facts.exp_year, facts.exp_month
        key = f"{CARD_JOB}:{forgotten}"
        self._room.jobs.enqueue(session, CARD_JOB, forgotten, key=key)
        return card

    def _customer(self, session: Session, payer: Payer) -> PaymentCustomer:
        if known := _known(session, payer):
            return known
        contact = self._room.payers.contact(session, payer)
        customer = PaymentCustomer(
            partner_id=payer.partner_id,
            client_id=payer.client_id,
            name=contact.name[:400],
            email=contact.emails[0] if contact.emails else "",
            created_at=self._room.now(),
        )
        try:
            with session.begin_nested():
                session.add(customer)
        except IntegrityError:  # another tab of the payer's was faster
            known = _known(session, payer)
            if known is None:
                raise
            return known
        return customer

    def _open(self, customer: PaymentCustomer, currency: str, back: str, key: str) -> CardPage:
        known = customer.provider_id or self._tell_provider(customer, "")
        try:
            return self._page_for(known, currency, back, key)
        except PaymentRefused as refused:
            if refused.code != UNKNOWN_OBJECT:
                raise
        # Somebody has deleted the customer at the provider; its cards are gone with it.
        return self._page_for(self._tell_provider(customer, known), currency, back, f"{key}:again")

    def _page_for(self, customer_id: str, currency: str, back: str, key: str) -> CardPage:
        return self._room.provider.open_card_page(
            customer_id=customer_id,
            currency=currency,
            return_url=back,
            cancel_url=f"{back}&cancelled=1",
            key=key,
        )

    def _tell_provider(self, customer: PaymentCustomer, lost: str) -> str:
        """The provider's id; `lost` is the one that it does not know any more."""
        provider_id = self._room.provider.make_customer(
            reference=customer.id,
            name=customer.name,
            email=customer.email,
            key=f"customer:{customer.id}{lost and ':' + lost}",
        )
        with self._room.writing(customer.partner_id) as session:
            held = _hold(session, customer.id)
            if (held.provider_id or "") == lost:
                held.provider_id = provider_id
            return held.provider_id

    def _require_own(self, url: str) -> None:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self._room.settings.origin:
            raise InvalidInput(code="foreign_url", field="return_url")


def _known(session: Session, payer: Payer) -> PaymentCustomer | None:
    found = select(PaymentCustomer).where(
        PaymentCustomer.partner_id == payer.partner_id,
        PaymentCustomer.client_id == payer.client_id,
        PaymentCustomer.provider == PROVIDER,
    )
    return session.exec(found).first()


def _hold(session: Session, customer_id: str) -> PaymentCustomer:
    found = select(PaymentCustomer).where(PaymentCustomer.id == customer_id).with_for_update()
    return session.exec(found.execution_options(populate_existing=True)).one()


def _visit(session: Session, visit_id: str) -> CardPageVisit:
    found = select(CardPageVisit).where(CardPageVisit.id == visit_id)
    visit = session.exec(found.execution_options(populate_existing=True)).first()
    if visit is None:
        raise NotFound(visit_id=visit_id)
    return visit


def _next_position(session: Session, payer: Payer) -> int:
    highest = select(func.max(Card.position)).where(
        Card.partner_id == payer.partner_id, Card.client_id == payer.client_id
    )
    return (session.exec(highest).one() or 0) + 1
