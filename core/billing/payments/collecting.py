"""Invoices are charged: by hand (Pay now), or by durable work with each card in turn.

The slot `invoice:<id>` is held by a payment that is under way or has succeeded, so an invoice is
never charged twice, whoever clicks while dunning runs.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.access import Principal
from core.billing.ledger import Payer
from core.billing.payments.entities import Card, Payment
from core.billing.payments.ports import Due, Priced
from core.billing.payments.room import Room
from core.billing.payments.states import OPEN, Purpose
from core.billing.payments.top_ups import enqueue, insert, new_payment, usable_card, usable_cards
from core.billing.payments.views import PaymentView, view_of
from core.errors import Conflict, NotFound
from core.ports import Steps

UNDER_WAY = "invoice_payment_under_way"


class Collecting:
    """`collect` is registered as the durable work that invoices ask for."""

    def __init__(self, room: Room) -> None:
        self._room = room
        room.invoices.ask_before_credit(is_under_way)

    def pay_invoice(self, who: Principal, invoice_id: str, card_id: str) -> PaymentView:
        """The charge of an open invoice is under way.

        Raises NotFound, Conflict: invoice_not_open, invoice_payment_under_way, card_expired.
        """
        with self._room.acting(who, fresh=True) as (session, payer):
            due = self._room.invoices.due(session, invoice_id)
            _require_own(payer, due)
            card = usable_card(session, due.payer, card_id, self._room.now())
            return view_of(self._charge(session, due, [card], actor=who.person_id))

    def pay_for(self, session: Session, payer: Payer, invoice_id: str, card_id: str) -> PaymentView:
        """As `pay_invoice`, by a client itself, in the caller's transaction."""
        due = self._room.invoices.due(session, invoice_id)
        if due.payer != payer:
            raise NotFound(invoice_id=invoice_id)
        card = usable_card(session, payer, card_id, self._room.now())
        return view_of(self._charge(session, due, [card], actor="client"))

    def collect(self, steps: Steps, partner_id: str, invoice_id: str) -> None:
        """Durable work: charge the payer's cards in turn, if it is still to be paid."""
        steps.run("charge", self.begin, partner_id, invoice_id)

    def begin(self, partner_id: str, invoice_id: str) -> bool:
        """Whether a charge was begun; without a card the invoice is told so."""
        with self._room.writing(partner_id) as session:
            try:
                due = self._room.invoices.due(session, invoice_id)
            except Conflict:
                return False
            cards = usable_cards(session, due.payer, self._room.now())
            if not cards:
                self._room.invoices.no_card(session, invoice_id)
                return False
            try:
                self._charge(session, due, cards, actor="hub")
            except Conflict as error:
                if error.code != UNDER_WAY:
                    raise
                return False
            return True

    def _charge(self, session: Session, due: Due, cards: list[Card], *, actor: str) -> Payment:
        priced = Priced(fee=due.fee, tax=due.tax, fixed={})
        payment = new_payment(
            self._room,
            due.payer,
            cards,
            net=due.net,
            priced=priced,
            purpose=Purpose.INVOICE,
            actor=actor,
        )
        payment.invoice_id, payment.slot = due.invoice_id, f"invoice:{due.invoice_id}"
        insert(session, payment, UNDER_WAY)
        enqueue(self._room, session, payment)
        return payment


def is_under_way(session: Session, invoice_id: str) -> bool:
    """Whether a charge of the invoice may still succeed."""
    found = select(Payment.id).where(
        Payment.invoice_id == invoice_id, col(Payment.status).in_([s.value for s in OPEN])
    )
    return session.exec(found.limit(1)).first() is not None


def _require_own(payer: Payer, due: Due) -> None:
    if due.payer.partner_id != payer.partner_id:
        raise NotFound(invoice_id=due.invoice_id)
