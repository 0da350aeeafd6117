"""A change of a number's storage region, from the wish to what Meta confirmed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field

from core.columns import PartnerOwned, new_key, utc_field


class RegionState(StrEnum):
    """`stopped` waits for a person; a new run takes its place."""

    WORKING = "working"
    DONE = "done"
    STOPPED = "stopped"


_WORKING = text("state = 'working'")


class RegionChange(PartnerOwned, table=True):
    """One run; `registrations` are the tries that Meta counts, as ISO times."""

    __tablename__ = "region_change"
    __table_args__ = (
        CheckConstraint("state IN ('working', 'done', 'stopped')", name="state"),
        Index("ix_region_change_channel", "channel_id", "created_at"),
        # Two runs of a number would register it against each other.
        Index(
            "uq_region_change_working",
            "channel_id",
            unique=True,
            sqlite_where=_WORKING,
            postgresql_where=_WORKING,
        ),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    channel_id: str = Field(foreign_key="channel.id", max_length=10)
    before: str = Field(default="", max_length=2)
    region: str = Field(default="", max_length=2)  # '' = Meta's default
    state: str = Field(default=RegionState.WORKING.value, max_length=8)
    step: str = Field(default="", max_length=16)  # the move that was made last
    error_code: str = Field(default="", max_length=40)
    meta_code: int | None = None
    registrations: list[str] = Field(default_factory=list, sa_type=JSON)
    created_by: str = Field(max_length=64)
    created_at: datetime = utc_field()
    updated_at: datetime = utc_field()
