"""Plans, licences and what happened to them; prices are data with the day they count from.

Unique columns decide who was first: `Subscription.partner_id` (one each), `Licence.open_key` (one
open licence per number), `PlanChange.token` (one quote, one upgrade), `PlanChange.slot` (one open
upgrade per partner).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.billing.payments.states import one_of
from core.columns import PartnerOwned, new_key, utc_field
from core.subscriptions.states import (
    ChangeKind,
    ChangeStatus,
    PlanName,
    SubscriptionState,
    Tier,
)

_CENTS = "monthly_micros >= 0 AND monthly_micros % 10000 = 0"


class PlanPrice(SQLModel, table=True):
    """What a plan costs a month from `effective_from` on, until a later row."""

    __tablename__ = "plan_price"
    __table_args__ = (
        CheckConstraint(one_of(PlanName, "plan"), name="plan"),
        CheckConstraint("currency IN ('EUR', 'USD')", name="currency"),
        CheckConstraint(_CENTS, name="cents"),
        UniqueConstraint("plan", "currency", "effective_from", name="uq_plan_price_from"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan: str = Field(max_length=16)
    currency: str = Field(max_length=3)
    monthly_micros: int = Field(sa_type=BigInteger)
    effective_from: datetime = utc_field()


class LicencePrice(SQLModel, table=True):
    """What a number's licence costs a month from `effective_from` on, until a later row."""

    __tablename__ = "licence_price"
    __table_args__ = (
        CheckConstraint(one_of(Tier, "tier"), name="tier"),
        CheckConstraint("currency IN ('EUR', 'USD')", name="currency"),
        CheckConstraint(_CENTS, name="cents"),
        UniqueConstraint("tier", "currency", "effective_from", name="uq_licence_price_from"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tier: str = Field(max_length=16)
    currency: str = Field(max_length=3)
    monthly_micros: int = Field(sa_type=BigInteger)
    effective_from: datetime = utc_field()


class Subscription(PartnerOwned, table=True):
    """A partner's plan; `version` grows with every change, so that what was shown can be told
    from what is. `plan_through` and `licences_through`: last days that have been invoiced."""

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint(one_of(PlanName, "plan"), name="plan"),
        CheckConstraint(one_of(SubscriptionState, "state"), name="state"),
        CheckConstraint("(state = 'active') = (ends_on IS NULL)", name="ends_on"),
        CheckConstraint("(next_plan = '') = (next_plan_on IS NULL)", name="next_plan"),
        UniqueConstraint("partner_id", name="uq_subscription_partner"),
        Index("ix_subscription_due", "state", "plan_through"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    plan: str = Field(default=PlanName.GROWTH.value, max_length=16)
    state: str = Field(default=SubscriptionState.ACTIVE.value, max_length=16)
    version: int = 1
    started_on: date = Field(sa_type=Date)
    plan_through: date = Field(sa_type=Date)
    licences_through: date = Field(sa_type=Date)
    next_plan: str = Field(default="", max_length=16)
    next_plan_on: date | None = Field(default=None, sa_type=Date)
    ends_on: date | None = Field(default=None, sa_type=Date)  # included
    cancel_reason: str = Field(default="", max_length=24)
    cancel_text: str = Field(default="", max_length=2000)
    changed_at: datetime = utc_field()


class Licence(PartnerOwned, table=True):
    """A number's tier for some time, half-open; a larger tier ends the row and begins another.

    `charged`: the month in which it began has been invoiced (the difference, after `from_tier`).
    """

    __tablename__ = "licence"
    __table_args__ = (
        CheckConstraint(one_of(Tier, "tier"), name="tier"),
        CheckConstraint("(next_tier = '') = (next_from IS NULL)", name="next_tier"),
        CheckConstraint("(open_key IS NULL) = (until IS NOT NULL)", name="open"),
        UniqueConstraint("open_key", name="uq_licence_open_key"),
        Index("ix_licence_partner", "partner_id", "since", "id"),
        Index("ix_licence_channel", "channel_id"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    channel_id: str = Field(foreign_key="channel.id", max_length=10)
    tier: str = Field(max_length=16)
    from_tier: str = Field(default="", max_length=16)
    since: datetime = utc_field()
    until: datetime | None = utc_field(nullable=True)
    charged: bool = False
    next_tier: str = Field(default="", max_length=16)
    next_from: date | None = Field(default=None, sa_type=Date)
    open_key: str | None = Field(default=None, max_length=10)  # the channel, while it is open


class PlanChange(PartnerOwned, table=True):
    """One change, from its wish to its end; of an upgrade also the intent and what was quoted."""

    __tablename__ = "plan_change"
    __table_args__ = (
        CheckConstraint(one_of(ChangeKind, "kind"), name="kind"),
        CheckConstraint(one_of(ChangeStatus, "status"), name="status"),
        CheckConstraint("(slot IS NULL) = (status <> 'charging')", name="slot"),
        UniqueConstraint("token", name="uq_plan_change_token"),
        UniqueConstraint("slot", name="uq_plan_change_slot"),
        Index("ix_plan_change_partner", "partner_id", "at", "id"),
        Index("ix_plan_change_payment", "payment_id"),
    )

    id: str = Field(default_factory=new_key, primary_key=True, max_length=22)
    kind: str = Field(max_length=16)
    status: str = Field(max_length=16)
    at: datetime = utc_field()
    ended_at: datetime | None = utc_field(nullable=True)
    from_plan: str = Field(default="", max_length=16)
    to_plan: str = Field(default="", max_length=16)
    channel_id: str = Field(default="", max_length=10)
    from_tier: str = Field(default="", max_length=16)
    to_tier: str = Field(default="", max_length=16)
    effective_on: date | None = Field(default=None, sa_type=Date)
    quote: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    token: str | None = Field(default=None, max_length=120)
    slot: str | None = Field(default=None, max_length=16)  # the partner, while it is charged
    payment_id: str = Field(default="", max_length=22)
    invoice_id: str = Field(default="", max_length=10)
    actor: str = Field(default="hub", max_length=64)
