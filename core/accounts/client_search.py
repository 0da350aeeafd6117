"""Finds clients by a part of their name, company or address, or by their id, at a bounded cost.

A client has no text index of its own: its name stands in those of its numbers, and who has no
number yet is among the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from core.accounts.cursors import is_storable
from core.accounts.entities import Channel, Client
from core.accounts.filters import MIN_SEARCH, hits
from core.accounts.listing import sort_key
from core.accounts.ports import ChannelSearch

# Numbers whose clients are looked at, and clients that are looked at by themselves.
_HITS = 200
_NEWEST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHit:
    """A client that was looked for."""

    id: str
    name: str
    organisation: str


def clients_with(
    session: Session, partner_id: str, text: str, search: ChannelSearch, limit: int
) -> list[ClientHit]:
    """At most `limit`, those that begin with the text first; none for less than three letters."""
    form = sort_key(text) if is_storable(text) else ""
    if len(form) < MIN_SEARCH:
        return []
    own = select(
        col(Client.id), col(Client.name), col(Client.organisation), col(Client.email)
    ).where(col(Client.partner_id) == partner_id)
    order = (col(Client.created_at).desc(), col(Client.id).desc())
    known = own.where(
        or_(
            col(Client.id) == text.strip(),
            col(Client.id).in_(_of_numbers(session, partner_id, text, search)),
        )
    )
    rows = [*session.execute(known), *session.execute(own.order_by(*order).limit(_NEWEST))]
    found = {row.id: row for row in rows if form in _text(row)}
    ordered = sorted(found.values(), key=lambda row: _rank(row, form))
    return [
        ClientHit(id=row.id, name=row.name, organisation=row.organisation)
        for row in ordered[:limit]
    ]


def _of_numbers(session: Session, partner_id: str, text: str, search: ChannelSearch) -> list[str]:
    ids = hits(session, partner_id, text, search, _HITS)
    clients = select(col(Channel.client_id)).distinct()
    own = clients.where(col(Channel.partner_id) == partner_id, col(Channel.id).in_(ids))
    return list(session.scalars(own)) if ids else []


def _text(row: Any) -> str:
    # Compared here: SQLite lowers ASCII only.
    return "\n".join(map(sort_key, (row.name, row.organisation, row.email, row.id)))


def _rank(row: Any, form: str) -> tuple[bool, str, str]:
    name = sort_key(row.name)
    return not name.startswith(form), name, row.id
