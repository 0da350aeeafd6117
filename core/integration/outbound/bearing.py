"""How an endpoint stands after some attempts; pure, all of them folded into one change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.integration.outbound.schedule import has_failed_too_long, slow_for
from core.integration.outbound.states import DeliveryState, OffReason
from core.integration.outbound.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """The columns of an endpoint that attempts change; `off_reason` '' while it is on."""

    failing_since: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    slow_until: datetime | None
    slowness: int
    off_reason: str = ""

    def columns(self) -> dict[str, Any]:
        """As the endpoint's row keeps them; being switched off is written elsewhere."""
        return {
            "failing_since": self.failing_since,
            "last_success_at": self.last_success_at,
            "last_failure_at": self.last_failure_at,
            "slow_until": self.slow_until,
            "slowness": self.slowness,
        }


def after(bearing: Bearing, attempts: Iterable[tuple[datetime, Verdict]]) -> Bearing:
    """`attempts` in the order in which they ended; `at` is when."""
    for at, verdict in attempts:
        bearing = _after_one(bearing, at, verdict)
    return bearing


def _after_one(bearing: Bearing, at: datetime, verdict: Verdict) -> Bearing:
    if verdict.state is DeliveryState.DELIVERED:
        return replace(bearing, last_success_at=at, failing_since=None, slow_until=None, slowness=0)
    since = bearing.failing_since or at
    failed = replace(bearing, failing_since=since, last_failure_at=at)
    if verdict.is_gone:
        return replace(failed, off_reason=OffReason.GONE.value)
    if has_failed_too_long(since, at):
        return replace(failed, off_reason=OffReason.FAILING.value)
    if verdict.slows or verdict.wait:
        slowness = bearing.slowness + 1
        until = at + max(slow_for(slowness), verdict.wait)
        return replace(failed, slowness=slowness, slow_until=until)
    return failed
