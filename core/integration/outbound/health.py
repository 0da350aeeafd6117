"""An endpoint in figures: how much is taken, how fast, and bars for its chart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.access import Principal
from core.integration.outbound.endpoint_views import waiting_for
from core.integration.outbound.entities import Delivery, DeliveryAttempt, WebhookHour
from core.integration.outbound.room import Room, found
from core.integration.outbound.views import Bar, Health

_HOURS, _DAYS = 24, 30
# Percentiles are those of the newest attempts: the same figures, at a known cost.
_SAMPLE = 500


class HealthFigures:
    """A part of `WebhooksOut`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def health(self, who: Principal, endpoint_id: str) -> Health:
        """Raises NotFound."""
        now = self._room.clock.now()
        with self._room.reading(who) as session:
            row = found(session, endpoint_id)
            sums = _sums(session, endpoint_id, now - timedelta(days=_DAYS))
            millis = _millis(session, endpoint_id, now - timedelta(hours=_HOURS))
            waiting = waiting_for(session, endpoint_id).get(endpoint_id, 0)
        hours = bars(sums, hour_of(now), timedelta(hours=1), _HOURS)
        delivered, failed = sum(b.delivered for b in hours), sum(b.failed for b in hours)
        return Health(
            endpoint_id=endpoint_id,
            delivered=delivered,
            failed=failed,
            success_percent=percent(delivered, failed),
            p50_millis=percentile(millis, 50),
            p95_millis=percentile(millis, 95),
            last_success_at=row.last_success_at,
            failing_since=row.failing_since,
            waiting=waiting,
            hours=hours,
            days=bars(sums, hour_of(now).replace(hour=0), timedelta(days=1), _DAYS),
        )


def hour_of(at: datetime) -> datetime:
    """The hour that the moment is in, UTC."""
    return at.replace(minute=0, second=0, microsecond=0)


def bars(
    sums: Iterable[tuple[datetime, int, int]], last: datetime, step: timedelta, count: int
) -> tuple[Bar, ...]:
    """`count` bars, the oldest first; the last one begins at `last`."""
    first = last - (count - 1) * step
    totals = [[0, 0] for _ in range(count)]
    for hour, delivered, failed in sums:
        if first <= hour < last + step:
            total = totals[(hour - first) // step]
            total[0] += delivered
            total[1] += failed
    return tuple(
        Bar(at=first + step * index, delivered=delivered, failed=failed)
        for index, (delivered, failed) in enumerate(totals)
    )


def percent(delivered: int, failed: int) -> int | None:
    """Whole percent, rounded down: 100 only when nothing failed. None for nothing at all."""
    return delivered * 100 // (delivered + failed) if delivered + failed else None


def percentile(values: list[int], percent: int) -> int | None:
    """The nearest-rank percentile of sorted values."""
    return values[max(0, -(-len(values) * percent // 100) - 1)] if values else None


def _sums(session: Session, endpoint_id: str, since: datetime) -> list[tuple[Any, int, int]]:
    rows = select(WebhookHour.hour, WebhookHour.delivered, WebhookHour.failed).where(
        WebhookHour.endpoint_id == endpoint_id, col(WebhookHour.hour) >= since
    )
    return list(session.exec(rows).all())


def _millis(session: Session, endpoint_id: str, since: datetime) -> list[int]:
    newest = (
        select(DeliveryAttempt.millis)
        .join(Delivery, col(Delivery.id) == col(DeliveryAttempt.delivery_id))
        .where(DeliveryAttempt.endpoint_id == endpoint_id, col(DeliveryAttempt.at) >= since)
        .where(col(Delivery.is_test).is_(False))  # as in the sums: sent by hand
        .order_by(col(DeliveryAttempt.at).desc())
        .limit(_SAMPLE)
    )
    return sorted(session.exec(newest))
