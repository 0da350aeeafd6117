"""What an answer of the provider does to a payment: the second transaction, whoever enters it.

The caller holds the payment's row. Each payment ends once; with it, in the same transaction: the
ledger, the invoice, the events, the mails.
"""

from __future__ import annotations

import structlog
from sqlmodel import Session

from core.billing.ledger import Ledger
from core.billing.payments.entities import Card, Payment
from core.billing.payments.port import Charge, ChargeStatus
from core.billing.payments.postings import of_payment
from core.billing.payments.room import Room
from core.billing.payments.states import PaymentStatus, Purpose, may_become
from core.errors import NotFound
from core.events import EventType
from core.money import Money

log = structlog.get_logger()

_TOP_UPS = (Purpose.TOP_UP, Purpose.AUTO_RENEWAL)
_SETTLED = {
    Purpose.TOP_UP: EventType.TOP_UP_SETTLED,
    Purpose.AUTO_RENEWAL: EventType.AUTO_RENEWAL_SUCCEEDED,
}
# The others are told by auto-renewal and invoices, which know what comes next.
_FAILED = {Purpose.TOP_UP: EventType.TOP_UP_FAILED}


class Settling:
    """Makes answers into states."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def take(
        self, session: Session, payment: Payment, charge: Charge | None, *, attempt: int
    ) -> None:
        """Act on how the charge stood when `attempt` was the newest; late news change nothing.

        None: the provider never got the charge and never will.
        """
        if payment.is_final:
            self._require_nothing_lost(payment, charge)
            return
        payment.asked_at = self._room.now()
        if charge is None:
            self._fail(session, payment, PaymentStatus.CANCELLED, "never_reached")
            return
        if charge.id:
            payment.provider_id = charge.id
        if charge.status is ChargeStatus.SUCCEEDED:
            self._succeed(session, payment, charge)
        elif payment.attempt == attempt:
            self._go_on(session, payment, charge)

    def unheard(self, payment: Payment) -> None:
        """No answer: the provider may or may not have acted."""
        payment.asked_at = self._room.now()
        if payment.status in (PaymentStatus.CREATED, PaymentStatus.PROCESSING):
            payment.status = PaymentStatus.UNKNOWN.value

    def _go_on(self, session: Session, payment: Payment, charge: Charge) -> None:
        payment.answered = payment.attempt
        if charge.status is ChargeStatus.PROCESSING:
            _move(payment, PaymentStatus.PROCESSING)
        elif charge.status is ChargeStatus.ACTION_REQUIRED:
            self._ask_holder(session, payment, charge)
        elif charge.status is ChargeStatus.DECLINED and payment.cards_left:
            self._next_card(session, payment, charge)
        elif charge.status is ChargeStatus.CANCELLED:
            code = charge.decline_code or payment.decline_code
            status = PaymentStatus.DECLINED if code else PaymentStatus.CANCELLED
            self._fail(session, payment, status, code)
        else:
            # Declined, and another one is about to cancel it: known once the provider did.
            payment.decline_code = charge.decline_code or "declined"
            _move(payment, PaymentStatus.UNKNOWN)

    def _next_card(self, session: Session, payment: Payment, charge: Charge) -> None:
        payment.decline_code = charge.decline_code
        payment.cards_tried = [*payment.cards_tried, payment.card_id]
        card_id, *left = payment.cards_left
        card = session.get(Card, card_id)
        if card is None:
            raise NotFound(card_id=card_id)
        payment.card_id, payment.provider_card, payment.cards_left = card.id, card.provider_id, left
        payment.attempt += 1
        payment.action_url = ""
        _move(payment, PaymentStatus.CREATED)

    def _ask_holder(self, session: Session, payment: Payment, charge: Charge) -> None:
        payment.action_url = charge.action_url
        if not _move(payment, PaymentStatus.ACTION_REQUIRED):
            return
        room, key = self._room, f"confirm:{payment.id}:{payment.attempt}"
        self._tell(session, EventType.PAYMENT_CONFIRMATION_NEEDED, payment, key=key)
        room.mail(session, "confirm", payment.payer, key, payment=payment.id, micros=payment.gross)

    def _succeed(self, session: Session, payment: Payment, charge: Charge) -> None:
        if charge.amount != payment.money(payment.gross):
            # Never seen, and never to be settled by a machine.
            log.error("charged_another_amount", payment_id=payment.id, charged=charge.amount.micros)
            _move(payment, PaymentStatus.UNKNOWN)
            payment.decline_code = "amount_mismatch"
            return
        _move(payment, PaymentStatus.SUCCEEDED)
        payment.answered, payment.decline_code, payment.action_url = payment.attempt, "", ""
        payment.ended_at = self._room.now()
        if payment.purpose in _TOP_UPS:
            self._settle_top_up(session, payment)
        elif payment.purpose == Purpose.INVOICE:
            self._settle_invoice(session, payment)
        else:
            self._settle_plan(session, payment)
        self._follow(session, payment)

    def _settle_top_up(self, session: Session, payment: Payment) -> None:
        room, ledger = self._room, Ledger(session, self._room.clock)
        payment.slot = None
        ledger.settle_top_up(payment.ledger_key)
        ledger.post(of_payment(payment))
        room.moved(session, payment.payer, payment.money(payment.net))
        payment.invoice_id = room.invoices.top_up_charged(session, payment)
        self._tell(session, _SETTLED[Purpose(payment.purpose)], payment)
        self._tell_balance(session, payment)
        key = f"top_up_done:{payment.id}"
        room.mail(session, "top_up_done", payment.payer, key, micros=payment.net)

    def _settle_invoice(self, session: Session, payment: Payment) -> None:
        room = self._room
        is_usage = room.invoices.is_usage(session, payment.invoice_id)
        Ledger(session, room.clock).post(of_payment(payment, is_usage=is_usage))
        if is_usage:
            room.moved(session, payment.payer, payment.money(payment.net))
        room.invoices.invoice_charged(session, payment)
        if is_usage:
            self._tell_balance(session, payment)

    def _settle_plan(self, session: Session, payment: Payment) -> None:
        """Whoever follows plans issues the invoice, and changes the plan with it."""
        payment.slot = None
        Ledger(session, self._room.clock).post(of_payment(payment))

    def _fail(self, session: Session, payment: Payment, status: PaymentStatus, code: str) -> None:
        _move(payment, status)
        payment.decline_code, payment.action_url = code, ""
        payment.cards_tried = [*payment.cards_tried, payment.card_id]
        payment.slot, payment.ended_at = None, self._room.now()
        if payment.purpose in _TOP_UPS:
            Ledger(session, self._room.clock).drop_top_up(payment.ledger_key)
        elif payment.purpose == Purpose.INVOICE:
            self._room.invoices.invoice_not_charged(session, payment)
        if (type_ := _FAILED.get(Purpose(payment.purpose))) is not None:
            self._tell(session, type_, payment)
        self._follow(session, payment)

    def _follow(self, session: Session, payment: Payment) -> None:
        for follower in self._room.followers[Purpose(payment.purpose)]:
            follower(session, payment)

    def _tell(
        self, session: Session, type_: EventType, payment: Payment, key: str | None = None
    ) -> None:
        self._room.tell(
            session,
            type_,
            payment.payer,
            ("payment", payment.id),
            actor=payment.actor,
            key=key,
            purpose=payment.purpose,
            net_micros=payment.net,
            gross_micros=payment.gross,
            currency=payment.currency,
            decline_code=payment.decline_code,
            invoice_id=payment.invoice_id,
        )

    def _tell_balance(self, session: Session, payment: Payment) -> None:
        added = Money(payment.net, payment.currency)
        self._room.tell(
            session,
            EventType.BALANCE_CHANGED,
            payment.payer,
            ("credit", payment.partner_id),
            actor=payment.actor,
            added_micros={added.currency: added.micros},
        )

    def _require_nothing_lost(self, payment: Payment, charge: Charge | None) -> None:
        is_charged = charge is not None and charge.status is ChargeStatus.SUCCEEDED
        if is_charged and payment.status != PaymentStatus.SUCCEEDED:
            # Cancelled at the provider before it ended here: only a fault of the provider's.
            log.error("charged_after_the_end", payment_id=payment.id)


def _move(payment: Payment, status: PaymentStatus) -> bool:
    """Whether it was a move, and an allowed one."""
    if not may_become(payment.status, status):
        return False
    payment.status = status.value
    return True
