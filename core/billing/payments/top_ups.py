"""Credit bought by hand: quoted, started, confirmed by its holder where the bank asks for it.

The first transaction writes the intent, whose id is the provider's key; durable work does the
rest and the page hears of it by events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.access import Principal
from core.billing.ledger import Ledger, Payer
from core.billing.payments.entities import Card, Payment
from core.billing.payments.ports import Priced
from core.billing.payments.quoting import Bounds, Quote, amount_of
from core.billing.payments.room import PAYMENT_JOB, Room, live_cards, payer_key
from core.billing.payments.states import Purpose
from core.billing.payments.views import PaymentView, has_expired, view_of
from core.errors import Conflict, NotFound
from core.events import EventType
from core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    amount: str
    card_id: str
    quote: Quote
    actor: str


class TopUps:
    """Verbs of owners; the verbs with a payer are for slices above, after their own gate."""

    def __init__(self, room: Room) -> None:
        self._room = room
        settings = room.settings
        self._bounds = Bounds(least=settings.top_up_least, most=settings.top_up_most)

    def quote_top_up(self, who: Principal, amount: str, *, client_id: str = "") -> Quote:
        """What the card would be charged; raises InvalidInput (see `quoting.amount_of`)."""
        with self._room.watching(who, client_id) as (session, payer):
            return self._quote(session, payer, amount)[0]

    def top_up(
        self, who: Principal, amount: str, card_id: str, quote: Quote, *, client_id: str = ""
    ) -> PaymentView:
        """The charge that was quoted is under way; the same quote again gives the same one.

        Raises Conflict: quote_changed (look at the new one), top_up_made (somebody else was
        faster), top_up_under_way; NotFound for a card that is not the payer's; Conflict
        card_expired.
        """
        with self._room.acting(who, client_id, fresh=True) as (session, payer):
            wish = _Wish(amount=amount, card_id=card_id, quote=quote, actor=who.person_id)
            return view_of(self._top_up(session, payer, wish))

    def quote_for(self, session: Session, payer: Payer, amount: str) -> Quote:
        """As `quote_top_up`, for a payer who was let in already."""
        return self._quote(session, payer, amount)[0]

    def top_up_for(
        self, session: Session, payer: Payer, amount: str, card_id: str, quote: Quote
    ) -> PaymentView:
        """As `top_up`, by a client itself, in the caller's transaction."""
        wish = _Wish(amount=amount, card_id=card_id, quote=quote, actor="client")
        return view_of(self._top_up(session, payer, wish))

    def payment(self, who: Principal, payment_id: str) -> PaymentView:
        """One payment of the partner's or of one of its clients; raises NotFound."""
        with self._room.watching(who) as (session, _):
            return view_of(_own(session, payment_id))

    def payments(self, who: Principal, *, client_id: str = "", most: int = 50) -> list[PaymentView]:
        """The payer's newest payments."""
        with self._room.watching(who, client_id) as (session, payer):
            found = select(Payment).where(Payment.client_id == payer.client_id)
            newest = found.order_by(col(Payment.created_at).desc(), col(Payment.id)).limit(most)
            return [view_of(payment) for payment in session.exec(newest)]

    def _top_up(self, session: Session, payer: Payer, wish: _Wish) -> Payment:
        if known := _of_token(session, wish.quote.token):
            return _same(known, payer, wish.quote)
        fresh, priced = self._quote(session, payer, wish.amount)
        if fresh != wish.quote:
            raise Conflict(code="quote_changed")
        card = usable_card(session, payer, wish.card_id, self._room.now())
        try:
            return start(
                self._room,
                session,
                payer,
                [card],
                net=fresh.net,
                priced=priced,
                purpose=Purpose.TOP_UP,
                token=fresh.token,
                actor=wish.actor,
            )
        except Conflict:
            # Somebody else's click may have been committed while this one waited for its row.
            if known := _of_token(session, wish.quote.token):
                return _same(known, payer, wish.quote)
            raise

    def _quote(self, session: Session, payer: Payer, amount: str) -> tuple[Quote, Priced]:
        currency = self._room.payers.contact(session, payer).currency
        net = amount_of(amount, currency, self._bounds)
        priced = self._room.invoices.price(session, payer, net)
        token = next_token(session, payer, Purpose.TOP_UP)
        return Quote(net=net, fee=priced.fee, tax=priced.tax, token=token), priced


def next_token(session: Session, payer: Payer, purpose: Purpose) -> str:
    """The same for everybody until the payer's next payment of this purpose begins.

    So two clicks, two tabs and two owners who look at the same state make one charge.
    """
    begun = select(func.count()).where(
        Payment.partner_id == payer.partner_id,
        Payment.client_id == payer.client_id,
        Payment.purpose == purpose.value,
    )
    return f"{payer_key(payer)}:{purpose}:{session.exec(begun).one()}"


def start(  # noqa: PLR0913  one row, its columns
    room: Room,
    session: Session,
    payer: Payer,
    cards: list[Card],
    *,
    net: Money,
    priced: Priced,
    purpose: Purpose,
    token: str,
    actor: str,
) -> Payment:
    """Intent, pending credit, event and durable work in the caller's transaction.

    The first card is charged, the others are tried in turn. Raises Conflict (top_up_under_way).
    """
    payment = new_payment(room, payer, cards, net=net, priced=priced, purpose=purpose, actor=actor)
    payment.token, payment.slot = token, f"{purpose}:{payer_key(payer)}"
    insert(session, payment, "top_up_under_way")
    Ledger(session, room.clock).start_top_up(payer, net, payment.ledger_key)
    room.tell(
        session,
        EventType.TOP_UP_STARTED,
        payer,
        ("payment", payment.id),
        actor=actor,
        purpose=purpose.value,
        net_micros=net.micros,
        currency=net.currency,
    )
    enqueue(room, session, payment)
    return payment


def new_payment(
    room: Room,
    payer: Payer,
    cards: list[Card],
    *,
    net: Money,
    priced: Priced,
    purpose: Purpose,
    actor: str,
) -> Payment:
    """A payment that nobody knows yet."""
    now, card = room.now(), cards[0]
    return Payment(
        partner_id=payer.partner_id,
        client_id=payer.client_id,
        purpose=purpose.value,
        currency=net.currency,
        net=net.micros,
        fee=priced.fee.micros,
        tax=priced.tax.micros,
        gross=(net + priced.fee + priced.tax).micros,
        fixed=priced.fixed,
        customer_id=card.customer_id,
        card_id=card.id,
        provider_card=card.provider_id,
        cards_left=[other.id for other in cards[1:]],
        actor=actor,
        created_at=now,
        asked_at=now,
    )


def insert(session: Session, payment: Payment, refusal: str) -> None:
    """The row stands, or somebody else's does: then Conflict with this code."""
    try:
        with session.begin_nested():
            session.add(payment)
    except IntegrityError as error:
        raise Conflict(code=refusal) from error


def enqueue(room: Room, session: Session, payment: Payment) -> None:
    """Durable work goes on with the payment after the commit."""
    args = (payment.partner_id, payment.id)
    room.jobs.enqueue(session, PAYMENT_JOB, *args, key=f"{PAYMENT_JOB}:{payment.id}")


def usable_cards(session: Session, payer: Payer, now: datetime) -> list[Card]:
    """Cards that may be charged, the primary one first."""
    return [card for card in live_cards(session, payer) if not has_expired(card, now)]


def _of_token(session: Session, token: str) -> Payment | None:
    return session.exec(select(Payment).where(Payment.token == token)).first()


def _same(known: Payment, payer: Payer, quote: Quote) -> Payment:
    if known.payer != payer:
        raise NotFound(code="no_such_quote")
    if (known.net, known.gross) != (quote.net.micros, quote.gross.micros):
        raise Conflict(code="top_up_made", payment_id=known.id)
    return known


def usable_card(session: Session, payer: Payer, card_id: str, now: datetime) -> Card:
    """The payer's card; raises NotFound, Conflict (card_expired)."""
    for card in live_cards(session, payer):
        if card.id == card_id:
            if has_expired(card, now):
                raise Conflict(code="card_expired", card_id=card_id)
            return card
    raise NotFound(card_id=card_id)


def _own(session: Session, payment_id: str) -> Payment:
    payment = session.exec(select(Payment).where(Payment.id == payment_id)).first()
    if payment is None:
        raise NotFound(payment_id=payment_id)
    return payment
