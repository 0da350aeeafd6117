"""A cardholder asks the bank for the money back: told to the owners; booked when it is lost."""

from __future__ import annotations

from sqlmodel import Session, select

from core.billing.entities import AccountKind
from core.billing.ledger import Ledger
from core.billing.payments.entities import Payment, PaymentRefund, RefundKind
from core.billing.payments.parting import parts_of
from core.billing.payments.postings import of_lost_dispute
from core.billing.payments.refunding import holds_of
from core.billing.payments.room import Room, locked_payment
from core.billing.payments.states import Purpose, RefundStatus
from core.events import EventType

_OVER = ("won", "lost")


class Disputing:
    """Called with what the provider's webhooks say; late, doubled and in any order."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def opened(self, partner_id: str, payment_id: str, reason: str) -> None:
        """Owners know of it; once."""
        with self._room.writing(partner_id) as session:
            payment = locked_payment(session, payment_id)
            if payment.dispute:
                return
            payment.dispute = "open"
            self._tell(session, payment, "dispute_opened", reason)

    def closed(self, partner_id: str, payment_id: str, *, is_lost: bool) -> None:
        """Won: nothing has happened. Lost: the rest of the payment has left all the books."""
        with self._room.writing(partner_id) as session:
            payment = locked_payment(session, payment_id)
            if payment.dispute in _OVER:
                return
            payment.dispute = "lost" if is_lost else "won"
            if is_lost:
                self._take_back(session, payment)
            self._tell(session, payment, f"dispute_{payment.dispute}", "")

    def _take_back(self, session: Session, payment: Payment) -> None:
        room, gone = self._room, _gone(session, payment)
        rest = _rest(payment, gone, room)
        if not rest.gross:
            return
        if payment.purpose != Purpose.INVOICE:
            # What its credit note can say: parts that went back before were rounded, too.
            rate = room.invoices.tax_rate(session, payment)
            parts = parts_of(rest.money(rest.gross), rest.money(rest.net), rate)
            rest.net, rest.fee = parts.net.micros, parts.fee.micros
            rest.tax = parts.tax.micros
        session.add(rest)
        session.flush()
        holds = holds_of(room, session, payment)
        if payment.purpose == Purpose.INVOICE:
            # Free again: the invoice is to be paid once more.
            payment.slot = None
        Ledger(session, room.clock).post(of_lost_dispute(rest, holds))
        if holds is AccountKind.CREDIT:
            room.moved(session, payment.payer, -rest.money(rest.net))
        payment.refunded = payment.gross
        rest.credit_note_id = room.invoices.went_back(session, payment, rest)
        if holds is AccountKind.CREDIT:
            told = {payment.currency: -rest.net}
            subject = ("credit", payment.partner_id)
            type_ = EventType.BALANCE_CHANGED
            room.tell(session, type_, payment.payer, subject, added_micros=told)

    def _tell(self, session: Session, payment: Payment, kind: str, reason: str) -> None:
        room, key = self._room, f"{kind}:{payment.id}"
        room.tell(
            session,
            EventType.PAYMENT_DISPUTED,
            payment.payer,
            ("payment", payment.id),
            key=key,
            dispute=payment.dispute,
            reason=reason,
            gross_micros=payment.gross,
            currency=payment.currency,
        )
        room.mail(session, kind, payment.payer, key, payment=payment.id, micros=payment.gross)


def _gone(session: Session, payment: Payment) -> list[PaymentRefund]:
    found = select(PaymentRefund).where(
        PaymentRefund.payment_id == payment.id,
        PaymentRefund.status == RefundStatus.SUCCEEDED.value,
    )
    return list(session.exec(found))


def _rest(payment: Payment, gone: list[PaymentRefund], room: Room) -> PaymentRefund:
    """What the bank took: all that had not gone back already."""
    net = payment.net - sum(refund.net for refund in gone)
    fee = payment.fee - sum(refund.fee for refund in gone)
    tax = payment.tax - sum(refund.tax for refund in gone)
    now = room.now()
    return PaymentRefund(
        partner_id=payment.partner_id,
        client_id=payment.client_id,
        payment_id=payment.id,
        kind=RefundKind.DISPUTE.value,
        status=RefundStatus.SUCCEEDED.value,
        currency=payment.currency,
        net=net,
        fee=fee,
        tax=tax,
        gross=net + fee + tax,
        token=f"dispute:{payment.id}",
        why="The bank took the payment back.",
        actor="hub",
        created_at=now,
        asked_at=now,
        ended_at=now,
    )
