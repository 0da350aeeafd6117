"""Asks the provider about one payment until it is known how it ended; durable work.

One function (`advance`) for the answer, the webhook and the reconciler: it repeats what may not
have arrived, under the same key, or asks how the charge stands, and settles what it hears. It may
be called by several at once and at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from core.billing.payments.entities import Payment, PaymentCustomer
from core.billing.payments.port import Charge, ChargeStatus, PaymentRefused
from core.billing.payments.room import Room, locked_payment
from core.billing.payments.settling import Settling
from core.billing.payments.states import PaymentStatus
from core.errors import NotFound, Unavailable
from core.ports import Steps

log = structlog.get_logger()

# The provider forgets keys after a day; from here on a charge is looked for, never begun.
_KEYS_GOOD_FOR = timedelta(hours=20)
# *Seconds* between looks of one piece of work; after the last the reconciler goes on.
_WAITS = (1, 2, 5, 10, 30, 60)
# Attempts, refusals and the cancellation of one payment are at most a few a card.
_MOST_MOVES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The payment as it was when the provider was asked."""

    payment: Payment
    customer: str


class Charging:
    """Registered as the durable work `payment`."""

    def __init__(self, room: Room, settling: Settling) -> None:
        self._room = room
        self._settling = settling

    def work(self, steps: Steps, partner_id: str, payment_id: str) -> None:
        """Go on until it is final, or somebody else has to do something first."""
        for wait in _WAITS:
            if not steps.run("advance", self.advance, partner_id, payment_id):
                return
            steps.sleep(wait)

    def advance(self, partner_id: str, payment_id: str) -> bool:
        """Make all moves that can be made now; True when asking again soon makes sense."""
        for _ in range(_MOST_MOVES):
            seen = self._look(partner_id, payment_id)
            if seen.payment.is_final:
                return False
            try:
                charge = self._ask(seen.payment, seen.customer)
            except Unavailable:
                self._unheard(partner_id, payment_id)
                return True
            again = self._take(seen.payment, charge)
            if again is not None:
                return again
        log.error("payment_goes_round", payment_id=payment_id)
        return True

    def heard(self, seen: Payment, charge: Charge) -> None:
        """Act on an answer that was got elsewhere, when the payment stood as `seen`."""
        if charge.status is ChargeStatus.DECLINED:
            # Another card, or the end of it: as the answer to any other look.
            self.advance(seen.partner_id, seen.id)
        else:
            self._take(seen, charge)

    def cancel(self, seen: Payment) -> None:
        """Nothing can be charged for it any more, unless it has been. Raises Unavailable."""
        if seen.provider_id is None:
            raise NotFound(payment_id=seen.id)
        self._take(seen, self._room.provider.cancel(seen.provider_id, key=f"{seen.id}:cancel"))

    def _look(self, partner_id: str, payment_id: str) -> _Seen:
        with self._room.reading(partner_id) as session:
            payment = session.get(Payment, payment_id)
            if payment is None:
                raise NotFound(payment_id=payment_id)
            customer = session.get(PaymentCustomer, payment.customer_id)
            if customer is None:
                raise NotFound(payment_id=payment_id)
            return _Seen(payment=payment, customer=customer.provider_id)

    def _ask(self, payment: Payment, customer: str) -> Charge | None:
        """How the charge stands after this; None: there is none and there will be none."""
        provider, key = self._room.provider, f"{payment.id}:{payment.attempt}"
        if payment.provider_id is None:
            return self._begin(payment, customer, key)
        if payment.answered >= payment.attempt:
            return self._closed_if_declined(payment, provider.charge_state(payment.provider_id))
        try:
            charge = provider.charge_again(
                payment.provider_id, card_id=payment.provider_card, key=key
            )
        except PaymentRefused as refusal:
            charge = provider.charge_state(payment.provider_id)
            if charge.status in _MAY_BE_TRIED:
                charge = replace(charge, status=_DECLINED, decline_code=refusal.code)
        return charge

    def _begin(self, payment: Payment, customer: str, key: str) -> Charge | None:
        provider = self._room.provider
        if self._room.now() - payment.created_at > _KEYS_GOOD_FOR:
            return provider.find_charge(payment.id)
        try:
            charge = provider.charge(
                customer_id=customer,
                card_id=payment.provider_card,
                amount=payment.money(payment.gross),
                reference=payment.id,
                description=f"{payment.purpose} {payment.id}",
                key=key,
            )
        except PaymentRefused as refusal:
            log.warning("charge_refused", payment_id=payment.id, code=refusal.code)
            return _refused(payment, refusal.code)
        return charge

    def _closed_if_declined(self, payment: Payment, charge: Charge) -> Charge:
        """Before a payment is over for good nothing must be left that could still be charged."""
        if charge.status is not _DECLINED or payment.cards_left:
            return charge
        if not payment.decline_code:
            # Noted first: the provider's answer to a cancellation does not say why any more.
            return charge
        closed = self._room.provider.cancel(charge.id, key=f"{payment.id}:cancel")
        return replace(closed, decline_code=charge.decline_code or closed.decline_code)

    def _take(self, seen: Payment, charge: Charge | None) -> bool | None:
        """None: make the next move at once; else whether to ask again soon."""
        with self._room.writing(seen.partner_id) as session:
            payment = locked_payment(session, seen.id)
            self._settling.take(session, payment, charge, attempt=seen.attempt)
            if payment.is_final or payment.status == PaymentStatus.ACTION_REQUIRED:
                return False
            return True if payment.status == PaymentStatus.PROCESSING else None

    def _unheard(self, partner_id: str, payment_id: str) -> None:
        with self._room.writing(partner_id) as session:
            self._settling.unheard(locked_payment(session, payment_id))


_DECLINED = ChargeStatus.DECLINED
_MAY_BE_TRIED = (ChargeStatus.DECLINED, ChargeStatus.ACTION_REQUIRED)


def _refused(payment: Payment, code: str) -> Charge:
    """The provider did not accept the request: as good as a decline, but there is no charge."""
    return Charge(
        id="",
        status=_DECLINED if payment.cards_left else ChargeStatus.CANCELLED,
        amount=payment.money(payment.gross),
        decline_code=code,
    )
