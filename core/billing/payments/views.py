"""Payments and cards as pages show them: values, detached from any session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.billing.payments.entities import Card, Payment, PaymentRefund
from core.billing.payments.states import PaymentStatus, Purpose, RefundStatus
from core.money import Money

EXPIRY_WARNING = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """A payment; why it was declined stands in `decline_code`, in the provider's word."""

    id: str
    client_id: str
    purpose: Purpose
    status: PaymentStatus
    net: Money
    fee: Money
    tax: Money
    gross: Money
    refunded: Money
    card_id: str
    decline_code: str
    invoice_id: str
    dispute: str  # '', open, won or lost
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """Money on its way back to a card; `gross` is what the card gets."""

    id: str
    payment_id: str
    status: RefundStatus
    net: Money
    gross: Money
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card, without anything that could be charged."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    country: str
    is_primary: bool
    has_expired: bool
    expires_soon: bool


def view_of(payment: Payment) -> PaymentView:
    """The payment as it is now."""
    return PaymentView(
        id=payment.id,
        client_id=payment.client_id,
        purpose=Purpose(payment.purpose),
        status=PaymentStatus(payment.status),
        net=payment.money(payment.net),
        fee=payment.money(payment.fee),
        tax=payment.money(payment.tax),
        gross=payment.money(payment.gross),
        refunded=payment.money(payment.refunded),
        card_id=payment.card_id,
        decline_code=payment.decline_code,
        invoice_id=payment.invoice_id,
        dispute=payment.dispute,
        created_at=payment.created_at,
        ended_at=payment.ended_at,
    )


def refund_view(refund: PaymentRefund) -> RefundView:
    """The refund as it is now."""
    return RefundView(
        id=refund.id,
        payment_id=refund.payment_id,
        status=RefundStatus(refund.status),
        net=refund.money(refund.net),
        gross=refund.money(refund.gross),
        created_at=refund.created_at,
    )


def card_view(card: Card, now: datetime) -> CardView:
    """The card as it is now."""
    return CardView(
        id=card.id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        country=card.country,
        is_primary=card.is_primary,
        has_expired=has_expired(card, now),
        expires_soon=expires_soon(card, now),
    )


def has_expired(card: Card, now: datetime) -> bool:
    """A card is good until the end of the month that is printed on it."""
    return now >= expires_at(card)


def expires_soon(card: Card, now: datetime) -> bool:
    """Within thirty days, and not yet."""
    return now < expires_at(card) <= now + EXPIRY_WARNING


def expires_at(card: Card) -> datetime:
    """The first moment at which it is no longer good (UTC; banks are not that exact)."""
    year, month = divmod(card.exp_year * 12 + card.exp_month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
