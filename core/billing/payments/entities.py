"""Cards, payments, refunds, and what the payment provider has told; never a card number.

Unique columns decide who was first: `Payment.token` (one quote, one charge), `Payment.slot` (one
open payment for one need), `Card.live_key` (one card once), `ProviderWebhook.id` (told once).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.billing.ledger import Payer
from core.billing.payments.states import PaymentStatus, Purpose, RefundStatus, is_final, one_of
from core.columns import PartnerOwned, new_key, utc_field
from core.money import Money


class RefundKind(StrEnum):
    """Why money went back."""

    REFUND = "refund"
    DISPUTE = "dispute"  # the bank took it


class PaymentCustomer(PartnerOwned, table=True):
    """A payer as one provider knows it; `provider_id` is empty until the provider has answered.

    Name and e-mail stay as they were first told: a repeated request must say the same.
    """

    __tablename__ = "payment_customer"
    __table_args__ = (
        UniqueConstraint("partner_id", "client_id", "provider", name="uq_payment_customer_payer"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str = Field(default="", max_length=10)
    provider: str = Field(default="stripe", max_length=16)
    provider_id: str = Field(default="", max_length=255)
    name: str = Field(default="", max_length=400)
    email: str = Field(default="", max_length=320)
    created_at: datetime = utc_field()


class Card(PartnerOwned, table=True):
    """A card as the provider tells it; the row stays when the card is removed."""

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("provider_id", name="uq_card_provider_id"),
        UniqueConstraint("primary_of", name="uq_card_primary_of"),
        UniqueConstraint("live_key", name="uq_card_live_key"),
        Index("ix_card_payer", "partner_id", "client_id", "position"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str = Field(default="", max_length=10)
    customer_id: str = Field(foreign_key="payment_customer.id", max_length=16)
    provider_id: str = Field(max_length=255)
    brand: str = Field(default="", max_length=32)
    last4: str = Field(default="", max_length=4)
    exp_month: int
    exp_year: int
    country: str = Field(default="", max_length=2)
    fingerprint: str = Field(default="", max_length=255)
    primary_of: str | None = Field(default=None, max_length=24)  # the payer, while it is primary
    live_key: str | None = Field(default=None, max_length=300)  # payer and number, until removed
    position: int
    expiry_told: str = Field(default="", max_length=7)  # the expiry that was warned of
    added_at: datetime = utc_field()
    removed_at: datetime | None = utc_field(nullable=True)

    @property
    def is_primary(self) -> bool:
        return self.primary_of is not None

    @property
    def payer(self) -> Payer:
        return Payer(partner_id=self.partner_id, client_id=self.client_id)


class CardPageVisit(PartnerOwned, table=True):
    """Somebody was sent to the provider's page to enter a card; ended once it is known how."""

    __tablename__ = "card_page_visit"
    __table_args__ = (
        UniqueConstraint("page_id", name="uq_card_page_visit_page_id"),
        Index("ix_card_page_visit_open", "ended_at", "opened_at"),
    )

    id: str = Field(default_factory=lambda: new_key(22), primary_key=True, max_length=22)
    client_id: str = Field(default="", max_length=10)
    customer_id: str = Field(foreign_key="payment_customer.id", max_length=16)
    page_id: str | None = Field(default=None, max_length=255)
    return_url: str = Field(max_length=2000)
    actor: str = Field(max_length=64)
    card_id: str = Field(default="", max_length=16)
    opened_at: datetime = utc_field()
    ended_at: datetime | None = utc_field(nullable=True)


class Payment(PartnerOwned, table=True):
    """One charge. Its id is the provider's reference and the seed of every idempotency key."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(one_of(PaymentStatus, "status"), name="status"),
        CheckConstraint(one_of(Purpose, "purpose"), name="purpose"),
        CheckConstraint("gross = net + fee + tax AND gross > 0", name="gross"),
        CheckConstraint("refunded >= 0 AND refunded <= gross", name="refunded"),
        CheckConstraint("dispute IN ('', 'open', 'won', 'lost')", name="dispute"),
        UniqueConstraint("provider_id", name="uq_payment_provider_id"),
        UniqueConstraint("token", name="uq_payment_token"),
        UniqueConstraint("slot", name="uq_payment_slot"),
        Index("ix_payment_partner", "partner_id", "created_at", "id"),
        Index("ix_payment_status", "status", "asked_at"),
        Index("ix_payment_invoice", "invoice_id"),
    )

    id: str = Field(default_factory=lambda: new_key(22), primary_key=True, max_length=22)
    client_id: str = Field(default="", max_length=10)
    purpose: str = Field(max_length=16)
    status: str = Field(default=PaymentStatus.CREATED.value, max_length=16)
    currency: str = Field(max_length=3)
    net: int = Field(sa_type=BigInteger)  # what is bought
    fee: int = Field(default=0, sa_type=BigInteger)  # for processing
    tax: int = Field(default=0, sa_type=BigInteger)
    gross: int = Field(sa_type=BigInteger)  # what the card is charged
    refunded: int = Field(default=0, sa_type=BigInteger)  # of gross, lost disputes too
    dispute: str = Field(default="", max_length=8)
    customer_id: str = Field(foreign_key="payment_customer.id", max_length=16)
    card_id: str = Field(foreign_key="card.id", max_length=16)  # of the attempt at hand
    provider_card: str = Field(max_length=255)  # its name there; a repeat must say the same
    cards_left: list[str] = Field(default_factory=list, sa_type=JSON)  # to be tried after it
    cards_tried: list[str] = Field(default_factory=list, sa_type=JSON)
    attempt: int = 1
    answered: int = 0  # the last attempt whose outcome is known
    provider_id: str | None = Field(default=None, max_length=255)
    decline_code: str = Field(default="", max_length=64)
    action_url: str = Field(default="", max_length=2000)
    invoice_id: str = Field(default="", max_length=40)
    fixed: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # buyer and tax, as quoted
    token: str | None = Field(default=None, max_length=80)
    slot: str | None = Field(default=None, max_length=80)  # freed when nothing was charged
    actor: str = Field(default="hub", max_length=64)
    created_at: datetime = utc_field()
    asked_at: datetime = utc_field()  # the provider, last
    ended_at: datetime | None = utc_field(nullable=True)

    @property
    def payer(self) -> Payer:
        return Payer(partner_id=self.partner_id, client_id=self.client_id)

    @property
    def is_final(self) -> bool:
        return is_final(self.status)

    @property
    def ledger_key(self) -> str:
        """The key under which its top-up stands in the ledger."""
        return f"payment:{self.id}"

    def money(self, micros: int) -> Money:
        return Money(micros, self.currency)


class PaymentRefund(PartnerOwned, table=True):
    """A part of one payment on its way back; its id is the provider's idempotency key."""

    __tablename__ = "payment_refund"
    __table_args__ = (
        CheckConstraint(one_of(RefundStatus, "status"), name="status"),
        CheckConstraint(one_of(RefundKind, "kind"), name="kind"),
        CheckConstraint("gross = net + fee + tax AND gross > 0", name="gross"),
        UniqueConstraint("provider_id", name="uq_payment_refund_provider_id"),
        UniqueConstraint("token", name="uq_payment_refund_token"),
        Index("ix_payment_refund_payment", "payment_id"),
        Index("ix_payment_refund_status", "status", "asked_at"),
    )

    id: str = Field(default_factory=lambda: new_key(22), primary_key=True, max_length=22)
    client_id: str = Field(default="", max_length=10)
    payment_id: str = Field(foreign_key="payment.id", max_length=22)
    kind: str = Field(default=RefundKind.REFUND.value, max_length=16)
    status: str = Field(default=RefundStatus.CREATED.value, max_length=16)
    currency: str = Field(max_length=3)
    net: int = Field(sa_type=BigInteger)
    fee: int = Field(default=0, sa_type=BigInteger)
    tax: int = Field(default=0, sa_type=BigInteger)
    gross: int = Field(sa_type=BigInteger)
    provider_id: str | None = Field(default=None, max_length=255)
    token: str | None = Field(default=None, max_length=80)
    credit_note_id: str = Field(default="", max_length=40)
    why: str = Field(default="", max_length=400)
    actor: str = Field(max_length=64)
    created_at: datetime = utc_field()
    asked_at: datetime = utc_field()
    ended_at: datetime | None = utc_field(nullable=True)

    @property
    def payer(self) -> Payer:
        return Payer(partner_id=self.partner_id, client_id=self.client_id)

    def money(self, micros: int) -> Money:
        return Money(micros, self.currency)


class ProviderWebhook(SQLModel, table=True):
    """A verified webhook, byte for byte; the event's id is the key that makes repeats harmless."""

    __tablename__ = "provider_webhook"
    __table_args__ = (Index("ix_provider_webhook_open", "processed_at", "received_at"),)

    id: str = Field(primary_key=True, max_length=255)
    type: str = Field(max_length=64)
    object_id: str = Field(default="", max_length=255)
    reference: str = Field(default="", max_length=255)
    facts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    body: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = utc_field()
    processed_at: datetime | None = utc_field(nullable=True)
