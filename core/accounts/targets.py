"""Finds the rows that an update names in Meta's terms; remembers them for one batch."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, Template, WabaAccount
from core.accounts.update import TargetKind, Update, as_text, digits

Row = WabaAccount | Channel | Template


class Targets:
    """One per batch and transaction; what it found once it does not look for again."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._found: dict[tuple[str, ...], list[Row]] = {}

    def of(self, update: Update) -> list[Row]:
        """The rows, in an order that does not change; empty for what the hub does not know."""
        target = update.target
        key = (target.kind, target.id, target.waba)
        if key not in self._found:
            self._found[key] = self._find(update)
        return self._found[key]

    def _find(self, update: Update) -> list[Row]:
        target = update.target
        match target.kind:
            case TargetKind.WABA:
                return [*self._wabas(target.id)]
            case TargetKind.BUSINESS:
                return [*self._owned_by(target.id)]
            case TargetKind.PORTFOLIO_OF:
                return [*self._portfolio_channels(target.id)]
            case TargetKind.NUMBER:
                return [*self._numbers(target.id, target.waba)]
            case TargetKind.NUMBER_ID:
                return [*self._number_by_id(target.id)]
            case TargetKind.TEMPLATE:
                return [*self._template(update)]

    def _wabas(self, external_id: str) -> list[WabaAccount]:
        found = select(WabaAccount).where(WabaAccount.external_id == external_id)
        return list(self._session.exec(found))

    def _owned_by(self, business_id: str) -> list[WabaAccount]:
        found = select(WabaAccount).where(WabaAccount.owner_business_id == business_id)
        return list(self._session.exec(found.order_by(WabaAccount.id)))

    def _portfolio_channels(self, waba_external_id: str) -> list[Channel]:
        wabas = self._wabas(waba_external_id)
        if wabas and wabas[0].owner_business_id:
            wabas = self._owned_by(wabas[0].owner_business_id)
        found = select(Channel).where(col(Channel.waba_account_id).in_([w.id for w in wabas]))
        return list(self._session.exec(found.order_by(Channel.id)))

    def _numbers(self, number: str, waba_external_id: str) -> list[Channel]:
        """By digits, since these webhooks carry no number id; within the WABA they came for."""
        wabas = [waba.id for waba in self._wabas(waba_external_id)]
        found = select(Channel).where(
            Channel.phone_number == digits(number), col(Channel.waba_account_id).in_(wabas)
        )
        return list(self._session.exec(found.order_by(Channel.id)))

    def _number_by_id(self, external_id: str) -> list[Channel]:
        return list(self._session.exec(select(Channel).where(Channel.external_id == external_id)))

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
