"""The webhook log as programs list it; what else there is of it stands in `outbound.log`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlmodel import col

from core.access import Permission, Principal
from core.integration.api.lists import ListOf, ListQuery, Page, at, equals, is_flag
from core.integration.api.room import Room
from core.integration.outbound.entities import Delivery

_COLUMNS = (
    "id event_key event endpoint_id channel_id state is_test attempts last_status last_error"
    " created_at closed_at next_try_at"
).split()
DELIVERIES = ListOf(
    key=col(Delivery.id),
    newest=col(Delivery.id),
    filters={
        "event": equals(col(Delivery.event)),
        "event_id": equals(col(Delivery.event_key)),
        "endpoint_id": equals(col(Delivery.endpoint_id)),
        "channel_id": equals(col(Delivery.channel_id)),
        "state": equals(col(Delivery.state)),
        "is_test": is_flag(col(Delivery.is_test)),
        "created_at": at(col(Delivery.created_at)),
    },
    sorts={"created_at": col(Delivery.created_at), "event": col(Delivery.event)},
)


class DeliveryLists:
    """Owners, and programs that may read settings."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, who: Principal, query: ListQuery) -> Page[Row[Any]]:
        """Without the bodies, the newest first. Raises InvalidInput."""
        with self._room.gate.reading(who, Permission.SETTINGS) as session:
            own = col(Delivery.partner_id) == who.tenant.partner_id
            columns = [getattr(Delivery, name) for name in _COLUMNS]
            return DELIVERIES.rows(session, select(*columns), query, own)
