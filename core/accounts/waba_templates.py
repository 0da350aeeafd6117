"""Templates of a WABA as programs work with them: Meta's own form in, Meta's own refusals out.

Every verb takes who acts and the WABA by the hub's id; unknown and foreign ids are NotFound.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from core.access import Permission, Principal
from core.accounts import template_forms, templates
from core.accounts.at_meta import AtMeta, WabaDoor, waba_of
from core.accounts.cursors import is_storable
from core.accounts.entities import Template
from core.accounts.meta_reading import template_reading
from core.accounts.ports import AccountsMeta
from core.accounts.template_keeping import What, keep
from core.accounts.template_lists import TemplatePage, TemplateQuery, page
from core.accounts.update import Update
from core.clock import Clock
from core.errors import MetaError, NotFound

Json = dict[str, Any]

_MAY = Permission.ACCOUNTS
_GONE_AT_META = 2593002  # subcode: it was deleted elsewhere


class WabaTemplates:
    """The Partner API's verbs; the pages' stand in `accounts.service`."""

    def __init__(self, door: WabaDoor, clock: Clock, meta: AccountsMeta) -> None:
        self._door = door
        self._clock = clock
        self._meta = meta

    def templates(self, who: Principal, waba_id: str, query: TemplateQuery) -> TemplatePage:
        """One page. Raises NotFound, InvalidInput (unknown_filter, unknown_sort)."""
        with self._door.gate.reading(who, _MAY) as session:
            return page(session, waba_of(session, who.tenant.partner_id, waba_id), query)

    def template(self, who: Principal, waba_id: str, template_id: str) -> TemplatePage:
        """The one template, as a page of one. Raises NotFound."""
        with self._door.gate.reading(who, _MAY) as session:
            waba = waba_of(session, who.tenant.partner_id, waba_id)
            row = _known(session, waba.id, template_id)
            return TemplatePage(rows=(row,), namespace=waba.namespace, total=1)

    def create(self, who: Principal, waba_id: str, given: Json) -> TemplatePage:
        """Sent to Meta for review and kept; as a page of one.

        Raises NotFound, InvalidInput, Conflict (no_token), MetaError, Unavailable.
        """
        account, asked_at = self._door.of_waba(who, waba_id), self._clock.now()
        sent = template_forms.new_form(given)
        answer = self._meta.create_template(account.external_id, sent, account.token)
        updates = templates.created(account.external_id, sent, answer, asked_at)
        keep(self._door, who, account, updates, What.CREATED)
        return self._by_meta_id(who, account, str(answer["id"]))

    def edit(self, who: Principal, waba_id: str, template_id: str, given: Json) -> TemplatePage:
        """New components or another category: reviewed again. Raises like `create`."""
        known = self.template(who, waba_id, template_id).rows[0]
        changes = template_forms.changes_form(
            given, name=known.name, language=known.language, category=known.category
        )
        account, asked_at = self._door.of_waba(who, waba_id), self._clock.now()
        self._meta.edit_template(known.external_id, changes, account.token)
        keep(self._door, who, account, _edited(account, known, changes, asked_at), What.EDITED)
        return self.template(who, waba_id, template_id)

    def delete(self, who: Principal, waba_id: str, template_id: str) -> None:
        """This one, in its language only. Raises like `create`."""
        known = self.template(who, waba_id, template_id).rows[0]
        account, asked_at = self._door.of_waba(who, waba_id), self._clock.now()
        try:
            self._meta.delete_template(
                account.external_id, known.name, account.token, known.external_id
            )
        except MetaError as refused:
            if refused.subcode != _GONE_AT_META:
                raise
        gone = [(known.external_id, known.name)]
        updates = templates.deleted(account.external_id, gone, asked_at)
        keep(self._door, who, account, updates, What.DELETED)

    def _by_meta_id(self, who: Principal, account: AtMeta, external_id: str) -> TemplatePage:
        with self._door.gate.reading(who, _MAY) as session:
            waba = waba_of(session, who.tenant.partner_id, account.id)
            found = select(Template).where(
                Template.waba_account_id == waba.id, Template.external_id == external_id
            )
            row = session.exec(found).one()
            return TemplatePage(rows=(row,), namespace=waba.namespace, total=1)


def _known(session: Session, waba_id: str, template_id: str) -> Template:
    found = select(Template).where(
        Template.id == template_id,
        Template.waba_account_id == waba_id,
        col(Template.status) != "DELETED",
    )
    row = session.exec(found).first() if is_storable(template_id) else None
    if row is None:
        raise NotFound("no such template", template_id=template_id)
    return row


def _edited(account: AtMeta, known: Template, changes: Json, at: datetime) -> list[Update]:
    node = {
        "id": known.external_id,
        "name": known.name,
        "language": known.language,
        "status": "PENDING",
        "category": changes.get("category", known.category),
        "components": changes.get("components", known.components),
    }
    return list(template_reading(account.external_id, node, at))
