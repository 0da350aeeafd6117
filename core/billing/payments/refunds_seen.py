"""Refunds as the provider lists them: those that were made at its desk are booked here, too.

Called when a webhook says that something about a charge's refunds has changed. What the hub asked
for itself is told by its key; everything else somebody gave back without asking the hub.
"""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from core.billing.ledger import Ledger
from core.billing.payments.charging import Charging
from core.billing.payments.entities import Payment, PaymentRefund
from core.billing.payments.parting import parts_of
from core.billing.payments.port import Refund
from core.billing.payments.postings import of_foreign_refund
from core.billing.payments.refunding import Refunding, holds_of
from core.billing.payments.room import Room, locked_payment
from core.billing.payments.states import PaymentStatus, RefundStatus
from core.money import Money

_WHY = "Given back by the payment provider."


class RefundsSeen:
    """`look` is safe to repeat, and at any time."""

    def __init__(self, room: Room, charging: Charging, refunding: Refunding) -> None:
        self._room = room
        self._charging = charging
        self._refunding = refunding

    def look(self, payment: Payment) -> None:
        """Every refund of the payment's charge stands in the books. Raises Unavailable."""
        if not payment.is_final:
            self._charging.advance(payment.partner_id, payment.id)
        if payment.provider_id is None:
            return
        for refund in self._room.provider.refunds_of(payment.provider_id):
            known = self._known_or_new(payment, refund)
            if known:
                self._refunding.told(payment.partner_id, known, refund.status, refund.id)

    def _known_or_new(self, seen: Payment, refund: Refund) -> str:
        """The id of a refund that the hub knows; a new one is booked, and '' returned."""
        with self._room.writing(seen.partner_id) as session:
            payment = locked_payment(session, seen.id)
            if known := _known(session, refund):
                return known
            is_over = refund.status == RefundStatus.SUCCEEDED
            if is_over and payment.status == PaymentStatus.SUCCEEDED:
                self._book(session, payment, refund)
            return ""

    def _book(self, session: Session, payment: Payment, refund: Refund) -> None:
        """It has left the card's charge already: the credit may fall below zero."""
        room = self._room
        row = self._row(session, payment, refund)
        session.add(row)
        session.flush()
        holds = holds_of(room, session, payment)
        Ledger(session, room.clock).post(of_foreign_refund(row, holds))
        self._refunding.paid_out(session, row, payment, holds, is_foreign=True)

    def _row(self, session: Session, payment: Payment, refund: Refund) -> PaymentRefund:
        gone = select(PaymentRefund.net).where(
            PaymentRefund.payment_id == payment.id,
            PaymentRefund.status == RefundStatus.SUCCEEDED.value,
        )
        left = Money(payment.net - sum(session.exec(gone)), payment.currency)
        rate = self._room.invoices.tax_rate(session, payment)
        parts, now = parts_of(refund.amount, left, rate), self._room.now()
        return PaymentRefund(
            partner_id=payment.partner_id,
            client_id=payment.client_id,
            payment_id=payment.id,
            status=RefundStatus.CREATED.value,
            currency=payment.currency,
            net=parts.net.micros,
            fee=parts.fee.micros,
            tax=parts.tax.micros,
            gross=refund.amount.micros,
            provider_id=refund.id,
            why=_WHY,
            actor="provider",
            created_at=now,
            asked_at=now,
        )


def _known(session: Session, refund: Refund) -> str:
    own = refund.reference.removeprefix("refund:")
    found = select(PaymentRefund.id).where(
        or_(col(PaymentRefund.provider_id) == refund.id, col(PaymentRefund.id) == own)
    )
    return session.exec(found).first() or ""
