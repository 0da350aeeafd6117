"""What auto-renewal looks at: last month's spend per day, the credit now, this month's top-ups."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, select

from core.billing.auto_renewal import Renewal as Recommended
from core.billing.auto_renewal import renewal_for
from core.billing.balance.sums import Book, used_by_day
from core.billing.entities import AccountKind, LedgerAccount
from core.billing.ledger import Payer
from core.billing.payments.entities import Payment
from core.billing.payments.states import PaymentStatus, Purpose
from core.billing.renewal.rules import last_month

_COUNTS = (AccountKind.CREDIT, AccountKind.PENDING)


def spent_per_day(session: Session, payer: Payer, currency: str, now: datetime) -> list[int]:
    """Micros of each day of last month, the first day first."""
    first, end = last_month(now)
    by_day = used_by_day(session, Book(payer=payer, currency=currency), first, end)
    return [by_day.get(first.replace(day=n), 0) for n in range(1, (end - first).days + 1)]


def recommended(session: Session, payer: Payer, currency: str, now: datetime) -> Recommended:
    """By the rule, from last month."""
    return renewal_for(spent_per_day(session, payer, currency, now))


def month_of(now: datetime) -> str:
    """The month that a recommendation made now is made from."""
    return f"{last_month(now)[0]:%Y-%m}"


def credits_of(session: Session, payers: Collection[Payer]) -> dict[Payer, int]:
    """Available and pending together, in one statement: a settlement between two would count
    for neither. Payers whose credit never moved are missing: they need no top-up yet."""
    found = select(
        LedgerAccount.partner_id, LedgerAccount.client_id, func.sum(LedgerAccount.balance)
    ).where(
        col(LedgerAccount.partner_id).in_({payer.partner_id for payer in payers}),
        col(LedgerAccount.client_id).in_({payer.client_id for payer in payers}),
        col(LedgerAccount.kind).in_(_COUNTS),
    )
    grouped = found.group_by(col(LedgerAccount.partner_id), col(LedgerAccount.client_id))
    return {
        Payer(partner_id=partner_id, client_id=client_id): int(micros)
        for partner_id, client_id, micros in session.exec(grouped)
    }


def successes_since(session: Session, payer: Payer, since: datetime) -> list[tuple[datetime, int]]:
    """When auto-renewal topped up, and by how much net."""
    found = select(Payment.ended_at, Payment.net).where(
        Payment.partner_id == payer.partner_id,
        Payment.client_id == payer.client_id,
        Payment.purpose == Purpose.AUTO_RENEWAL.value,
        Payment.status == PaymentStatus.SUCCEEDED.value,
        col(Payment.ended_at) >= since,
    )
    return [(at, net) for at, net in session.exec(found) if at is not None]


def month_start(now: datetime) -> datetime:
    """The first moment of this month (UTC)."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
