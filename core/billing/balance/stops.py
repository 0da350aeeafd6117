"""Stops and resumes outbound messages of a payer, or of one client: for several reasons at once.

Numbers are told of the first reason that comes and the last one that goes, never of those between.
"""

from __future__ import annotations

from sqlmodel import Session, select

from core.billing.balance.entities import OutboundStop, StopReason
from core.billing.balance.ports import Numbers
from core.billing.ledger import Payer
from core.clock import Clock
from core.events import EventType
from core.partners.entities import BillingModel, Partner


class Stops:
    """In the caller's transaction; `Payer(client_id=...)` is one client, whoever pays for it."""

    def __init__(self, clock: Clock, numbers: Numbers) -> None:
        self._clock = clock
        self._numbers = numbers

    def stop_outbound(self, session: Session, payer: Payer, reason: StopReason) -> bool:
        """True when the reason is new; numbers that another one had stopped are not told again."""
        rows = _rows(session, payer.partner_id)
        if _find(rows, payer, reason):
            return False
        now = self._clock.now()
        session.add(
            OutboundStop(
                partner_id=payer.partner_id,
                client_id=payer.client_id,
                reason=reason.value,
                since=now,
            )
        )
        session.flush()
        self._tell(session, EventType.OUTBOUND_STOPPED, payer, reason, rows)
        return True

    def resume_outbound(self, session: Session, payer: Payer, reason: StopReason) -> bool:
        """True when the reason was there; numbers go on that no other reason stops."""
        rows = _rows(session, payer.partner_id)
        gone = _find(rows, payer, reason)
        if gone is None:
            return False
        session.delete(gone)
        session.flush()
        left = [row for row in rows if row is not gone]
        self._tell(session, EventType.OUTBOUND_RESUMED, payer, reason, left)
        return True

    def reasons(self, session: Session, payer: Payer) -> set[StopReason]:
        """Everything that stops this client's (or the partner's) messages now."""
        rows = _rows(session, payer.partner_id)
        return {StopReason(row.reason) for row in _in_force(session, rows, payer)}

    def _tell(
        self,
        session: Session,
        type_: EventType,
        payer: Payer,
        reason: StopReason,
        others: list[OutboundStop],
    ) -> None:
        if _in_force(session, others, payer):
            return
        stopped_anyway = {row.client_id for row in others} - {""}
        self._numbers.tell(
            session,
            type_,
            payer,
            at=self._clock.now(),
            reason=reason.value,
            but=stopped_anyway if not payer.client_id else (),
        )


def is_prepaid(partner: Partner, payer: Payer) -> bool:
    """Whether this payer's credit is what messages are paid from."""
    return bool(payer.client_id) == (partner.billing_model == BillingModel.DIRECT_PAID)


def _rows(session: Session, partner_id: str) -> list[OutboundStop]:
    return list(session.exec(select(OutboundStop).where(OutboundStop.partner_id == partner_id)))


def _find(rows: list[OutboundStop], payer: Payer, reason: StopReason) -> OutboundStop | None:
    fitting = (r for r in rows if r.client_id == payer.client_id and r.reason == reason)
    return next(fitting, None)


def _in_force(session: Session, rows: list[OutboundStop], payer: Payer) -> list[OutboundStop]:
    """Rows that stop this payer's numbers: its own, and what stops all that the partner pays."""
    places = {payer.client_id}
    if any(not row.client_id for row in rows) and payer.client_id:
        partner = session.get_one(Partner, payer.partner_id)
        if partner.billing_model != BillingModel.DIRECT_PAID:
            places.add("")
    return [row for row in rows if row.client_id in places]
