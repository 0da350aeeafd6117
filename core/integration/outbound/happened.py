"""An event as it was written, and what is told to partners of it; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A row of the event table."""

    id: int
    partner_id: str
    type: str
    subject_type: str
    subject_id: str
    at: datetime
    data: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One webhook: its name and data; what shares a lane is sent in its order."""

    event: str
    data: Json
    channel_id: str = ""
    lane: str = ""
