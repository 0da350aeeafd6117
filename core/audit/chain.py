"""What is hashed, in which form: an event's canonical bytes, and a link over the link before.

    event_hash = SHA-256(canonical JSON of the event's columns that have a value)
    hash       = SHA-256(hash before | seq | event id | event_hash | time of sealing)

Pure. Two hashes, so that a changed event and a changed link can be told apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Before the first link there is nothing.
GENESIS = "0" * 64
# Columns of an event in their canonical names. One that comes later is left out where it is empty,
# so that what was sealed before it came still verifies.
COLUMNS = (
    "id",
    "partner_id",
    "type",
    "subject_type",
    "subject_id",
    "at",
    "actor",
    "key",
    "data",
    "origin",
    "request_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place in the chain."""

    seq: int
    event_id: int
    event_hash: str
    sealed_at: datetime
    hash: str


def event_hash(event: Mapping[str, Any]) -> str:
    """Hash of an event by column; the same whichever database it was read from."""
    told = {name: _plain(event[name]) for name in COLUMNS if event[name] is not None}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def link_after(before: Link | None, event: Mapping[str, Any], now: datetime) -> Link:
    """The event's link behind `before`."""
    seq = before.seq + 1 if before else 1
    own = event_hash(event)
    return Link(
        seq=seq,
        event_id=event["id"],
        event_hash=own,
        sealed_at=now,
        hash=link_hash(before.hash if before else GENESIS, seq, event["id"], own, now),
    )


def link_hash(before: str, seq: int, event_id: int, own: str, sealed_at: datetime) -> str:
    """Hash of a link over the one before."""
    told = "|".join((before, str(seq), str(event_id), own, sealed_at.isoformat()))
    return hashlib.sha256(told.encode()).hexdigest()


def holds(before: str, link: Link) -> bool:
    """Whether the link is what it says, behind a link with that hash."""
    made = link_hash(before, link.seq, link.event_id, link.event_hash, link.sealed_at)
    return made == link.hash


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
