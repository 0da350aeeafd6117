"""A client as the contract writes it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from core.accounts.entities import Client
from core.errors import NotFound
from core.integration.shapes.values import Json, by, moment, told

META_INFO = ("business_vertical", "timezone", "about", "business_description", "use_case")
ADDRESS = ("city", "street_name", "zip_code", "webpage_url")


def client_object(session: Session, client: Client | str) -> Json:
    """The client, by its row or id; raises NotFound for one outside the session's scope."""
    row = session.get(Client, client) if isinstance(client, str) else client
    if row is None:
        raise NotFound("no such client")
    return client_shape(row)


def client_shape(client: Any) -> Json:
    """The object of a row (entity or columns named like it)."""
    contact: Json = client.contact or {}
    creator = by(client.id, client.name)
    return told(
        {
            "id": client.id,
            "name": client.name,
            "status": client.status,
            "max_channels": client.max_channels,
            "organisation": client.organisation,
            "meta_info": {name: _text(contact, name) for name in META_INFO},
            "contact_info": contact_info(client),
            "contact_user": {
                "name": client.full_name,
                "email": client.email,
                "phone": client.phone,
            },
            "partner_payload": client.partner_payload,
            "suspicious": client.suspicious,
            "created_at": moment(client.created_at),
            "created_by": creator,
            "modified_at": moment(client.modified_at),
            "modified_by": _changer(client, creator),
        }
    )


def contact_info(client: Any) -> Json:
    """How the client is reached."""
    contact: Json = client.contact or {}
    return {
        "full_name": client.full_name,
        "email": client.email,
        "phone": client.phone,
        "country": client.country,
        "language": client.language,
    } | {name: _text(contact, name) for name in ADDRESS}


def _changer(client: Any, creator: Json) -> Json:
    return by(client.modified_by, client.modified_by_name) if client.modified_by else creator


def _text(contact: Json, name: str) -> str:
    value = contact.get(name)
    return value if isinstance(value, str) else ""
