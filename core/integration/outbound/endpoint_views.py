"""Endpoints as their owners see them, and what waits for each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from core.integration.outbound.entities import Delivery, WebhookEndpoint
from core.integration.outbound.headers import ignored
from core.integration.outbound.room import Room
from core.integration.outbound.states import OPEN, DeliveryState, EndpointState
from core.integration.outbound.views import EndpointView


def seen(session: Session, room: Room, row: WebhookEndpoint) -> EndpointView:
    """One endpoint, after what the session has changed."""
    session.flush()
    return view_of(room, row, waiting_for(session, row.id).get(row.id, 0))


def view_of(room: Room, row: WebhookEndpoint, waiting: int) -> EndpointView:
    host = urlsplit(row.url).netloc.rpartition(":")[0] or urlsplit(row.url).netloc
    return EndpointView(
        id=row.id,
        is_main=row.is_main,
        channel_id=row.channel_id,
        name=row.name,
        url=row.url,
        header_names=tuple(row.header_names),
        ignored_headers=ignored(row.header_names),
        events=tuple(row.events),
        state=state_of(row),
        off_reason=row.off_reason,
        off_at=row.off_at,
        paused_at=row.paused_at,
        is_local=host.lower() in room.settings.local_names,
        failing_since=row.failing_since,
        last_success_at=row.last_success_at,
        last_failure_at=row.last_failure_at,
        slow_until=row.slow_until,
        waiting=waiting,
        created_at=row.created_at,
    )


def state_of(row: WebhookEndpoint) -> EndpointState:
    """Off outweighs paused."""
    if row.off_at is not None:
        return EndpointState.OFF
    return EndpointState.LIVE if row.paused_at is None else EndpointState.PAUSED


def waiting_for(session: Session, endpoint_id: str = "") -> dict[str, int]:
    """How many deliveries wait, by endpoint; those without any are missing."""
    counted: Any = select(col(Delivery.endpoint_id), func.count()).where(
        col(Delivery.state).in_([state.value for state in OPEN])
    )
    if endpoint_id:
        counted = counted.where(col(Delivery.endpoint_id) == endpoint_id)
    return dict(session.exec(counted.group_by(col(Delivery.endpoint_id))).all())


def skip_waiting(session: Session, endpoint_id: str, now: datetime) -> None:
    """Nothing waits for the endpoint any more."""
    skipped = {"state": DeliveryState.SKIPPED.value, "closed_at": now}
    session.execute(
        update(Delivery)
        .where(col(Delivery.endpoint_id) == endpoint_id, col(Delivery.state).in_(OPEN))
        .values(**skipped)
        .execution_options(synchronize_session=False)
    )
