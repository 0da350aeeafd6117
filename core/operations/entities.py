"""What the operator's side of the hub remembers; nobody's rows in particular."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, text
from sqlmodel import Field, SQLModel

from core.columns import utc_field

_BIG = BigInteger().with_variant(Integer, "sqlite")
_OPEN = text("released_at IS NULL")


class Hold(SQLModel, table=True):
    """This database is a copy: while one of these is not released, nothing leaves the hub."""

    __tablename__ = "hold"
    __table_args__ = (Index("ix_hold_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG)
    reason: str = Field(max_length=200)
    since: datetime = utc_field()
    released_at: datetime | None = utc_field(nullable=True)


class WorkerBeat(SQLModel, table=True):
    """When a worker of this name was last known to be alive; overwritten by each beat."""

    __tablename__ = "worker_beat"

    name: str = Field(primary_key=True, max_length=80)
    version: str = Field(default="", max_length=40)
    started_at: datetime = utc_field()
    at: datetime = utc_field()
