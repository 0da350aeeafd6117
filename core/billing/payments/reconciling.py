"""The net under everything: what is not final is asked about, and the three books are compared.

Answers, webhooks and durable work may all be lost; what stands in the tables is looked at again
until the provider has told how it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlmodel import Session, col, func, select

from core.billing.entities import AccountKind, LedgerAccount
from core.billing.payments.card_pages import CardPages
from core.billing.payments.charging import Charging
from core.billing.payments.entities import CardPageVisit, Payment, PaymentRefund, ProviderWebhook
from core.billing.payments.refunding import Refunding
from core.billing.payments.room import SWEEP, Room
from core.billing.payments.states import OPEN, PaymentStatus, RefundStatus
from core.billing.payments.webhooks import Webhooks
from core.errors import HubError

log = structlog.get_logger()

# Durable work asks more often at first; this is for what it left behind.
_QUIET = timedelta(seconds=30)
# The provider's page for a card is good for a day.
_PAGE_LIVES = timedelta(hours=25)
# One run asks about this many of each; the rest waits for the next one.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Agreement:
    """Micros. What the provider holds, what paid invoices say, what left the clearing account."""

    provider: int
    invoices: int
    clearing: int

    @property
    def holds(self) -> bool:
        return self.provider == self.invoices == self.clearing


class Reconciling:
    """`reconcile` runs every minute on one process."""

    def __init__(
        self,
        room: Room,
        *,
        charging: Charging,
        refunding: Refunding,
        pages: CardPages,
        webhooks: Webhooks,
    ) -> None:
        self._room = room
        self._charging = charging
        self._refunding = refunding
        self._pages = pages
        self._webhooks = webhooks

    def reconcile(self) -> int:
        """How many webhooks, payments, refunds and card pages were looked at."""
        looked = sum(self._try(self._webhooks.process, some) for some in self._open_webhooks())
        looked += sum(self._try(self._look, payment) for payment in self._open_payments())
        looked += sum(
            self._try(self._refunding.pay_out, refund.partner_id, refund.id)
            for refund in self._open_refunds()
        )
        return looked + sum(self._try(self._visit, visit) for visit in self._open_visits())

    def agreement(self, session: Session, partner_id: str) -> Agreement:
        """The three books of a partner and its clients; they agree to the cent at any time."""
        charged = select(func.sum(Payment.gross), func.sum(Payment.refunded)).where(
            Payment.partner_id == partner_id, Payment.status == PaymentStatus.SUCCEEDED.value
        )
        gross, refunded = session.exec(charged).one()
        # What is pending has left the clearing account, but no card yet.
        outside = select(func.sum(LedgerAccount.balance)).where(
            LedgerAccount.partner_id == partner_id,
            col(LedgerAccount.kind).in_([AccountKind.CLEARING, AccountKind.PENDING]),
        )
        return Agreement(
            provider=int(gross or 0) - int(refunded or 0),
            invoices=self._room.invoices.paid_gross(session, partner_id),
            clearing=-int(session.exec(outside).one() or 0),
        )

    def _try(self, act: Callable[..., object], *args: object) -> int:
        """One that cannot be looked at must not keep the others waiting."""
        try:
            act(*args)
        except HubError as error:
            log.warning("not_reconciled", act=act.__name__, code=error.code)
            return 0
        return 1

    def _look(self, payment: Payment) -> None:
        is_waiting = payment.status == PaymentStatus.ACTION_REQUIRED
        within = self._room.settings.payment_confirmation_within
        if is_waiting and self._room.now() - payment.created_at > within:
            self._charging.cancel(payment)
        else:
            self._charging.advance(payment.partner_id, payment.id)

    def _visit(self, visit: CardPageVisit) -> None:
        card = self._pages.finish_visit(visit.partner_id, visit.id)
        if card is None and self._room.now() - visit.opened_at > _PAGE_LIVES:
            self._pages.end_visit(visit.partner_id, visit.id)

    def _open_webhooks(self) -> Sequence[str]:
        found = select(ProviderWebhook.id).where(
            col(ProviderWebhook.processed_at).is_(None),
            ProviderWebhook.received_at < self._room.now() - _QUIET,
        )
        with self._room.database.reading(SWEEP) as session:
            return session.exec(found.order_by(col(ProviderWebhook.received_at)).limit(_MOST)).all()

    def _open_payments(self) -> Sequence[Payment]:
        found = select(Payment).where(
            col(Payment.status).in_([status.value for status in OPEN]),
            Payment.asked_at < self._room.now() - _QUIET,
        )
        with self._room.database.reading(SWEEP) as session:
            return session.exec(found.order_by(col(Payment.asked_at)).limit(_MOST)).all()

    def _open_refunds(self) -> Sequence[PaymentRefund]:
        found = select(PaymentRefund).where(
            col(PaymentRefund.status).in_([RefundStatus.CREATED, RefundStatus.PENDING]),
            PaymentRefund.asked_at < self._room.now() - _QUIET,
        )
        with self._room.database.reading(SWEEP) as session:
            return session.exec(found.order_by(col(PaymentRefund.asked_at)).limit(_MOST)).all()

    def _open_visits(self) -> Sequence[CardPageVisit]:
        found = select(CardPageVisit).where(
            col(CardPageVisit.ended_at).is_(None),
            CardPageVisit.opened_at < self._room.now() - _QUIET,
        )
        with self._room.database.reading(SWEEP) as session:
            return session.exec(found.order_by(col(CardPageVisit.opened_at)).limit(_MOST)).all()
