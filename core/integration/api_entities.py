"""What the partner API keeps: the messaging key of a number, and answers to repeated writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from core.columns import PartnerOwned, new_id, utc_field


class ChannelKey(PartnerOwned, table=True):
    """The one key with which the partner sends over a number; a new one takes its place."""

    __tablename__ = "channel_key"
    __table_args__ = (
        UniqueConstraint("channel_id", name="uq_channel_key_channel"),
        UniqueConstraint("key_hash", name="uq_channel_key_hash"),
        Index("ix_channel_key_partner", "partner_id", "id"),
    )

    id: str = Field(default_factory=lambda: new_id("AK", 8), primary_key=True, max_length=10)
    channel_id: str = Field(foreign_key="channel.id", max_length=10)
    key_hash: str = Field(max_length=64)
    prefix: str = Field(max_length=16)
    created_by: str = Field(max_length=64)
    created_at: datetime = utc_field()


class IdempotentWrite(PartnerOwned, table=True):
    """A write that carried an Idempotency-Key, and what was answered; `status` 0: still at it."""

    __tablename__ = "idempotent_write"
    __table_args__ = (Index("ix_idempotent_write_at", "created_at"),)

    partner_id: str = Field(foreign_key="partner.id", primary_key=True, max_length=10)
    key: str = Field(primary_key=True, max_length=255)
    request_hash: str = Field(max_length=64)  # method, path, query and body
    created_at: datetime = utc_field()
    status: int = 0
    answer: bytes = Field(default=b"", sa_type=LargeBinary)
