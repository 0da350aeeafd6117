"""What metering needs from storage: bulk statements, one per table and batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel import Session

from core.billing.ledger import Payer
from core.billing.rating import Sender

Json = dict[str, Any]

# What the sums of `usage_day` are kept by.
DAY_KEY = (
    "partner_id",
    "payer_client",
    "day",
    "channel_id",
    "client_id",
    "category",
    "market",
    "free",
    "currency",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredNumber:
    """A number that the hub knows, with whose credit its messages are paid."""

    channel_id: str
    client_id: str
    payer: Payer
    sender: Sender


@dataclass(frozen=True, slots=True)
class UsageLines:
    """Lines alike in everything but the message: `shape` holds what they share, by column.

    `messages` are (charge key, wamid, unix seconds).
    """

    shape: Json
    messages: Sequence[tuple[str, str, int]]


class UsageBook(Protocol):
    """The tables of usage in the caller's transaction, whose scope is everything.

    Rows are columns by name, times aware and in UTC.
    """

    def numbers(self, session: Session, phone_ids: Collection[str]) -> dict[str, MeteredNumber]:
        """By Meta's phone number id; those that the hub does not know are missing."""
        ...

    def hold_counts(self, session: Session, keys: Collection[str]) -> dict[str, int]:
        """Messages counted so far; nobody else counts on these keys until the commit."""
        ...

    def charged(self, session: Session, charge_keys: Collection[str]) -> set[str]:
        """Which of these have a usage line."""
        ...

    def write_usage(self, session: Session, groups: Sequence[UsageLines]) -> set[str]:
        """Charge keys of the lines that are new; only for these may money move."""
        ...

    def add_counts(self, session: Session, counted: Mapping[str, int]) -> None: ...

    def add_days(self, session: Session, rows: Sequence[Json]) -> None:
        """Add `messages` and `micros` to the sums of `usage_day`; rows in `DAY_KEY`'s order."""
        ...

    def park(self, session: Session, rows: Sequence[Json]) -> None:
        """Keep what cannot be rated; a better reason replaces "no price was told"."""
        ...

    def unpark(self, session: Session, wamids: Collection[str]) -> None: ...

    def parked(self, session: Session, after: int, most: int) -> list[tuple[int, Json]]:
        """Ids and reports of parked messages behind the id `after`, the oldest first."""
        ...
