"""The webhook of a number: where what Meta tells of its conversations goes."""

from __future__ import annotations

from collections.abc import Mapping

from core.access import Principal
from core.integration.outbound.endpoint_views import seen
from core.integration.outbound.endpoints import Endpoints
from core.integration.outbound.room import Room, of_number
from core.integration.outbound.views import EndpointView, SavedEndpoint


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
