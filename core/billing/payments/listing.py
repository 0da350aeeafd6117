"""A partner's payments and its clients': one page by keyset, filtered, and what they come to.

Newest first, by (created_at, id).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, tuple_
from sqlmodel import Session, col, select

from core.access import Principal
from core.billing.payments.entities import Payment, PaymentRefund
from core.billing.payments.room import Room
from core.billing.payments.states import OPEN, PaymentStatus, Purpose
from core.billing.payments.views import PaymentView, RefundView, refund_view, view_of
from core.money import Money

_MOST = 100
_PAID = PaymentStatus.SUCCEEDED.value
_LONGEST = 22  # characters of an id


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQuery:
    """Empty filters let everything through; `client_id`: None for all, '' for the partner's own.

    `ended_in`: first day of the month (UTC) in which it was decided. `cursor` is the id of the last
    payment of the page before.
    """

    statuses: tuple[PaymentStatus, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    client_id: str | None = None
    ended_in: date | None = None
    cursor: str = ""
    size: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSum:
    """Of all payments in one currency that the filters let through.

    `charged` is what cards paid, of which `refunded` went back; `waiting` is the net of those
    under way.
    """

    charged: Money
    refunded: Money
    waiting: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPage:
    """`next_cursor` is '' at the end."""

    rows: tuple[PaymentView, ...]
    sums: tuple[PaymentSum, ...]
    next_cursor: str


class Listing:
    """Verbs of owners, for reading."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def list_payments(self, who: Principal, query: PaymentQuery) -> PaymentPage:
        """A strange cursor is the first page."""
        with self._room.watching(who) as (session, payer):
            size = max(1, min(query.size, _MOST))
            rows = _rows(session, payer.partner_id, query, size + 1)
            return PaymentPage(
                rows=tuple(view_of(row) for row in rows[:size]),
                sums=_sums(session, payer.partner_id, query),
                next_cursor=rows[size - 1].id if len(rows) > size else "",
            )

    def refunds(self, who: Principal, *, client_id: str = "", most: int = 10) -> list[RefundView]:
        """The payer's newest refunds."""
        with self._room.watching(who, client_id) as (session, payer):
            found = select(PaymentRefund).where(
                PaymentRefund.partner_id == payer.partner_id,
                PaymentRefund.client_id == payer.client_id,
            )
            order = (col(PaymentRefund.created_at).desc(), col(PaymentRefund.id))
            return [refund_view(row) for row in session.exec(found.order_by(*order).limit(most))]

    def payment_of_refund(self, who: Principal, refund_id: str) -> str:
        """Id of the payment of which a part went back; '' for a refund that is not theirs."""
        with self._room.watching(who) as (session, payer):
            found = select(PaymentRefund.payment_id).where(
                PaymentRefund.id == refund_id, PaymentRefund.partner_id == payer.partner_id
            )
            return session.exec(found).first() or ""


def _rows(session: Session, partner_id: str, query: PaymentQuery, most: int) -> list[Payment]:
    found = select(Payment).where(*_conditions(partner_id, query))
    if (last := _last(session, partner_id, query.cursor)) is not None:
        place = tuple_(col(Payment.created_at), col(Payment.id))
        found = found.where(place < tuple_(last.created_at, last.id))
    order = (col(Payment.created_at).desc(), col(Payment.id).desc())
    return list(session.exec(found.order_by(*order).limit(most)))


def _last(session: Session, partner_id: str, cursor: str) -> Payment | None:
    if not cursor.isascii() or not cursor.isprintable() or len(cursor) > _LONGEST:
        return None
    found = select(Payment).where(Payment.id == cursor, Payment.partner_id == partner_id)
    return session.exec(found).first()


def _sums(session: Session, partner_id: str, query: PaymentQuery) -> tuple[PaymentSum, ...]:
    is_open = col(Payment.status).in_([status.value for status in OPEN])
    sums = (
        select(
            Payment.currency,
            func.sum(case((col(Payment.status) == _PAID, col(Payment.gross)), else_=0)),
            func.sum(case((col(Payment.status) == _PAID, col(Payment.refunded)), else_=0)),
            func.sum(case((is_open, col(Payment.net)), else_=0)),
        )
        .where(*_conditions(partner_id, query))
        .group_by(col(Payment.currency))
        .order_by(col(Payment.currency))
    )
    return tuple(
        PaymentSum(
            charged=Money(int(charged), currency),
            refunded=Money(int(refunded), currency),
            waiting=Money(int(waiting), currency),
        )
        for currency, charged, refunded, waiting in session.exec(sums)
    )


def _conditions(partner_id: str, query: PaymentQuery) -> list[Any]:
    conditions: list[Any] = [col(Payment.partner_id) == partner_id]
    if query.statuses:
        conditions.append(col(Payment.status).in_([status.value for status in query.statuses]))
    if query.purposes:
        conditions.append(col(Payment.purpose).in_([purpose.value for purpose in query.purposes]))
    if query.client_id is not None:
        conditions.append(col(Payment.client_id) == query.client_id)
    if query.ended_in is not None:
        start = datetime.combine(query.ended_in, time(), UTC)
        after = (start + timedelta(days=31)).replace(day=1)
        conditions += [col(Payment.ended_at) >= start, col(Payment.ended_at) < after]
    return conditions
