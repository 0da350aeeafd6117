"""A payer's cards: listed, one primary, removed, warned of before they expire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from core.access import Principal
from core.billing.ledger import Payer
from core.billing.payments.entities import Card, Payment
from core.billing.payments.room import CARD_JOB, SWEEP, Room, live_cards, payer_key
from core.billing.payments.states import FINAL
from core.billing.payments.views import CardView, card_view, expires_soon
from core.errors import Conflict, NotFound
from core.events import EventType
from core.ports import Steps

# Why a payer's last card may not go, '' when it may.
Needs = Callable[[Session, Payer], str]


class Cards:
    """Verbs of owners."""

    def __init__(self, room: Room) -> None:
        self._room = room
        # Asked before the last card goes; auto-renewal adds its own reason.
        self.needed_by: list[Needs] = []

    def cards(self, who: Principal, *, client_id: str = "") -> list[CardView]:
        """The primary card first, then in the order of their adding."""
        now = self._room.now()
        with self._room.watching(who, client_id) as (session, payer):
            return [card_view(card, now) for card in live_cards(session, payer)]

    def has_card(self, session: Session, payer: Payer) -> bool:
        """Whether any card could be charged now."""
        now = self._room.now()
        return any(not card_view(c, now).has_expired for c in live_cards(session, payer))

    def make_primary(self, who: Principal, card_id: str, *, client_id: str = "") -> None:
        """Charges begin with this card from now on."""
        with self._room.acting(who, client_id, fresh=True) as (session, payer):
            self.make_primary_for(session, payer, card_id, actor=who.person_id)

    def make_primary_for(
        self, session: Session, payer: Payer, card_id: str, *, actor: str = "client"
    ) -> None:
        """The same for a payer who was let in already; in the caller's transaction."""
        card = _one_of(live_cards(session, payer), card_id)
        if not card.is_primary:
            _hand_over(session, live_cards(session, payer), card)
            self.tell(session, EventType.CARD_MADE_PRIMARY, card, actor)

    def remove_card(self, who: Principal, card_id: str, *, client_id: str = "") -> None:
        """It cannot be charged any more. Raises Conflict: card_in_use while a payment with it is
        under way, last_card_needed (`by`: what needs it) for the last one."""
        with self._room.acting(who, client_id, fresh=True) as (session, payer):
            self.remove_for(session, payer, card_id, actor=who.person_id)

    def remove_for(
        self, session: Session, payer: Payer, card_id: str, *, actor: str = "client"
    ) -> None:
        """The same for a payer who was let in already; in the caller's transaction."""
        cards = live_cards(session, payer)
        card = _one_of(cards, card_id)
        self._require_free(session, payer, card, is_last=len(cards) == 1)
        self.drop(session, card, actor=actor)
        args = (card.provider_id,)
        self._room.jobs.enqueue(session, CARD_JOB, *args, key=f"{CARD_JOB}:{card.id}")

    def drop(self, session: Session, card: Card, *, actor: str) -> None:
        """The row is a removed card's; the next one in order becomes primary."""
        was_primary = card.is_primary
        card.removed_at, card.live_key, card.primary_of = self._room.now(), None, None
        session.add(card)
        session.flush()
        left = live_cards(session, card.payer)
        if was_primary and left:
            _hand_over(session, left, left[0])
        self.tell(session, EventType.CARD_REMOVED, card, actor)

    def forget(self, steps: Steps, provider_id: str) -> None:
        """Durable work: the provider forgets the card, too."""
        steps.run("forget", self._room.provider.forget_card, provider_id)

    def _require_free(self, session: Session, payer: Payer, card: Card, *, is_last: bool) -> None:
        busy = select(Payment.id).where(
            Payment.card_id == card.id, col(Payment.status).not_in([s.value for s in FINAL])
        )
        if session.exec(busy).first():
            raise Conflict(code="card_in_use", card_id=card.id)
        if not is_last:
            return
        by = ["unpaid_invoices"] if self._room.invoices.open_of(session, payer) else []
        by += [reason for needs in self.needed_by if (reason := needs(session, payer))]
        if by:
            raise Conflict(code="last_card_needed", by=by)

    def warn_of_expiry(self) -> int:
        """Daily: an event and a mail for each card that ends within 30 days, once; how many."""
        with self._room.database.reading(SWEEP) as session:
            found = select(Card).where(col(Card.removed_at).is_(None))
            now = self._room.now()
            soon = [card for card in session.exec(found) if self._is_unwarned(card, now)]
        return sum(self._warn(card.partner_id, card.id) for card in soon)

    def _is_unwarned(self, card: Card, now: datetime) -> bool:
        return expires_soon(card, now) and card.expiry_told != _expiry(card)

    def _warn(self, partner_id: str, card_id: str) -> bool:
        with self._room.writing(partner_id) as session:
            found = select(Card).where(Card.id == card_id).with_for_update()
            card = session.exec(found).one()
            if card.removed_at is not None or not self._is_unwarned(card, self._room.now()):
                return False
            card.expiry_told = _expiry(card)
            self.tell(session, EventType.CARD_EXPIRING, card, "hub")
            key = f"card_expiring:{card.id}:{card.expiry_told}"
            values = {
                "card": card.brand.title(),
                "last4": card.last4,
                "expiry": f"{card.exp_month:02d}/{card.exp_year}",
            }
            self._room.mail(session, "card_expiring", card.payer, key, **values)
            return True

    def tell(self, session: Session, type_: EventType, card: Card, actor: str) -> None:
        """Record what happened to a card."""
        told = {"brand": card.brand, "last4": card.last4, "expiry": _expiry(card)}
        self._room.tell(session, type_, card.payer, ("card", card.id), actor=actor, **told)


def _expiry(card: Card) -> str:
    return f"{card.exp_year:04d}-{card.exp_month:02d}"


def _hand_over(session: Session, cards: list[Card], to: Card) -> None:
    """One after the other: the column is unique."""
    for card in cards:
        if card.is_primary:
            card.primary_of = None
    session.flush()
    to.primary_of = payer_key(to.payer)


def _one_of(cards: list[Card], card_id: str) -> Card:
    for card in cards:
        if card.id == card_id:
            return card
    raise NotFound(card_id=card_id)
