"""What came in from Meta, kept byte for byte before anybody acts on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import utc_field


class InboundWebhook(SQLModel, table=True):
    """One signed body; `body_hash` is the unique key that makes Meta's repeats harmless."""

    __tablename__ = "inbound_webhook"
    __table_args__ = (
        UniqueConstraint("body_hash", name="uq_inbound_webhook_body_hash"),
        Index("ix_inbound_webhook_open", "processed_at", "next_try_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    body_hash: str = Field(max_length=64)
    body: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = utc_field()
    processed_at: datetime | None = utc_field(nullable=True)
    next_try_at: datetime = utc_field()
    # Changes that named no account the hub knows yet; they are tried again for seven days.
    waiting: int = 0
    tries: int = 0
    error: str = Field(default="", max_length=2000)
