"""The partner's channels for the partner API: list, one, and the end of one."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, false
from sqlmodel import Session, col

from core.access import Permission, Principal
from core.accounts import filters
from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.errors import NotFound
from core.integration.api.channel_lists import CHANNELS, FREE_TEXT
from core.integration.api.lists import ListQuery, Page
from core.integration.api.room import Room
from core.integration.shapes.channel import channel_object, channel_objects
from core.integration.shapes.values import Json, without_nulls

_MAY = Permission.ACCOUNTS
# Hits of a free text that are looked at; a longer text finds the rest.
_MOST_HITS = 5_000


class Channels:
    """Reads need the right to see accounts, writes the right to change them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, who: Principal, query: ListQuery) -> Page[Json]:
        """Raises InvalidInput for filters and sorts that are not known."""
        partner_id = who.tenant.partner_id
        with self._room.gate.reading(who, _MAY) as session:
            own = [col(Channel.partner_id) == partner_id]
            kept = dict(query.filters)
            if text := kept.pop(FREE_TEXT, ""):
                own.append(self._contains(session, partner_id, text))
            found = CHANNELS.ids(session, replace(query, filters=kept), *own)
            return Page(
                items=list(channel_objects(session, found.items).values()), total=found.total
            )

    def one(self, who: Principal, channel_id: str) -> Json:
        """Raises NotFound, the same for an unknown and a foreign id."""
        with self._room.gate.reading(who, _MAY) as session:
            if not is_storable(channel_id):
                raise NotFound("no such number")
            return channel_object(session, channel_id)

    def request_cancellation(
        self, who: Principal, client_id: str, channel_id: str, *, enabled: bool
    ) -> Json:
        """The channel without dates that are not set; it ends with the month, or goes on.

        Raises NotFound, also for a channel of another client; Conflict (number_ended).
        """
        self._require_of(who, client_id, channel_id)
        if enabled:
            self._room.cancelling.request_cancellation(who, channel_id)
        else:
            self._room.cancelling.revoke_cancellation(who, channel_id)
        return without_nulls(self.one(who, channel_id))

    def reactivate(self, who: Principal, client_id: str, channel_id: str) -> Json:
        """A cancelled channel goes on. Raises NotFound, Conflict (number_ended)."""
        self._require_of(who, client_id, channel_id)
        self._room.cancelling.revoke_cancellation(who, channel_id)
        return self.one(who, channel_id)

    def _require_of(self, who: Principal, client_id: str, channel_id: str) -> None:
        with self._room.gate.reading(who, _MAY) as session:
            channel = session.get(Channel, channel_id) if is_storable(channel_id) else None
            if channel is None or channel.client_id != client_id:
                raise NotFound("no such number")

    def _contains(self, session: Session, partner_id: str, text: str) -> ColumnElement[bool]:
        if not is_storable(text):
            return false()
        ids = filters.hits(session, partner_id, text, self._room.search, _MOST_HITS)
        return col(Channel.id).in_(ids)
