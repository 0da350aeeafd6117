"""How a number gets to another region, and how often Meta lets it; pure.

The region can only change while the number is unregistered, and register and deregister share
ten tries in 72 hours (contracts/meta.md section 5 and fact 8).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

BUDGET = 10
WINDOW = timedelta(hours=72)
NEEDED = 2  # off, and on again
# Meta's regions of local storage (product.md), as pages group them.
PARTS: dict[str, tuple[str, ...]] = {
    "asia_pacific": ("AU", "ID", "IN", "JP", "SG", "KR"),
    "europe": ("DE", "CH", "GB"),
    "latin_america": ("BR",),
    "middle_east_africa": ("BH", "ZA", "AE"),
    "north_america": ("CA",),
}
REGIONS = tuple(code for codes in PARTS.values() for code in codes)


class RegionMove(StrEnum):
    """One call of Meta's, or the end."""

    DEREGISTER = "deregister"
    SET_REGION = "set_region"
    REGISTER = "register"
    DONE = "done"


COUNTED = frozenset({RegionMove.DEREGISTER, RegionMove.REGISTER})


def next_move(*, is_registered: bool, region: str, wanted: str) -> RegionMove:
    """From what Meta says now alone: whoever comes after a crash goes on where it broke off."""
    if region == wanted:
        return RegionMove.DONE if is_registered else RegionMove.REGISTER
    return RegionMove.DEREGISTER if is_registered else RegionMove.SET_REGION


def used(tries: Iterable[datetime], now: datetime) -> int:
    """Tries that still count."""
    return sum(now - WINDOW < at <= now for at in tries)


def free_at(tries: Iterable[datetime], now: datetime) -> datetime | None:
    """When a whole run fits again; None while it does."""
    counted = sorted(at for at in tries if now - WINDOW < at <= now)
    too_many = len(counted) + NEEDED - BUDGET
    return counted[too_many - 1] + WINDOW if too_many > 0 else None
