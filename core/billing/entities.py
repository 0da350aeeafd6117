"""Rate cards (everybody's), the ledger, and each message's usage line (a partner's).

Cards, entries and usage only grow: triggers refuse UPDATE and DELETE. Amounts are integer micros.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from core.columns import PartnerOwned, utc_field

_BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class AccountKind(StrEnum):
    """What money on an account is; every payer has each of them at most once per currency."""

    CREDIT = "credit"  # available to spend
    PENDING = "pending"  # top-ups that the payment provider has not confirmed yet
    USAGE = "usage"  # revenue from messages
    FEES = "fees"
    CLEARING = "clearing"  # money that came in or is expected from the payment provider
    REFUNDS = "refunds"
    CORRECTIONS = "corrections"
    VAT = "vat"  # owed to the tax office
    SALES = "sales"  # revenue from plans and licences


class EntryKind(StrEnum):
    """Why money moved."""

    TOP_UP = "top_up"
    TOP_UP_STARTED = "top_up_started"
    TOP_UP_SETTLED = "top_up_settled"
    TOP_UP_DROPPED = "top_up_dropped"
    USAGE = "usage"
    FEE = "fee"
    REFUND = "refund"
    CORRECTION = "correction"
    REVERSAL = "reversal"
    PAYMENT = "payment"  # an invoice was paid
    VAT = "vat"
    REFUND_PAID = "refund_paid"  # the refund has left for the card
    REFUND_RETURNED = "refund_returned"  # it could not be paid out
    DISPUTE = "dispute"  # the bank took a payment back


class RateCard(SQLModel, table=True):
    """One imported version; a mistake is answered by a newer version of the same day."""

    __tablename__ = "rate_card"
    __table_args__ = (
        CheckConstraint("currency IN ('EUR', 'USD')", name="currency"),
        UniqueConstraint("currency", "effective_from", "version", name="uq_rate_card_version"),
    )

    id: str = Field(primary_key=True, max_length=40)
    currency: str = Field(max_length=3)
    effective_from: date = Field(sa_type=Date)  # a day of the WABA's time zone
    version: int
    is_example: bool = False
    source: str = Field(default="", max_length=400)
    imported_at: datetime = utc_field()


class RateCardRow(SQLModel, table=True):
    """`micros` per message of the tier that begins with the `first_message` of a month."""

    __tablename__ = "rate_card_row"
    __table_args__ = (
        CheckConstraint("micros >= 0", name="micros"),
        CheckConstraint("first_message >= 1", name="first_message"),
        UniqueConstraint(
            "card_id", "market", "category", "first_message", name="uq_rate_card_row_place"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    card_id: str = Field(foreign_key="rate_card.id", max_length=40)
    market: str = Field(max_length=64)
    category: str = Field(max_length=32)
    first_message: int = Field(default=1, sa_type=BigInteger)
    micros: int = Field(sa_type=BigInteger)


class LedgerAccount(PartnerOwned, table=True):
    """A payer's account; the id is made of its parts. All balances of a currency sum to zero."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("id", "currency", name="uq_ledger_account_id_currency"),
        CheckConstraint("kind <> 'pending' OR balance >= 0", name="pending"),
    )

    id: str = Field(primary_key=True, max_length=64)
    client_id: str = Field(default="", max_length=10)  # '' = the partner itself pays
    kind: str = Field(max_length=16)
    currency: str = Field(max_length=3)
    balance: int = Field(default=0, sa_type=BigInteger)  # credited minus debited


class LedgerEntry(PartnerOwned, table=True):
    """Money moved from one account to another of its currency: both sides in one row.

    So no posting can be out of balance; the double foreign keys hold the currency.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("micros > 0", name="micros"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        ForeignKeyConstraint(
            ["debit_account", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name="fk_ledger_entry_debit",
        ),
        ForeignKeyConstraint(
            ["credit_account", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name="fk_ledger_entry_credit",
        ),
        UniqueConstraint("key", name="uq_ledger_entry_key"),
        UniqueConstraint("reverses", name="uq_ledger_entry_reverses"),
        Index("ix_ledger_entry_partner", "partner_id", "at", "id"),
        Index("ix_ledger_entry_debit", "debit_account", "at", "id"),
        Index("ix_ledger_entry_credit", "credit_account", "at", "id"),
        Index(
            "ix_ledger_entry_rare",
            "partner_id",
            "at",
            "id",
            sqlite_where=text("kind <> 'usage'"),
            postgresql_where=text("kind <> 'usage'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG_ID)
    key: str = Field(max_length=120)  # the same key is the same movement
    kind: str = Field(max_length=24)
    debit_account: str = Field(max_length=64)
    credit_account: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    micros: int = Field(sa_type=BigInteger)
    at: datetime = utc_field()
    reverses: str | None = Field(default=None, max_length=120)  # key of the entry it takes back
    about: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # policy, card, reason


class MessageUsage(PartnerOwned, table=True):
    """What one delivered message cost and why; `entry_key` leads to the money, '' when free."""

    __tablename__ = "message_usage"
    __table_args__ = (
        CheckConstraint("micros >= 0", name="micros"),
        UniqueConstraint("charge_key", name="uq_message_usage_charge_key"),
        Index("ix_message_usage_partner", "partner_id", "at", "id"),
        Index("ix_message_usage_entry", "entry_key"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG_ID)
    charge_key: str = Field(max_length=200)
    wamid: str = Field(max_length=200)
    channel_id: str = Field(foreign_key="channel.id", max_length=10)
    client_id: str = Field(max_length=10)
    at: datetime = utc_field()
    month: str = Field(max_length=7)  # of the WABA's time zone
    market: str = Field(max_length=64)
    category: str = Field(max_length=32)
    free: str = Field(default="", max_length=24)
    policy: str = Field(max_length=16)
    card: str = Field(default="", max_length=40)
    tier: int = 0
    # The operator's, in hundredths of a percent, contained in `micros`.
    markup: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    currency: str = Field(max_length=3)
    micros: int = Field(sa_type=BigInteger)
    entry_key: str = Field(default="", max_length=120)


class UsageCount(SQLModel, table=True):
    """Messages counted for a tier or an allowance; its row is the lock that keeps counts exact.

    No partner's: Meta counts a portfolio's messages whoever brought its WABAs.
    """

    __tablename__ = "usage_count"

    key: str = Field(primary_key=True, max_length=160)
    messages: int = Field(default=0, sa_type=BigInteger)


class ParkedMessage(PartnerOwned, table=True):
    """A delivered message that could not be rated: kept, shown, and rated when it can be."""

    __tablename__ = "parked_message"
    __table_args__ = (
        UniqueConstraint("wamid", name="uq_parked_message_wamid"),
        Index("ix_parked_message_partner", "partner_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG_ID)
    wamid: str = Field(max_length=200)
    channel_id: str = Field(foreign_key="channel.id", max_length=10)
    reason: str = Field(max_length=32)
    report: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # Meta's words, read
    parked_at: datetime = utc_field()
