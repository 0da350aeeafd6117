"""The chain that events are sealed into; it only grows, like the events themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel

from core.columns import utc_field

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class AuditLink(SQLModel, table=True):
    """One event's place in the chain; see `core.audit.chain` for what the hashes are of."""

    __tablename__ = "audit_link"

    seq: int = Field(primary_key=True, sa_type=_NUMBER)  # without gaps, from one
    event_id: int = Field(sa_type=_NUMBER, unique=True)
    event_hash: str = Field(max_length=64)
    sealed_at: datetime = utc_field()
    hash: str = Field(max_length=64)
