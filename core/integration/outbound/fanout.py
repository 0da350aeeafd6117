"""Makes deliveries of events that were just written: one for each endpoint that wants them.

A partner's events are taken in their order by one worker at a time (its rows are locked), so that
deliveries are made in that order too. The bytes are made here and never again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, insert, select
from sqlmodel import Session, col

from core.clock import Clock
from core.columns import new_key
from core.errors import HubError
from core.events import STAFF_ONLY, Event
from core.integration.outbound.bodies import Bodies
from core.integration.outbound.entities import Delivery, WebhookEndpoint, WebhookOutbox
from core.integration.outbound.happened import Happened, Told
from core.integration.outbound.states import DeliveryState
from core.ports import ChangeFeed, Database, Everything, Notice, Tenant

_ALL = Everything("webhooks: events of every partner that are to be fanned out")
_BATCH = 200
_PARTNERS = 100
QUEUED = "webhook_queued"

_WAITING = (
    select(col(WebhookOutbox.partner_id))
    .distinct()
    .where(col(WebhookOutbox.partner_id).not_in(bindparam("but", expanding=True)))
    .limit(_PARTNERS)
)
_TAKEN = (
    select(col(WebhookOutbox.event_id))
    .order_by(col(WebhookOutbox.event_id))
    .limit(_BATCH)
    .with_for_update()
)
_COLUMNS = "id partner_id type subject_type subject_id at data".split()
_EVENTS = select(*(getattr(Event, name) for name in _COLUMNS)).order_by(col(Event.id))
_ENDPOINTS = (
    select(
        col(WebhookEndpoint.id),
        col(WebhookEndpoint.events),
        col(WebhookEndpoint.off_at),
        col(WebhookEndpoint.created_at),
    )
    .where(col(WebhookEndpoint.removed_at).is_(None), col(WebhookEndpoint.channel_id) == "")
    .order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
)


class FanOut:
    """Called by worker threads; several may work at once."""

    def __init__(self, database: Database, clock: Clock, feed: ChangeFeed) -> None:
        self._database = database
        self._clock = clock
        self._feed = feed

    def work_off(self) -> int:
        """Everything that was written has its deliveries; how many were made.

        Raises ExceptionGroup of faults of ours, after all partners that have none.
        """
        made, failed = 0, dict[str, Exception]()
        while partners := self._partners(but=list(failed)):
            for partner_id in partners:
                try:
                    made += self._all_of(partner_id)
                except HubError:
                    raise
                except Exception as error:
                    # One event that cannot be told must not hold up the other partners'.
                    error.add_note(f"partner {partner_id}")
                    failed[partner_id] = error
        if failed:
            raise ExceptionGroup("webhooks not made", list(failed.values()))
        return made

    def _partners(self, *, but: list[str]) -> list[str]:
        """Asked several times a second, so without a write lock."""
        with self._database.reading(_ALL) as session:
            return list(session.execute(_WAITING, {"but": but}).scalars())

    def _all_of(self, partner_id: str) -> int:
        made, is_full = 0, True
        while is_full:
            with self._database.transaction(Tenant(partner_id)) as session:
                ids = list(session.execute(_TAKEN).scalars())
                rows = self._deliveries(session, ids) if ids else []
                if rows:
                    session.execute(insert(Delivery), rows)
                if ids:
                    gone = delete(WebhookOutbox).where(col(WebhookOutbox.event_id).in_(ids))
                    session.execute(gone)
            made, is_full = made + len(rows), len(ids) == _BATCH
            self._tell(partner_id, rows)
        return made

    def _deliveries(self, session: Session, ids: Sequence[int]) -> list[dict[str, Any]]:
        endpoints = session.execute(_ENDPOINTS).all()
        if not endpoints:
            return []
        # Whoever came later is not told what was before.
        since = min(endpoint.created_at for endpoint in endpoints)
        some = _EVENTS.where(col(Event.id).in_(ids), col(Event.at) >= since)
        batch = [
            Happened(**row._mapping) for row in session.execute(some) if row.type not in STAFF_ONLY
        ]
        bodies, now = Bodies(session, batch), self._clock.now()
        return [
            row
            for happened in batch
            for told in bodies.of(happened)
            for row in _for_each(endpoints, happened, told, now)
        ]

    def _tell(self, partner_id: str, rows: Iterable[dict[str, Any]]) -> None:
        endpoints = sorted({row["endpoint_id"] for row in rows})
        if endpoints:
            self._feed.publish([Notice(partner_id, QUEUED, "webhook_endpoint", endpoints[0])])


def _for_each(
    endpoints: Iterable[Any], happened: Happened, told: Told, now: datetime
) -> Iterator[dict[str, Any]]:
    """The same id and bytes for each endpoint that wants the event and was there when it came."""
    key, body = new_key(), b""
    for endpoint in endpoints:
        if endpoint.events and told.event not in endpoint.events:
            continue
        if happened.at < endpoint.created_at:
            continue
        body = body or body_of(key, told.event, told.data)
        yield delivery_row(happened.partner_id, endpoint.id, told, key, body, now) | {
            "event_id": happened.id,
            **skipped_at(endpoint.off_at, now),
        }


def skipped_at(off_at: datetime | None, now: datetime) -> dict[str, Any]:
    """An endpoint that is off may be on again, and then wants to see what it missed."""
    return {"state": DeliveryState.SKIPPED.value, "closed_at": now} if off_at else {}


def body_of(key: str, event: str, data: Any) -> bytes:
    """The bytes that are signed and sent."""
    return orjson.dumps({"id": key, "event": event, "data": data})


def delivery_row(  # noqa: PLR0917  what a delivery is made of
    partner_id: str, endpoint_id: str, told: Told, key: str, body: bytes, now: datetime
) -> dict[str, Any]:
    """Values of a delivery that waits."""
    return {
        "partner_id": partner_id,
        "endpoint_id": endpoint_id,
        "event_key": key,
        "event_id": None,
        "event": told.event,
        "channel_id": told.channel_id,
        "lane": told.lane,
        "body": body,
        "state": DeliveryState.WAITING.value,
        "is_test": False,
        "tries": 0,
        "attempts": 0,
        "next_try_at": now,
        "last_status": 0,
        "last_error": "",
        "created_at": now,
        "closed_at": None,
    }
