"""The webhook of a number: where what Meta tells of its conversations goes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col, select

from core.access import Principal
from core.integration.outbound.endpoint_views import seen, view_of, waiting_for
from core.integration.outbound.endpoints import Endpoints
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.outbound.room import Room, of_number
from core.integration.outbound.views import EndpointView, SavedEndpoint

_MOST_SHOWN = 100


class NumberEndpoints:
    """A part of `WebhooksOut`; whatever else is done to one is done as to any endpoint."""

    def __init__(self, room: Room, endpoints: Endpoints) -> None:
        self._room = room
        self._endpoints = endpoints

    def of_number(self, who: Principal, channel_id: str) -> EndpointView | None:
        """The number's webhook, None while there is none. Raises NotFound."""
        with self._room.reading(who) as session:
            row = of_number(session, channel_id)
            return None if row is None else seen(session, self._room, row)

    def endpoints_of_numbers(self, who: Principal) -> list[EndpointView]:
        """Those that need somebody first (off, failing, paused), a hundred at the most."""
        of_numbers = col(WebhookEndpoint.channel_id) != ""
        there = col(WebhookEndpoint.removed_at).is_(None)
        needy = [
            col(name).is_(None)
            for name in (
                WebhookEndpoint.off_at,
                WebhookEndpoint.failing_since,
                WebhookEndpoint.paused_at,
            )
        ]
        order = (*needy, col(WebhookEndpoint.name), col(WebhookEndpoint.id))
        shown = select(WebhookEndpoint).where(of_numbers, there).order_by(*order)
        with self._room.reading(who) as session:
            rows = session.exec(shown.limit(_MOST_SHOWN)).all()
            waiting = waiting_for(session)
            return [view_of(self._room, row, waiting.get(row.id, 0)) for row in rows]

    def set_of_number(
        self,
        who: Principal,
        channel_id: str,
        url: str | None,
        headers: Mapping[str, str] | None = None,
    ) -> SavedEndpoint | None:
        """The number's webhook is this one; '' or None takes it away.

        Without `headers` those that are set stay. One that was off is on again. Raises NotFound,
        InvalidInput (`bad_target`, `bad_header`, `too_many_headers`), Conflict (`has_webhook`:
        somebody else has set it in the same moment).
        """
        known = self.of_number(who, channel_id)
        if url and known is None:
            return self._endpoints.add(who, url, headers=headers, channel_id=channel_id)
        if url and known is not None:
            return self._endpoints.change_endpoint(who, known.id, url=url, headers=headers)
        if known is not None:
            self._endpoints.delete_endpoint(who, known.id)
        return None
