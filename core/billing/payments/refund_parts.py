"""What of a payer's credit can go back, and to which cards: top-ups, the newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.billing.ledger import Ledger, Payer
from core.billing.payments.entities import Card, Payment, PaymentRefund
from core.billing.payments.room import Room, payer_key
from core.billing.payments.states import PaymentStatus, Purpose, RefundStatus
from core.billing.payments.views import CardView, card_view
from core.money import Money

TOP_UPS = (Purpose.TOP_UP.value, Purpose.AUTO_RENEWAL.value)
_CENT = 10_000  # micros

Parts = list[tuple[Payment, Money]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refundable:
    """How much can go back at once; one `token`, one refund.

    `gross` is what the `cards` that paid for it get: the net with its tax.
    """

    most: Money
    gross: Money
    cards: tuple[CardView, ...]
    token: str


def refundable(room: Room, session: Session, payer: Payer) -> Refundable:
    """The unspent credit, as far as cards have paid for it, in whole cents."""
    currency = room.payers.contact(session, payer).currency
    credit = Ledger(session, room.clock).credit_of(payer, currency).available
    parts = paid_parts(session, payer, currency)
    bound = Money.of(room.settings.top_up_most, currency).micros
    most = max(0, min(credit.micros, sum(rest.micros for _, rest in parts), bound))
    return _offered(room, session, payer, shares_of(parts, Money(most // _CENT * _CENT, currency)))


def paid_parts(session: Session, payer: Payer, currency: str) -> Parts:
    """Top-ups with what is left of their net, the newest first: their cards live longest."""
    found = select(Payment).where(
        Payment.partner_id == payer.partner_id,
        Payment.client_id == payer.client_id,
        Payment.currency == currency,
        Payment.dispute == "",
        Payment.status == PaymentStatus.SUCCEEDED.value,
        col(Payment.purpose).in_(TOP_UPS),
    )
    newest = (col(Payment.created_at).desc(), col(Payment.id))
    payments = session.exec(found.order_by(*newest)).all()
    gone = _gone(session, payer)
    rests = [(p, Money(p.net - gone.get(p.id, 0), currency)) for p in payments]
    return [(payment, rest) for payment, rest in rests if rest.micros > 0]


def shares_of(parts: Parts, most: Money) -> Parts:
    """What of each payment goes back, until `most` is reached."""
    found, left = [], most.micros
    for payment, rest in parts:
        if (net := min(rest.micros, left)) > 0:
            found.append((payment, Money(net, most.currency)))
            left -= net
    return found


def next_refund(session: Session, payer: Payer) -> str:
    """The same for everybody until the payer's next refund begins."""
    found = select(PaymentRefund.id).where(
        PaymentRefund.partner_id == payer.partner_id, PaymentRefund.client_id == payer.client_id
    )
    return f"{payer_key(payer)}:{len(session.exec(found).all())}"


def _offered(room: Room, session: Session, payer: Payer, shares: Parts) -> Refundable:
    currency = room.payers.contact(session, payer).currency
    net = sum(part.micros for _, part in shares)
    tax = sum(room.invoices.tax_back(payment, part).micros for payment, part in shares)
    cards = dict.fromkeys(payment.card_id for payment, _ in shares)
    return Refundable(
        most=Money(net, currency),
        gross=Money(net + tax, currency),
        cards=tuple(card_view(session.get_one(Card, id_), room.now()) for id_ in cards),
        token=next_refund(session, payer),
    )


def _gone(session: Session, payer: Payer) -> dict[str, int]:
    """Net micros on their way back or gone, by payment."""
    found = select(PaymentRefund).where(
        PaymentRefund.partner_id == payer.partner_id,
        PaymentRefund.client_id == payer.client_id,
        PaymentRefund.status != RefundStatus.FAILED.value,
    )
    gone: dict[str, int] = {}
    for refund in session.exec(found):
        gone[refund.payment_id] = gone.get(refund.payment_id, 0) + refund.net
    return gone
