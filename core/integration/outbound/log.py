"""The delivery log: pages of it, one delivery with its attempts, and sending again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.access import Principal
from core.errors import NotFound
from core.events import EventType
from core.integration.outbound.entities import Delivery, DeliveryAttempt, WebhookEndpoint
from core.integration.outbound.fanout import QUEUED
from core.integration.outbound.room import Room, found, require_on
from core.integration.outbound.states import CLOSED, OPEN, DeliveryState
from core.integration.outbound.views import (
    MOST_PER_PAGE,
    PAGE_SIZE,
    AttemptView,
    DeliveryDetails,
    DeliveryFilters,
    DeliveryPage,
    DeliveryRow,
)
from core.ports import Notice

# In one go; whoever wants more asks again.
MOST_REPLAYED = 10_000
_COLUMNS = (
    "id event_key event endpoint_id channel_id state is_test attempts last_status last_error"
    " created_at closed_at next_try_at"
).split()
_ROWS = [getattr(Delivery, name) for name in _COLUMNS]


class Log:
    """A part of `WebhooksOut`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def deliveries(
        self,
        who: Principal,
        filters: DeliveryFilters | None = None,
        *,
        after: int | None = None,
        most: int = PAGE_SIZE,
    ) -> DeliveryPage:
        """Newest first; `after` is the cursor that a page gave."""
        size = max(1, min(most, MOST_PER_PAGE))
        page = _filtered(select(*_ROWS), filters or DeliveryFilters())
        if after is not None:
            page = page.where(col(Delivery.id) < after)
        with self._room.reading(who) as session:
            found = session.exec(page.order_by(col(Delivery.id).desc()).limit(size + 1)).all()
        rows = tuple(_row(row) for row in found[:size])
        return DeliveryPage(rows=rows, next_after=rows[-1].id if len(found) > size else None)

    def delivery(self, who: Principal, delivery_id: int) -> DeliveryDetails:
        """With its bytes and attempts. Raises NotFound."""
        with self._room.reading(who) as session:
            return details(session, delivery_id)

    def replay(self, who: Principal, delivery_id: int) -> DeliveryRow:
        """The same bytes under the same id go out once more, from the first try on.

        One that waits already goes out now. Raises NotFound, Conflict (`endpoint_off`).
        """
        with self._room.writing(who) as session:
            row = session.get(Delivery, delivery_id, with_for_update=True)
            if row is None:
                raise NotFound("no such delivery", delivery_id=delivery_id)
            endpoint = found(session, row.endpoint_id)
            require_on(endpoint)
            for name, value in self._anew().items():
                setattr(row, name, value)
            session.add(row)
            self._room.tell(
                session,
                EventType.WEBHOOKS_REPLAYED,
                endpoint,
                who.person_id,
                count=1,
                event=row.event,
            )
            session.flush()
            again = _row(row)
        self._wake(who, endpoint.id)
        return again

    def replay_range(self, who: Principal, filters: DeliveryFilters) -> int:
        """All closed deliveries of the filters go out once more; how many, 10,000 at the most.

        Those of endpoints that are off or removed, and tests, are left out.
        """
        sendable = select(WebhookEndpoint.id).where(
            col(WebhookEndpoint.off_at).is_(None), col(WebhookEndpoint.removed_at).is_(None)
        )
        wanted = (
            _filtered(select(Delivery.id), filters)
            .where(
                col(Delivery.state).in_([state.value for state in CLOSED]),
                col(Delivery.is_test).is_(False),
                col(Delivery.endpoint_id).in_(sendable),
            )
            .order_by(col(Delivery.id))
            .limit(MOST_REPLAYED)
        )
        with self._room.writing(who) as session:
            ids = list(session.exec(wanted))
            for start in range(0, len(ids), 500):
                some = col(Delivery.id).in_(ids[start : start + 500])
                again = update(Delivery).where(some).values(**self._anew())
                session.execute(again.execution_options(synchronize_session=False))
            if ids:
                row = session.get_one(Delivery, ids[0])
                endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
                self._room.tell(
                    session,
                    EventType.WEBHOOKS_REPLAYED,
                    endpoint,
                    who.person_id,
                    count=len(ids),
                    event=filters.event,
                )
        if ids:
            self._wake(who, filters.endpoint_id)
        return len(ids)

    def _anew(self) -> dict[str, Any]:
        return {
            "state": DeliveryState.WAITING.value,
            "tries": 0,
            "next_try_at": self._room.clock.now(),
            "closed_at": None,
        }

    def _wake(self, who: Principal, endpoint_id: str) -> None:
        partner_id = who.tenant.partner_id
        self._room.feed.publish([Notice(partner_id, QUEUED, "webhook_endpoint", endpoint_id)])


def details(session: Session, delivery_id: int) -> DeliveryDetails:
    """Raises NotFound for a delivery outside the session's scope."""
    row = session.get(Delivery, delivery_id)
    if row is None:
        raise NotFound("no such delivery", delivery_id=delivery_id)
    attempts = session.exec(
        select(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id == delivery_id)
        .order_by(col(DeliveryAttempt.number))
    )
    return DeliveryDetails(
        row=_row(row),
        url=session.get_one(WebhookEndpoint, row.endpoint_id).url,
        body=row.body.decode(errors="replace"),
        attempts=tuple(attempt_view(attempt) for attempt in attempts),
    )


def attempt_view(row: DeliveryAttempt) -> AttemptView:
    return AttemptView(
        number=row.number,
        at=row.at,
        millis=row.millis,
        url=row.url,
        request_headers=dict(row.request_headers),
        status=row.status,
        error=row.error,
        answer_headers=dict(row.answer_headers),
        answer_body=row.answer_body,
    )


def _row(row: Any) -> DeliveryRow:
    values = {name: getattr(row, name) for name in _COLUMNS}
    is_open = row.state in OPEN
    return DeliveryRow(
        **values
        | {
            "state": DeliveryState(row.state),
            "next_try_at": row.next_try_at if is_open else None,
        }
    )


def _filtered(statement: Any, filters: DeliveryFilters) -> Any:
    for name in ("endpoint_id", "event", "state", "channel_id", "event_key"):
        if value := getattr(filters, name):
            statement = statement.where(getattr(Delivery, name) == value)
    if filters.since is not None:
        statement = statement.where(col(Delivery.created_at) >= filters.since)
    if filters.until is not None:
        statement = statement.where(col(Delivery.created_at) < filters.until)
    return statement
