"""Names of clients and numbers, and one event for each number of a payer, written in bulk."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import text as sql
from sqlmodel import Session, col, select

from core.accounts.cursors import is_storable
from core.accounts.entities import Channel, Client, ClientStatus
from core.billing.ledger import Payer
from core.columns import UtcDateTime
from core.events import EventType, notices_of
from core.partners.entities import BillingModel, Partner
from core.ports import Everything, Notice, Tenant
from storage.outbox import keep_all
from storage.tenancy import TenancyError, scope_of, vetted

# More than this, and open pages are told once that something is new, not what.
_EACH = 200

_TELL = (
    "INSERT INTO event (partner_id, type, subject_type, subject_id, at, actor, data)"
    " SELECT partner_id, :type, 'channel', id, :at, 'hub', {data} FROM channel"
    " WHERE partner_id = :partner AND terminated_at IS NULL"
    " AND (:client = '' OR client_id = :client) AND client_id NOT IN ({but})"
    " ORDER BY id RETURNING id, subject_id"
)
_SQLITE = sql(_TELL.format(data=":data", but="SELECT value FROM json_each(:but)"))
_POSTGRESQL = sql(
    _TELL.format(
        data="CAST(:data AS json)", but="SELECT json_array_elements_text(CAST(:but AS json))"
    )
)


class SqlNumbers:
    """`core.billing.balance.ports.Numbers`."""

    def clients(self, session: Session, partner_id: str, ids: Collection[str]) -> dict[str, str]:
        """Names by id; those that are not the partner's are missing."""
        found = select(Client.id, Client.name).where(
            Client.partner_id == partner_id, col(Client.id).in_(ids)
        )
        return dict(session.exec(found).all())

    def accounts(self, session: Session, partner_id: str, after: str, limit: int) -> dict[str, str]:
        """Names by id of clients that have an account, behind `after`, by id."""
        found = select(Client.id, Client.name).where(
            Client.partner_id == partner_id,
            Client.status != ClientStatus.PENDING.value,
            Client.id > after,
        )
        return dict(session.exec(found.order_by(Client.id).limit(limit)).all())

    def find_clients(
        self, session: Session, partner_id: str, text: str, limit: int
    ) -> dict[str, str]:
        """By name; ignores upper and lower case."""
        found = select(Client.id, Client.name).where(
            Client.partner_id == partner_id, col(Client.name).icontains(text, autoescape=True)
        )
        return dict(
            session.exec(found.order_by(col(Client.name), col(Client.id)).limit(limit)).all()
        )

    def has_left(self, session: Session, partner_id: str, client_id: str) -> bool:
        """Whether the client had numbers, and none of them works any more."""
        ended = select(col(Channel.terminated_at).is_not(None)).where(
            Channel.partner_id == partner_id, Channel.client_id == client_id
        )
        found = session.exec(ended.distinct()).all()
        return [bool(is_over) for is_over in found] == [True]

    def client_of(self, session: Session, partner_id: str, channel_id: str) -> str:
        """Whose number it is; '' for one that is not the partner's."""
        if not is_storable(channel_id):
            return ""
        found = select(Channel.client_id).where(
            Channel.partner_id == partner_id, Channel.id == channel_id
        )
        return session.exec(found).first() or ""

    def channels(self, session: Session, partner_id: str, ids: Collection[str]) -> dict[str, str]:
        """Display name and number by id."""
        found = select(Channel.id, Channel.name, Channel.display_phone_number).where(
            Channel.partner_id == partner_id, col(Channel.id).in_(ids)
        )
        return {id_: f"{name} {number}".strip() for id_, name, number in session.exec(found)}

    def tell(
        self,
        session: Session,
        type_: EventType,
        payer: Payer,
        *,
        at: datetime,
        reason: str,
        but: Collection[str],
    ) -> int:
        """One statement, so that 100,000 numbers do not hold up the transaction of their change."""
        partner = session.get_one(Partner, payer.partner_id)
        if not payer.client_id and partner.billing_model == BillingModel.DIRECT_PAID:
            return 0
        _require_covered(session, payer)
        session.flush()
        on_sqlite = session.get_bind().dialect.name == "sqlite"
        statement = (_SQLITE if on_sqlite else _POSTGRESQL).bindparams(
            bindparam("at", type_=UtcDateTime)
        )
        told = session.execute(
            vetted(statement),
            {
                "type": type_.value,
                "at": at,
                "data": json.dumps({"reason": reason}),
                "partner": payer.partner_id,
                "client": payer.client_id,
                "but": json.dumps(sorted(but)),
            },
        )
        rows = told.all()
        keep_all(session, type_.value, [row.id for row in rows])
        notices_of(session).extend(_notices(type_, payer, [row.subject_id for row in rows]))
        return len(rows)


def _notices(type_: EventType, payer: Payer, ids: list[str]) -> list[Notice]:
    if len(ids) > _EACH:
        return [Notice(payer.partner_id, type_.value, "credit", payer.partner_id)]
    return [Notice(payer.partner_id, type_.value, "channel", id_) for id_ in ids]


def _require_covered(session: Session, payer: Payer) -> None:
    scope = scope_of(session)
    if scope != Tenant(payer.partner_id) and not isinstance(scope, Everything):
        raise TenancyError("refused: events of another partner's numbers")
