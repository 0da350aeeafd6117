"""When an unpaid invoice is charged again, and when it is not any more; pure.

Days count from the issue, so that a person who tries in between uses up none of the tries. The
days and their reasons stand beside `Settings.dunning_days`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


def planned(issued_at: datetime, schedule: Sequence[timedelta]) -> list[datetime]:
    """All further charges, should each of them fail."""
    return [issued_at + after for after in sorted(schedule)]


def next_attempt(
    issued_at: datetime, schedule: Sequence[timedelta], now: datetime
) -> datetime | None:
    """After a charge that failed `now`: the next one; None when that was the last."""
    return next((at for at in planned(issued_at, schedule) if at > now), None)
