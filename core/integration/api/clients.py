"""The partner's clients for the partner API: list, one, and what the partner sets about one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.access import Permission, Principal
from core.accounts.cursors import is_storable
from core.accounts.entities import Client
from core.errors import NotFound
from core.events import EventType, record
from core.integration.api.lists import (
    Condition,
    ListOf,
    ListQuery,
    Page,
    at,
    equals,
    is_flag,
    unless_unknown,
)
from core.integration.api.room import Room
from core.integration.shapes.client import ADDRESS, META_INFO, client_shape
from core.integration.shapes.values import Json

_MAY = Permission.ACCOUNTS


def _told(name: str) -> Any:
    # What was never told is written as '', and found by it.
    return func.coalesce(Client.contact[name].as_string(), "")


CLIENT_FILTERS: dict[str, Condition] = {
    "id": equals(col(Client.id)),
    "name": equals(col(Client.name)),
    "status": unless_unknown(col(Client.status)),
    "organisation": equals(col(Client.organisation)),
    "partner_payload": equals(col(Client.partner_payload)),
    "suspicious": is_flag(col(Client.suspicious)),
    "created_at": at(col(Client.created_at)),
    "modified_at": at(col(Client.modified_at)),
    "contact_info.full_name": equals(col(Client.full_name)),
    "contact_info.email": equals(col(Client.email)),
    "contact_info.phone": equals(col(Client.phone)),
    "contact_info.country": equals(col(Client.country)),
    "contact_info.language": equals(col(Client.language)),
    "contact_user.name": equals(col(Client.full_name)),
    "contact_user.email": equals(col(Client.email)),
    "contact_user.phone": equals(col(Client.phone)),
    **{f"contact_info.{name}": equals(_told(name)) for name in ADDRESS},
    **{f"meta_info.{name}": equals(_told(name)) for name in META_INFO},
}
CLIENT_SORTS = {
    "id": col(Client.id),
    "name": col(Client.name),
    "status": col(Client.status),
    "organisation": col(Client.organisation),
    "partner_payload": col(Client.partner_payload),
    "created_at": col(Client.created_at),
    "modified_at": col(Client.modified_at),
    "contact_info.email": col(Client.email),
    "contact_info.country": col(Client.country),
}
CLIENTS = ListOf(
    key=col(Client.id),
    newest=col(Client.created_at),
    filters=CLIENT_FILTERS,
    sorts=CLIENT_SORTS,
)


class Clients:
    """Reads need the right to see accounts, writes the right to change them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, who: Principal, query: ListQuery) -> Page[Json]:
        """Raises InvalidInput for filters and sorts that are not known."""
        with self._room.gate.reading(who, _MAY) as session:
            own = col(Client.partner_id) == who.tenant.partner_id
            found = CLIENTS.rows(session, select(Client), query, own)
            return Page(items=[client_shape(row) for row in found.items], total=found.total)

    def one(self, who: Principal, client_id: str) -> Json:
        """Raises NotFound, the same for an unknown and a foreign id."""
        with self._room.gate.reading(who, _MAY) as session:
            return client_shape(find_client(session, client_id))

    def change(
        self,
        who: Principal,
        client_id: str,
        *,
        partner_payload: str | None = None,
        max_channels: int | None = None,
    ) -> Json:
        """The client with what was set; None leaves a value as it is. Raises NotFound."""
        with self._room.gate.writing(who, _MAY) as session:
            client = find_client(session, client_id)
            wished = {"partner_payload": partner_payload, "max_channels": max_channels}
            changed = {
                name: {"previous": getattr(client, name), "current": value}
                for name, value in wished.items()
                if value is not None and value != getattr(client, name)
            }
            if changed:
                for name, change in changed.items():
                    setattr(client, name, change["current"])
                client.modified_at = self._room.clock.now()
                client.modified_by, client.modified_by_name = who.person_id, who.name
                session.add(client)
                record(
                    session,
                    self._room.clock,
                    EventType.CLIENT_CHANGED,
                    partner_id=client.partner_id,
                    subject=("client", client.id),
                    actor=who.person_id,
                    data={"change": changed},
                )
            return client_shape(client)


def find_client(session: Session, client_id: str) -> Client:
    """The client's row in the session's scope; raises NotFound."""
    client = session.get(Client, client_id) if is_storable(client_id) else None
    if client is None:
        raise NotFound("no such client")
    return client
