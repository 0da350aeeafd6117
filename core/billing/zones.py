"""The WABA's time zone, in which Meta's months begin and its prices change.

Meta numbers its zones. The few numbers below have NOT been checked against Meta's table yet: do so
before real money is rated. A zone that is not known counts as UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# https://developers.facebook.com/docs/marketing-api/reference/ad-account/timezone-ids
_BY_META_ID = {
    "1": "America/Los_Angeles",
    "2": "America/Denver",
    "3": "Pacific/Honolulu",
    "4": "America/Anchorage",
    "5": "America/Phoenix",
    "6": "America/Chicago",
    "7": "America/New_York",
}


# Zones are whole quarters of an hour away from UTC: nothing about a date changes within one.
QUARTER = 900  # seconds


@lru_cache(maxsize=1_000)
def zone_of(timezone_id: str) -> tzinfo:
    """By Meta's number or by name (`Europe/Berlin`); UTC for what is not known."""
    name = _BY_META_ID.get(timezone_id, timezone_id)
    if "/" not in name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day_and_month(at: datetime, timezone_id: str) -> tuple[date, str]:
    """The zone's date and month (`2026-10`) at that time."""
    return _in_quarter(int(at.timestamp()) // QUARTER, timezone_id)


# Messages come by thousands within the hour.
@lru_cache(maxsize=10_000)
def _in_quarter(quarter: int, timezone_id: str) -> tuple[date, str]:
    local = datetime.fromtimestamp(quarter * QUARTER, zone_of(timezone_id))
    return local.date(), month_of(local)


def month_of(local: datetime) -> str:
    """`2026-10` for a time in the WABA's zone."""
    return f"{local.year}-{local.month:02}"
