"""How the contract writes single values, and its null rule.

Source: contracts/partner-api.md section 2. Strictly typed readers refuse null where they expect
a number, a date or one of a few words, so such a field is left out when it has no value.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from core.accounts.listing import LIMIT_UNKNOWN, LIMIT_UNTOLD, UNLIMITED, limit_rank

Json = dict[str, Any]

# The only fields that are there as null while they have no value.
NULLABLE = frozenset(
    {"billing_started_at", "terminated_at", "cancelled_at", "has_inbox", "is_oba"},
)

QUALITIES = ("Green", "Yellow", "Red", "Unknown")
VERIFICATIONS = (
    *("verified", "not_verified", "rejected", "pending_submission", "failed", "pending"),
    "pending_need_more_info",
)
_THOUSAND = 1_000
_SECONDS_END = len("2024-01-31T12:00:00")
# Below a thousand the contract counts in quarters: Meta's TIER_250 is its TIER_0.25K.
_SMALL_TIERS = {50: "TIER_0.05K", 250: "TIER_0.25K"}


def told(values: Json, nullable: frozenset[str] = NULLABLE) -> Json:
    """The object without what has no value; texts, lists and objects always have one."""
    return {key: value for key, value in values.items() if value is not None or key in nullable}


def without_nulls(values: Json) -> Json:
    """The object without any null, for readers that know no nullable field at all."""
    return {key: value for key, value in values.items() if value is not None}


def moment(at: datetime | None) -> str | None:
    """UTC to the second: `2024-01-31T12:00:00Z`."""
    if at is None:
        return None
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    # A third of the time of strftime; a page has thousands of them.
    return utc.isoformat(timespec="seconds")[:_SECONDS_END] + "Z"


@lru_cache(maxsize=256)
def limit(messaging_limit: str) -> str | None:
    """The tier as the contract writes it; a word nobody knows stays as Meta wrote it."""
    rank = limit_rank(messaging_limit)
    if rank == LIMIT_UNTOLD:
        return None
    if rank == LIMIT_UNKNOWN:
        return messaging_limit
    if rank == UNLIMITED:
        return "TIER_UNLIMITED"
    if rank % _THOUSAND:
        return _SMALL_TIERS.get(rank, messaging_limit)
    return f"TIER_{rank // _THOUSAND}K"


@lru_cache(maxsize=64)
def quality(rating: str) -> str:
    """One of four words; whatever Meta invents beside them is unknown."""
    word = rating.capitalize()
    return word if word in QUALITIES else "Unknown"


@lru_cache(maxsize=64)
def fb_account_status(business_verification: str) -> str | None:
    """The business's verification in one of the contract's words; None: never told.

    Meta's further words (expired, revoked, invalid ...) all mean that it is not verified.
    """
    word = business_verification.lower()
    if not word:
        return None
    return word if word in VERIFICATIONS else "not_verified"


def by(user_id: str, user_name: str) -> Json:
    """Who made or changed something."""
    return {"user_id": user_id, "user_name": user_name}
