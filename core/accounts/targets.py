"""Finds the rows that an update names in Meta's terms; remembers them for one batch.

Channels come with their WABA and client in one statement, since whoever changes a channel derives
its listed columns from all three. The statements are made once: making one costs as much as asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from core.accounts.entities import Channel, Client, Template, WabaAccount
from core.accounts.update import TargetKind, Update, as_text, digits

Row = WabaAccount | Channel | Template

_WABA = select(WabaAccount).where(WabaAccount.external_id == bindparam("waba"))
_OWNED = select(WabaAccount).where(WabaAccount.owner_business_id == bindparam("business"))
SelectOfFamily = Select[Channel, WabaAccount, Client]
# Sorted by hand: an ORDER BY invites a planner to walk all channels by their ids.
_FAMILY = (
    select(Channel, WabaAccount, Client)
    .join(WabaAccount, col(WabaAccount.id) == Channel.waba_account_id)
    .join(Client, col(Client.id) == Channel.client_id)
)
_OF_WABA = _FAMILY.where(WabaAccount.external_id == bindparam("waba"))
_OF_BUSINESS = _FAMILY.where(WabaAccount.owner_business_id == bindparam("business"))
_OF_NUMBER = _OF_WABA.where(Channel.phone_number == bindparam("number"))
_OF_NUMBER_ID = _FAMILY.where(Channel.external_id == bindparam("number_id"))
_OF_WABAS = _FAMILY.where(col(Channel.waba_account_id).in_(bindparam("wabas", expanding=True)))
# Databases take a limited number of parameters per statement.
_AT_ONCE = 500


class Targets:
    """One per batch and transaction; what it found once it does not look for again.

    Holds every row it met, so that the session knows them without asking.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._found: dict[tuple[str, ...], list[Row]] = {}
        self._held: list[Row | Client] = []

    def of(self, update: Update) -> list[Row]:
        """The rows, in an order that does not change; empty for what the hub does not know."""
        target = update.target
        key = (target.kind, target.id, target.waba)
        if key not in self._found:
            self._found[key] = self._find(update)
        return self._found[key]

    def channels_of(self, wabas: Sequence[str]) -> list[Channel]:
        """The channels of WABAs by our ids, with their clients."""
        found: list[Channel] = []
        for start in range(0, len(wabas), _AT_ONCE):
            found += self._family(_OF_WABAS, wabas=wabas[start : start + _AT_ONCE])
        return found

    def _find(self, update: Update) -> list[Row]:
        target = update.target
        match target.kind:
            case TargetKind.WABA:
                return [*self._wabas(target.id)]
            case TargetKind.BUSINESS:
                owned = self._session.exec(_OWNED, params={"business": target.id})
                return [*sorted(owned, key=lambda waba: waba.id)]
            case TargetKind.PORTFOLIO_OF:
                return [*self._portfolio_channels(target.id)]
            case TargetKind.NUMBER:
                # By digits, since these webhooks carry no number id; within the WABA they came for.
                return [*self._family(_OF_NUMBER, number=digits(target.id), waba=target.waba)]
            case TargetKind.NUMBER_ID:
                return [*self._family(_OF_NUMBER_ID, number_id=target.id)]
            case TargetKind.TEMPLATE:
                return [*self._template(update)]

    def _wabas(self, external_id: str) -> list[WabaAccount]:
        return list(self._session.exec(_WABA, params={"waba": external_id}))

    def _portfolio_channels(self, waba_external_id: str) -> list[Channel]:
        wabas = self._wabas(waba_external_id)
        if wabas and wabas[0].owner_business_id:
            return self._family(_OF_BUSINESS, business=wabas[0].owner_business_id)
        return self._family(_OF_WABA, waba=waba_external_id)

    def _family(self, statement: SelectOfFamily, **values: str | Sequence[str]) -> list[Channel]:
        found = self._session.exec(statement, params=values).all()
        for channel, waba, client in found:
            self._held += channel, waba, client
        return sorted((channel for channel, _, _ in found), key=lambda channel: channel.id)

    def _template(self, update: Update) -> list[Template]:
        """Made on first sight: Meta tells of templates that were created elsewhere."""
        wabas = self._wabas(update.target.waba)
        if not wabas or not update.target.id:
            return []
        found = self._session.exec(
            select(Template).where(
                Template.waba_account_id == wabas[0].id, Template.external_id == update.target.id
            )
        ).one_or_none()
        return [found or self._new_template(wabas[0], update)]

    def _new_template(self, waba: WabaAccount, update: Update) -> Template:
        template = Template(
            partner_id=waba.partner_id,
            waba_account_id=waba.id,
            external_id=update.target.id,
            name=as_text(update.detail.get("message_template_name")),
            language=as_text(update.detail.get("message_template_language")),
            created_at=self._now,
            modified_at=self._now,
        )
        self._session.add(template)
        return template
