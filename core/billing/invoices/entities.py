"""Invoices, their lines, the counter of their numbers, and the details they are addressed by.

An issued invoice is never changed: a trigger refuses every change but of the columns that say how
it was paid, dunned and drawn. Lines and details only grow. Amounts are micros in whole cents.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from core.columns import PartnerOwned, new_id, utc_field

_BIG_ID = BigInteger().with_variant(Integer, "sqlite")
_KINDS = "kind IN ('plan', 'licences', 'top_up', 'closing', 'credit_note')"
_STATUSES = "status IN ('pending', 'unpaid', 'paid', 'void', 'credit_note')"
_CENTS = " AND ".join(
    f"{name}_micros % 10000 = 0" for name in ("net", "tax", "gross", "prepaid", "payable")
)


class Invoice(PartnerOwned, table=True):
    """One numbered document; `client_id` is empty where the partner itself is the buyer."""

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint(_KINDS, name="kind"),
        CheckConstraint(_STATUSES, name="status"),
        CheckConstraint("(kind = 'credit_note') = (status = 'credit_note')", name="credit_note"),
        CheckConstraint("currency IN ('EUR', 'USD')", name="currency"),
        CheckConstraint(_CENTS, name="cents"),
        CheckConstraint("gross_micros = net_micros + tax_micros", name="gross"),
        CheckConstraint("payable_micros = gross_micros - prepaid_micros", name="payable"),
        CheckConstraint("payable_micros >= 0 AND prepaid_micros >= 0", name="signs"),
        UniqueConstraint("number", name="uq_invoice_number"),
        UniqueConstraint("key", name="uq_invoice_key"),
        Index("ix_invoice_partner", "partner_id", "issued_at", "id"),
        Index("ix_invoice_partner_status", "partner_id", "status", "issued_at", "id"),
        Index("ix_invoice_partner_client", "partner_id", "client_id", "issued_at", "id"),
        Index("ix_invoice_next_attempt", "next_attempt_at"),
        Index("ix_invoice_credits", "credits_id"),
    )

    id: str = Field(default_factory=lambda: new_id("IN"), primary_key=True, max_length=10)
    client_id: str = Field(default="", max_length=10)
    number: str = Field(max_length=32)  # gapless per prefix and year of issue (UTC)
    key: str = Field(max_length=120)  # the same key is the same invoice
    kind: str = Field(max_length=16)
    issued_at: datetime = utc_field()
    issued_on: date = Field(sa_type=Date)
    due_on: date | None = Field(default=None, sa_type=Date)
    period_first: date | None = Field(default=None, sa_type=Date)
    period_last: date | None = Field(default=None, sa_type=Date)  # included
    currency: str = Field(max_length=3)
    net_micros: int = Field(sa_type=BigInteger)
    tax_micros: int = Field(sa_type=BigInteger)
    gross_micros: int = Field(sa_type=BigInteger)
    prepaid_micros: int = Field(default=0, sa_type=BigInteger)  # received before the day of issue
    payable_micros: int = Field(sa_type=BigInteger)
    tax: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # `tax.Treatment`, as JSON
    seller: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # `document.Party`
    buyer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    buyer_name: str = Field(default="", max_length=400)
    language: str = Field(default="en", max_length=8)  # of the mails about it
    credits_id: str | None = Field(default=None, foreign_key="invoice.id", max_length=10)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # terms, identity, markets

    # These may change.
    status: str = Field(max_length=16)
    paid_at: datetime | None = utc_field(nullable=True)
    payment_id: str = Field(default="", max_length=64)
    attempts: int = 0  # charges that failed
    next_attempt_at: datetime | None = utc_field(nullable=True)
    stopped_outbound: bool = False
    pdf_hash: str = Field(default="", max_length=64)


# Whatever is not here is fixed by the trigger; the migration reads this list.
MAY_CHANGE = frozenset(
    "status paid_at payment_id attempts next_attempt_at stopped_outbound pdf_hash".split()
)


class InvoiceLine(PartnerOwned, table=True):
    """`net` is quantity × price ÷ base, rounded half up; the three are exact decimals as text."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        CheckConstraint("net_micros % 10000 = 0", name="cents"),
        UniqueConstraint("invoice_id", "position", name="uq_invoice_line_position"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG_ID)
    invoice_id: str = Field(foreign_key="invoice.id", max_length=10)
    position: int
    kind: str = Field(max_length=16)
    description: str = Field(max_length=400)
    detail: str = Field(default="", max_length=400)
    quantity: str = Field(max_length=40)
    unit: str = Field(max_length=8)
    unit_price: str = Field(max_length=40)
    price_base: str = Field(max_length=40)
    net_micros: int = Field(sa_type=BigInteger)


class NumberSequence(SQLModel, table=True):
    """The last number given out; its row is the lock that keeps numbers gapless. No partner's."""

    __tablename__ = "number_sequence"

    key: str = Field(primary_key=True, max_length=40)
    last: int = 0


class BillingDetails(PartnerOwned, table=True):
    """A version of a payer's details; the newest counts, for invoices issued from then on."""

    __tablename__ = "billing_details"
    __table_args__ = (
        CheckConstraint("vat_state IN ('none', 'unknown', 'valid', 'invalid')", name="vat_state"),
        Index("ix_billing_details_payer", "partner_id", "client_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG_ID)
    client_id: str = Field(default="", max_length=10)
    legal_name: str = Field(max_length=200)
    email: str = Field(max_length=320)
    address: str = Field(default="", max_length=400)  # lines
    postal_code: str = Field(default="", max_length=20)
    city: str = Field(default="", max_length=120)
    country: str = Field(max_length=2)
    vat_id: str = Field(default="", max_length=20)  # compact, with its prefix
    vat_state: str = Field(default="none", max_length=8)
    vat_checked_at: datetime | None = utc_field(nullable=True)  # when the register answered
    vat_source: str = Field(default="", max_length=16)  # '', "checksum" or "vies"
    saved_at: datetime = utc_field()
    saved_by: str = Field(default="hub", max_length=64)
