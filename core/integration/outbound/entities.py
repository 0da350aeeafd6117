"""Endpoints of partners, what is delivered to them, every attempt, and what is not fanned out yet.

The hot tables (deliveries, attempts, hours) are written by statements, never row by row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from core.columns import PartnerOwned, new_id, utc_field
from core.integration.outbound.states import DeliveryState, OffReason, one_of

_BIG = BigInteger().with_variant(Integer, "sqlite")
_MAIN = text("is_main AND removed_at IS NULL")
_OF_NUMBER = text("channel_id <> '' AND removed_at IS NULL")
OPEN_SQL = text("state IN ('waiting', 'retrying')")


class WebhookEndpoint(PartnerOwned, table=True):
    """An address of a partner; the main one is the contract's webhook URL.

    `events` are the names that are sent, none: all. A removed one stays for the log. The webhook
    of a number (`channel_id`) gets no events of the hub, but what Meta tells of its conversations.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint(one_of(OffReason, "off_reason", ""), name="off_reason"),
        CheckConstraint("(off_at IS NULL) = (off_reason = '')", name="off_at"),
        Index(
            "uq_webhook_endpoint_main",
            "partner_id",
            unique=True,
            sqlite_where=_MAIN,
            postgresql_where=_MAIN,
        ),
        Index(
            "uq_webhook_endpoint_number",
            "channel_id",
            unique=True,
            sqlite_where=_OF_NUMBER,
            postgresql_where=_OF_NUMBER,
        ),
        Index("ix_webhook_endpoint_partner", "partner_id", "id"),
    )

    id: str = Field(default_factory=lambda: new_id("WE", 8), primary_key=True, max_length=10)
    is_main: bool = False
    channel_id: str = Field(default="", max_length=10)
    name: str = Field(default="", max_length=80)
    url: str = Field(max_length=2000)
    headers: str = Field(default="", max_length=16_000)  # sealed JSON; '' for none
    header_names: list[str] = Field(default_factory=list, sa_type=JSON)
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    paused_at: datetime | None = utc_field(nullable=True)
    off_at: datetime | None = utc_field(nullable=True)
    off_reason: str = Field(default="", max_length=16)
    removed_at: datetime | None = utc_field(nullable=True)
    # Since when nothing but failures; a success ends it.
    failing_since: datetime | None = utc_field(nullable=True)
    last_success_at: datetime | None = utc_field(nullable=True)
    last_failure_at: datetime | None = utc_field(nullable=True)
    # It asked for less: nothing goes out before, and then one at a time until one is taken.
    slow_until: datetime | None = utc_field(nullable=True)
    slowness: int = 0
    created_at: datetime = utc_field()
    created_by: str = Field(default="", max_length=64)
    modified_at: datetime = utc_field()


class WebhookOutbox(PartnerOwned, table=True):
    """An event that was written and not fanned out yet; gone when it was."""

    __tablename__ = "webhook_outbox"
    __table_args__ = (Index("ix_webhook_outbox_partner", "partner_id", "event_id"),)

    event_id: int = Field(foreign_key="event.id", primary_key=True, sa_type=_BIG)


class Delivery(PartnerOwned, table=True):
    """One webhook for one endpoint: the bytes as they are sent, however often."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint(one_of(DeliveryState, "state"), name="state"),
        Index(
            "ix_webhook_delivery_open",
            "endpoint_id",
            "next_try_at",
            "id",
            sqlite_where=OPEN_SQL,
            postgresql_where=OPEN_SQL,
        ),
        Index("ix_webhook_delivery_partner", "partner_id", "id"),
        Index("ix_webhook_delivery_endpoint", "partner_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_channel", "partner_id", "channel_id", "id"),
        Index("ix_webhook_delivery_event", "partner_id", "event", "id"),
        Index("ix_webhook_delivery_age", "created_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG)
    endpoint_id: str = Field(foreign_key="webhook_endpoint.id", max_length=10)
    event_key: str = Field(max_length=32)  # `id` of the body: the same for every endpoint
    event_id: int | None = Field(default=None, sa_type=_BIG)  # the row it tells of
    event: str = Field(max_length=64)
    channel_id: str = Field(default="", max_length=10)
    # What is told in one lane is sent in its order, at the first try.
    lane: str = Field(default="", max_length=80)
    body: bytes = Field(sa_type=LargeBinary)
    state: str = Field(default=DeliveryState.WAITING.value, max_length=16)
    is_test: bool = False
    tries: int = 0  # since it was made or replayed: where it is in the schedule
    attempts: int = 0  # ever
    next_try_at: datetime = utc_field()
    last_status: int = 0  # 0: there was no answer
    last_error: str = Field(default="", max_length=40)
    created_at: datetime = utc_field()
    closed_at: datetime | None = utc_field(nullable=True)


class DeliveryAttempt(PartnerOwned, table=True):
    """One call: what went out but for secrets, and the beginning of what came back."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number", name="uq_webhook_attempt_number"),
        Index("ix_webhook_attempt_endpoint", "endpoint_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG)
    delivery_id: int = Field(foreign_key="webhook_delivery.id", sa_type=_BIG)
    endpoint_id: str = Field(max_length=10)
    number: int
    at: datetime = utc_field()
    millis: int
    url: str = Field(max_length=2000)
    request_headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    status: int = 0
    error: str = Field(default="", max_length=40)  # the code of an OutgoingError
    answer_headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    answer_body: str = Field(default="", max_length=1024)


class WebhookHour(PartnerOwned, table=True):
    """Sums of an endpoint's attempts in one hour, for its figures and its chart."""

    __tablename__ = "webhook_hour"

    endpoint_id: str = Field(foreign_key="webhook_endpoint.id", primary_key=True, max_length=10)
    hour: datetime = utc_field(primary_key=True)
    delivered: int = 0
    failed: int = 0
    millis: int = 0
