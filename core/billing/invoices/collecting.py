"""Charges unpaid invoices again when their time has come; the charge itself is payments' work."""

from __future__ import annotations

from sqlmodel import col, select

from core.billing.invoices.changing import Changing
from core.billing.invoices.entities import Invoice
from core.billing.invoices.statuses import InvoiceStatus
from core.clock import Clock
from core.ports import Database, Everything, Tenant

_ALL = Everything("dunning: unpaid invoices of all partners")
_MOST = 500  # invoices per run; the next run takes the others


class Collecting:
    """By the clock, not by delayed jobs: the sandbox's clock may leap over days."""

    def __init__(self, database: Database, clock: Clock, changing: Changing) -> None:
        self._database = database
        self._clock = clock
        self._changing = changing

    def charge_due(self) -> int:
        """How many charges were enqueued."""
        due = (
            select(Invoice.partner_id, Invoice.id)
            .where(
                col(Invoice.next_attempt_at) <= self._clock.now(),
                col(Invoice.status) == InvoiceStatus.UNPAID.value,
            )
            .order_by(col(Invoice.next_attempt_at))
            .limit(_MOST)
        )
        with self._database.reading(_ALL) as session:
            found = list(session.exec(due))
        return sum(self._charge(partner_id, invoice_id) for partner_id, invoice_id in found)

    def _charge(self, partner_id: str, invoice_id: str) -> bool:
        with self._database.transaction(Tenant(partner_id)) as session:
            return self._changing.charge_again(session, invoice_id)
