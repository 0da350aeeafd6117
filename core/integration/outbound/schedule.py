"""When a delivery is tried, and when an endpoint has failed for long enough; pure.

Source: contracts/partner-api.md section 3. Delays are counted from the attempt before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

DELAYS = (
    timedelta(),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# So that what failed together does not come back together.
JITTER_PERCENT = 20
# An endpoint with nothing but failures for so long is switched off.
FAILING_TOO_LONG = timedelta(hours=120)
# Longer than the longest delay nobody is obeyed: the wish may be a mistake.
LONGEST_WISH = timedelta(hours=24)
_LONGEST_SLOW = timedelta(minutes=5)


def next_try(tries: int, now: datetime, *, chance: float) -> datetime | None:
    """When to try again after `tries` failed ones; None when that was the last.

    `chance`: 0 to 1, of the caller's dice.
    """
    if tries >= len(DELAYS):
        return None
    percent = 100 + JITTER_PERCENT * (2 * chance - 1)
    return now + DELAYS[tries] * (percent / 100)


def slow_for(slowness: int) -> timedelta:
    """How long an endpoint is left alone that asked for less `slowness` times in a row."""
    return min(timedelta(seconds=2 ** min(slowness, 10)), _LONGEST_SLOW)


def has_failed_too_long(failing_since: datetime | None, now: datetime) -> bool:
    return failing_since is not None and now - failing_since >= FAILING_TOO_LONG
