"""Unspent credit goes back to the cards that paid for it; disputes take it without asking.

The net leaves the credit first, guarded, so that it cannot be spent meanwhile; once the provider
has paid it out, the books and a credit note follow. The fee is not given back.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.access import Principal
from core.billing.entities import AccountKind
from core.billing.ledger import Ledger, Payer
from core.billing.payments.entities import Payment, PaymentRefund
from core.billing.payments.port import PaymentRefused
from core.billing.payments.postings import of_failed_refund, of_refund, of_returned_refund
from core.billing.payments.quoting import Bounds, amount_of
from core.billing.payments.refund_parts import (
    TOP_UPS,
    Refundable,
    next_refund,
    paid_parts,
    refundable,
    shares_of,
)
from core.billing.payments.room import REFUND_JOB, Room, locked_payment
from core.billing.payments.states import RefundStatus
from core.errors import Conflict, NotFound, Unavailable
from core.events import EventType
from core.money import Money
from core.ports import Steps

log = structlog.get_logger()

# A refund that the provider calls pending fails within days, or not at all.
_SURE_AFTER = timedelta(days=10)
_WAITS = (1, 5, 30, 120)


class Refunding:
    """`refund_for` is for the operator's desk, after its own gate."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def refundable(self, who: Principal, *, client_id: str = "") -> Refundable:
        """The unspent credit, as far as cards have paid for it."""
        with self._room.watching(who, client_id) as (session, payer):
            return refundable(self._room, session, payer)

    def refund(
        self, who: Principal, amount: str, token: str, *, why: str, client_id: str = ""
    ) -> list[str]:
        """Ids of the refunds that are under way. Raises InvalidInput, InsufficientCredit, Conflict
        (more_than_was_paid, refund_made)."""
        with self._room.acting(who, client_id, fresh=True) as (session, payer):
            return self._refund(session, payer, amount, token, (why, who.person_id))

    def refund_for(self, payer: Payer, amount: str, *, why: str, actor: str) -> list[str]:
        """As `refund`, for somebody who was let in already."""
        with self._room.writing(payer.partner_id) as session:
            return self._refund(session, payer, amount, next_refund(session, payer), (why, actor))

    def work(self, steps: Steps, partner_id: str, refund_id: str) -> None:
        """Durable work: pay it out, or find that it cannot be."""
        for wait in _WAITS:
            if not steps.run("pay_out", self.pay_out, partner_id, refund_id):
                return
            steps.sleep(wait)

    def pay_out(self, partner_id: str, refund_id: str) -> bool:
        """True when the provider could not be asked."""
        with self._room.reading(partner_id) as session:
            refund = session.get_one(PaymentRefund, refund_id)
            payment = session.get_one(Payment, refund.payment_id)
        try:
            if refund.status == RefundStatus.CREATED:
                status, provider_id = self._pay(refund, payment)
            elif refund.status == RefundStatus.PENDING:
                status, provider_id = self._ask(refund, payment), refund.provider_id or ""
            else:
                return False
        except Unavailable:
            return True
        self.told(partner_id, refund_id, status, provider_id)
        return False

    def told(self, partner_id: str, refund_id: str, status: str, provider_id: str = "") -> None:
        """The provider's word on a refund: pending, succeeded or failed."""
        with self._room.writing(partner_id) as session:
            refund = locked_refund(session, refund_id)
            payment = locked_payment(session, refund.payment_id)
            if refund.status in (RefundStatus.SUCCEEDED, RefundStatus.FAILED):
                self._told_late(session, refund, payment, status)
                return
            refund.provider_id = provider_id or refund.provider_id
            refund.asked_at = self._room.now()
            if status == RefundStatus.SUCCEEDED:
                self.paid_out(session, refund, payment)
            elif status == RefundStatus.FAILED:
                self._failed(session, refund)
            else:
                refund.status = RefundStatus.PENDING.value

    def _refund(
        self, session: Session, payer: Payer, amount: str, token: str, by: tuple[str, str]
    ) -> list[str]:
        if token != next_refund(session, payer):
            raise Conflict(code="refund_made")
        currency = self._room.payers.contact(session, payer).currency
        left = amount_of(amount, currency, Bounds(least=0, most=self._room.settings.top_up_most))
        shares = shares_of(paid_parts(session, payer, currency), left)
        made = [
            self._begin(session, payment, net, f"{token}:{number}", by)
            for number, (payment, net) in enumerate(shares)
        ]
        if left.micros > (back := sum(net.micros for _, net in shares)):
            raise Conflict(code="more_than_was_paid", left=left.micros - back)
        return [refund.id for refund in made]

    def _begin(
        self, session: Session, payment: Payment, net: Money, token: str, by: tuple[str, str]
    ) -> PaymentRefund:
        tax, now = self._room.invoices.tax_back(payment, net), self._room.now()
        refund = PaymentRefund(
            partner_id=payment.partner_id,
            client_id=payment.client_id,
            payment_id=payment.id,
            currency=net.currency,
            net=net.micros,
            tax=tax.micros,
            gross=(net + tax).micros,
            token=token,
            why=by[0][:400],
            actor=by[1],
            created_at=now,
            asked_at=now,
        )
        try:
            with session.begin_nested():
                session.add(refund)
        except IntegrityError as error:
            raise Conflict(code="refund_made") from error
        Ledger(session, self._room.clock).refund(refund.payer, net, f"refund:{refund.id}")
        self._room.moved(session, refund.payer, -net)
        args = (refund.partner_id, refund.id)
        self._room.jobs.enqueue(session, REFUND_JOB, *args, key=f"{REFUND_JOB}:{refund.id}")
        return refund

    def _pay(self, refund: PaymentRefund, payment: Payment) -> tuple[str, str]:
        amount = refund.money(refund.gross)
        try:
            answer = self._room.provider.refund(
                payment.provider_id or "", amount=amount, key=f"refund:{refund.id}"
            )
        except PaymentRefused:
            return RefundStatus.FAILED, ""
        return answer.status, answer.id

    def _ask(self, refund: PaymentRefund, payment: Payment) -> str:
        charge = self._room.provider.charge_state(payment.provider_id or "")
        back = charge.refunded.micros if charge.refunded else 0
        if back < payment.refunded + refund.gross:
            return RefundStatus.FAILED
        is_sure = self._room.now() - refund.created_at > _SURE_AFTER
        return RefundStatus.SUCCEEDED if is_sure else RefundStatus.PENDING

    def _told_late(
        self, session: Session, refund: PaymentRefund, payment: Payment, status: str
    ) -> None:
        """A bank may return a refund weeks after it was paid out; nothing else changes an end."""
        if (refund.status, status) == (RefundStatus.SUCCEEDED, RefundStatus.FAILED):
            self._came_back(session, refund, payment)
        elif status not in (refund.status, RefundStatus.PENDING):
            log.error("refund_changed_after_the_end", refund_id=refund.id, status=status)

    def paid_out(
        self,
        session: Session,
        refund: PaymentRefund,
        payment: Payment,
        holds: AccountKind = AccountKind.CREDIT,
        *,
        is_foreign: bool = False,
    ) -> None:
        """The money is gone: books, credit note, event and mail. The payment is locked."""
        room = self._room
        refund.status, refund.ended_at = RefundStatus.SUCCEEDED.value, room.now()
        payment.refunded += refund.gross
        waits = AccountKind.REFUNDS if holds is AccountKind.CREDIT else holds
        Ledger(session, room.clock).post(of_refund(refund, waits))
        if is_foreign and holds is AccountKind.CREDIT:
            room.moved(session, refund.payer, -refund.money(refund.net))
        refund.credit_note_id = room.invoices.went_back(session, payment, refund)
        self._tell(session, refund)
        key = f"refund_done:{refund.id}"
        room.mail(session, "refund_done", refund.payer, key, micros=refund.gross)

    def _came_back(self, session: Session, refund: PaymentRefund, payment: Payment) -> None:
        """It counts as paid again; the credit note stands, a new invoice takes it back."""
        room, holds = self._room, holds_of(self._room, session, payment)
        refund.status, refund.ended_at = RefundStatus.FAILED.value, room.now()
        payment.refunded -= refund.gross
        Ledger(session, room.clock).post(of_returned_refund(refund, holds))
        if holds is AccountKind.CREDIT:
            room.moved(session, refund.payer, refund.money(refund.net))
        room.invoices.came_back(session, payment, refund)
        self._tell(session, refund)
        key = f"refund_failed:{refund.id}"
        room.mail(session, "refund_failed", refund.payer, key, micros=refund.gross)

    def _failed(self, session: Session, refund: PaymentRefund) -> None:
        refund.status, refund.ended_at = RefundStatus.FAILED.value, self._room.now()
        Ledger(session, self._room.clock).post(of_failed_refund(refund))
        self._room.moved(session, refund.payer, refund.money(refund.net))
        self._tell(session, refund)

    def _tell(self, session: Session, refund: PaymentRefund) -> None:
        self._room.tell(
            session,
            EventType.PAYMENT_REFUNDED,
            refund.payer,
            ("payment", refund.payment_id),
            actor=refund.actor,
            status=refund.status,
            gross_micros=refund.gross,
            currency=refund.currency,
            credit_note_id=refund.credit_note_id,
        )


def holds_of(room: Room, session: Session, payment: Payment) -> AccountKind:
    """Where the net of a payment went."""
    if payment.purpose in TOP_UPS or room.invoices.is_usage(session, payment.invoice_id):
        return AccountKind.CREDIT
    return AccountKind.SALES


def locked_refund(session: Session, refund_id: str) -> PaymentRefund:
    """The refund as it is now; nobody else changes it until the commit. Raises NotFound."""
    found = select(PaymentRefund).where(PaymentRefund.id == refund_id).with_for_update()
    refund = session.exec(found.execution_options(populate_existing=True)).first()
    if refund is None:
        raise NotFound(refund_id=refund_id)
    return refund
