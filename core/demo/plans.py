"""The demo partners' plans and licences of the last months, invoiced and paid at their time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.entities import Invoice
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.statuses import OPEN
from core.billing.payments.room import Room as PaymentsRoom
from core.demo.world import ACME, BETA, PARTNERS
from core.subscriptions.billing import Billing
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.finding import begin, find
from core.subscriptions.licensing import sync
from core.subscriptions.months import DAY, Month, start_of
from core.subscriptions.room import Room
from core.subscriptions.states import Tier

# Busy numbers.
_LARGER = {ACME.row_id(1, "CH"), ACME.row_id(2, "CH"), BETA.row_id(1, "CH")}
_SINCE = timedelta(days=400)
_KINDS = (InvoiceKind.PLAN.value, InvoiceKind.LICENCES.value)


@dataclass(frozen=True, slots=True)
class _Payments:
    """As much of payments as subscriptions need to tell what was."""

    room: PaymentsRoom


class PastPlans:
    """In the caller's transaction, by the clock of `payments`, which stands in the past."""

    def __init__(
        self,
        payments: PaymentsRoom,
        issuing: Issuing,
        pay: Callable[[Session, Invoice], None],
    ) -> None:
        past: Any = _Payments(payments)
        self._room = Room(
            gate=payments.gate,
            database=payments.database,
            clock=payments.clock,
            jobs=payments.jobs,
            settings=payments.settings,
            issuing=issuing,
            payments=past,
        )
        self._billing = Billing(self._room)
        self._pay = pay

    def renew(self, session: Session) -> None:
        """What is due by now is invoiced and paid; before the first time, nothing was."""
        for partner in PARTNERS:
            subscription = find(session, partner.id) or self._begin(session, partner.id)
            self._billing.catch_up(session, subscription)
            for invoice in _open(session, partner.id):
                self._pay(session, invoice)

    def _begin(self, session: Session, partner_id: str) -> Subscription:
        """It has been there for long; what was before this month is not told."""
        room, today = self._room, self._room.today()
        first = Month.of(today).first
        subscription = begin(session, partner_id, now=room.now(), today=today)
        subscription.started_on = today - _SINCE
        subscription.plan_through = subscription.licences_through = first - DAY
        sync(room, session, subscription)
        found = select(Licence).where(
            Licence.partner_id == partner_id, col(Licence.since) < start_of(first, room.zone)
        )
        for licence in session.exec(found):
            licence.charged = True
            licence.tier = (Tier.PREMIUM if licence.channel_id in _LARGER else Tier.REGULAR).value
        session.flush()
        return subscription


def _open(session: Session, partner_id: str) -> list[Invoice]:
    found = select(Invoice).where(
        Invoice.partner_id == partner_id,
        col(Invoice.kind).in_(_KINDS),
        col(Invoice.status).in_([status.value for status in OPEN]),
    )
    return list(session.exec(found.order_by(Invoice.number)))
