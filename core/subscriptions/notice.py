"""When a subscription ends that is cancelled today; pure. The operator sets the terms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from core.subscriptions.months import Month

CancelAt = Literal["month_end", "day"]


def notice_end(today: date, notice_days: int, at: CancelAt) -> date:
    """The last day, included: after the notice, at the end of that calendar month or at once.

    With thirty days to the end of a month: on 15 May, 30 June.
    """
    over = today + timedelta(days=notice_days)
    return Month.of(over).last if at == "month_end" else over
