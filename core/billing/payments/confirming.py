"""Strong authentication: the cardholder confirms a charge on the provider's hosted check."""

from __future__ import annotations

from core.access import Principal
from core.billing.ledger import Payer
from core.billing.payments.charging import Charging
from core.billing.payments.entities import Payment
from core.billing.payments.port import ChargeStatus
from core.billing.payments.room import Room
from core.billing.payments.states import PaymentStatus, Purpose
from core.billing.payments.views import PaymentView, view_of
from core.errors import Conflict, NotFound

# Where the hub's page of a payment is; mails lead there, the hosted check comes back to it.
PAYMENT_PATH = "/billing/payments"
# An upgrade has a page of its own, which goes on from there.
_BACK = {Purpose.PLAN: "/billing/subscriptions/upgrade?change="}


class Confirming:
    """Verbs of owners."""

    def __init__(self, room: Room, charging: Charging) -> None:
        self._room = room
        self._charging = charging

    def confirm(self, who: Principal, payment_id: str) -> str:
        """Where the holder confirms; '' when there is nothing to confirm any more.

        Raises NotFound, Unavailable, PaymentRefused.
        """
        payment = self._own(who, payment_id)
        # One way back for each payment: the provider refuses another one under the same key.
        path = _BACK.get(Purpose(payment.purpose), f"{PAYMENT_PATH}/")
        return self._confirm(payment, f"{self._room.settings.base_url}{path}{payment.id}")

    def confirm_for(self, payer: Payer, payment_id: str, return_url: str) -> str:
        """The same for a client that was let in already, and comes back to its own page."""
        with self._room.reading(payer.partner_id) as session:
            payment = session.get(Payment, payment_id)
        if payment is None or payment.payer != payer:
            raise NotFound(payment_id=payment_id)
        return self._confirm(payment, return_url)

    def look_for(self, payer: Payer, payment_id: str) -> PaymentView:
        """As `look_again`, for a client that was let in already."""
        self._charging.advance(payer.partner_id, payment_id)
        with self._room.reading(payer.partner_id) as session:
            payment = session.get(Payment, payment_id)
        if payment is None or payment.payer != payer:
            raise NotFound(payment_id=payment_id)
        return view_of(payment)

    def _confirm(self, payment: Payment, return_url: str) -> str:
        if payment.status != PaymentStatus.ACTION_REQUIRED or payment.provider_id is None:
            return ""
        charge = self._room.provider.confirm_in_person(
            payment.provider_id,
            card_id=payment.provider_card,
            return_url=return_url,
            key=f"{payment.id}:{payment.attempt}:person",
        )
        self._charging.heard(payment, charge)
        return charge.action_url if charge.status is ChargeStatus.ACTION_REQUIRED else ""

    def look_again(self, who: Principal, payment_id: str) -> PaymentView:
        """The payment as the provider knows it now, for the page after the hosted check."""
        payment = self._own(who, payment_id)
        self._charging.advance(payment.partner_id, payment.id)
        return view_of(self._own(who, payment_id))

    def give_up(self, who: Principal, payment_id: str) -> PaymentView:
        """Nothing can be charged for it any more; raises Conflict (`too_late`) when it was."""
        payment = self._own(who, payment_id)
        if payment.status != PaymentStatus.ACTION_REQUIRED:
            raise Conflict(code="too_late", status=payment.status)
        self._charging.cancel(payment)
        after = self._own(who, payment_id)
        if after.status == PaymentStatus.SUCCEEDED:
            raise Conflict(code="too_late", status=after.status)
        return view_of(after)

    def give_up_for(self, payer: Payer, payment_id: str) -> bool:
        """As `give_up`, for a slice above; False when there is nothing to give up (yet)."""
        with self._room.reading(payer.partner_id) as session:
            payment = session.get(Payment, payment_id)
        if payment is None or payment.payer != payer:
            raise NotFound(payment_id=payment_id)
        if payment.status != PaymentStatus.ACTION_REQUIRED:
            return False
        self._charging.cancel(payment)
        return True

    def _own(self, who: Principal, payment_id: str) -> Payment:
        with self._room.watching(who) as (session, _):
            payment = session.get(Payment, payment_id)
            if payment is None or payment.partner_id != who.tenant.partner_id:
                raise NotFound(payment_id=payment_id)
            return payment
