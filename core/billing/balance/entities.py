"""What a balance is watched by: sums per day, levels, caps, stops and the operator's markup.

Amounts are integer micros of the partner's currency. `payer_client` is the client who pays for
itself (direct-paid), '' where the partner pays.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, UniqueConstraint
from sqlmodel import Field

from core.columns import PartnerOwned, new_key, utc_field


class StopReason(StrEnum):
    """Why a payer's or a client's outbound messages are stopped; all must clear."""

    BALANCE = "balance"  # nothing left to spend
    CAP = "cap"  # the client has used up its month
    DUNNING = "dunning"  # an invoice was not paid


class UsageDay(PartnerOwned, table=True):
    """Sums of usage lines by the UTC day on which they were booked, as their ledger entries are.

    Kept by metering in the transaction of the lines: pages never have to look at the lines.
    """

    __tablename__ = "usage_day"
    __table_args__ = (
        Index("ix_usage_day_client", "partner_id", "client_id", "day"),
        Index("ix_usage_day_partner", "partner_id", "day"),
    )

    partner_id: str = Field(foreign_key="partner.id", primary_key=True, max_length=10)
    payer_client: str = Field(primary_key=True, max_length=10)
    day: date = Field(primary_key=True, sa_type=Date)
    channel_id: str = Field(primary_key=True, max_length=10)
    client_id: str = Field(primary_key=True, max_length=10)
    category: str = Field(primary_key=True, max_length=32)
    market: str = Field(primary_key=True, max_length=64)
    free: str = Field(primary_key=True, max_length=24)  # why free, '' = paid
    currency: str = Field(primary_key=True, max_length=3)
    messages: int = Field(sa_type=BigInteger)
    micros: int = Field(sa_type=BigInteger)


class AlertLevel(PartnerOwned, table=True):
    """Owners are told when the balance falls to this level, once until it was above again."""

    __tablename__ = "alert_level"
    __table_args__ = (
        UniqueConstraint("partner_id", "payer_client", "micros", name="uq_alert_level_level"),
        CheckConstraint("micros > 0", name="micros"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    payer_client: str = Field(default="", max_length=10)
    micros: int = Field(sa_type=BigInteger)


class ClientCap(PartnerOwned, table=True):
    """What one client may use up in a month; `reached_month` ('2026-11') is when it last did."""

    __tablename__ = "client_cap"
    __table_args__ = (
        UniqueConstraint("partner_id", "client_id", name="uq_client_cap_client"),
        CheckConstraint("micros > 0", name="micros"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str = Field(foreign_key="client.id", max_length=10)
    micros: int = Field(sa_type=BigInteger)
    reached_month: str = Field(default="", max_length=7)


class OutboundStop(PartnerOwned, table=True):
    """One reason why outbound is stopped: for one client, or ('') for all that the partner pays."""

    __tablename__ = "outbound_stop"
    __table_args__ = (
        UniqueConstraint("partner_id", "client_id", "reason", name="uq_outbound_stop_reason"),
        CheckConstraint("reason IN ('balance', 'cap', 'dunning')", name="reason"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str = Field(default="", max_length=10)
    reason: str = Field(max_length=16)
    since: datetime = utc_field()


class PartnerMarkup(PartnerOwned, table=True):
    """The operator's markup from a day of the WABA's zone on; only ever added to."""

    __tablename__ = "partner_markup"
    __table_args__ = (
        UniqueConstraint("partner_id", "effective_from", name="uq_partner_markup_day"),
        CheckConstraint("hundredths >= 0 AND hundredths <= 100000", name="hundredths"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    effective_from: date = Field(sa_type=Date)
    hundredths: int  # of a percent
    created_at: datetime = utc_field()
