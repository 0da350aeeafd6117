"""Keeps each event that partners are to hear of for the fan-out, in the event's own transaction.

Whoever writes events row by row need not know of it; who writes them in bulk calls `keep_all`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import event, insert
from sqlalchemy import text as sql
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session

from core.events import Event
from core.integration.outbound.catalogue import SENT_TYPES
from core.integration.outbound.entities import WebhookOutbox
from storage.tenancy import HubSession, bare_connection

_KEEP = insert(WebhookOutbox.__table__)  # type: ignore[attr-defined]
_KEEP_ALL = (
    "INSERT INTO webhook_outbox (event_id, partner_id)"
    " SELECT id, partner_id FROM event WHERE id IN ({among})"
)
_SQLITE = sql(_KEEP_ALL.format(among="SELECT value FROM json_each(:ids)"))
_POSTGRESQL = sql(
    _KEEP_ALL.format(among="SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS bigint)")
)


@event.listens_for(HubSession, "after_flush")
def _keep(session: Session, _context: UOWTransaction) -> None:
    rows = [
        {"event_id": row.id, "partner_id": row.partner_id}
        for row in session.new
        if isinstance(row, Event) and row.type in SENT_TYPES
    ]
    if rows:
        bare_connection(session).execute(_KEEP, rows)


def keep_all(session: Session, type_: str, ids: Sequence[int]) -> None:
    """The same for events of one type that were written by a statement."""
    if type_ in SENT_TYPES and ids:
        connection = bare_connection(session)
        keep = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
        connection.execute(keep, {"ids": json.dumps(list(ids))})
