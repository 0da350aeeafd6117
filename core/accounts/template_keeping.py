"""Writes down what Meta answered about templates, with an event for each that changed its status.

Meta's answer is applied like every other reading, so a webhook that overtakes it wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.access import Permission, Principal
from core.accounts.apply_updates import apply_updates
from core.accounts.at_meta import AtMeta, WabaDoor
from core.accounts.entities import Template
from core.accounts.update import Update
from core.events import EventType, record


class What(StrEnum):
    """What was done at Meta."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"
    READ = "read"


def keep(
    door: WabaDoor, who: Principal, account: AtMeta, updates: Sequence[Update], what: What
) -> None:
    """One transaction; safe when Meta's webhook makes the same template meanwhile."""
    try:
        _keep_once(door, who, account, updates, what)
    except IntegrityError:
        # Meta's webhook made the same template a moment ago; now it is found.
        _keep_once(door, who, account, updates, what)


def _keep_once(
    door: WabaDoor, who: Principal, account: AtMeta, updates: Sequence[Update], what: What
) -> None:
    with door.gate.writing(who, Permission.ACCOUNTS) as session:
        before = _statuses(session, account.id)
        apply_updates(session, door.clock, updates)
        session.flush()
        if what in (What.CREATED, What.EDITED):
            _sign(session, who, account, updates, what)
        for id_, (name, status) in _statuses(session, account.id).items():
            _, previous = before.get(id_, (name, ""))
            if previous != status:
                record(
                    session,
                    door.clock,
                    EventType.TEMPLATE_STATUS_CHANGED,
                    partner_id=who.tenant.partner_id,
                    subject=("template", id_),
                    actor="meta" if what is What.READ else who.person_id,
                    data={
                        "what": what.value,
                        "name": name,
                        "change": {"status": {"previous": previous, "current": status}},
                    },
                )


def _sign(
    session: Session, who: Principal, account: AtMeta, updates: Sequence[Update], what: What
) -> None:
    """Whose hand it was, on the templates that the updates name."""
    for external_id in {update.target.id for update in updates}:
        found = select(Template).where(
            Template.waba_account_id == account.id, Template.external_id == external_id
        )
        template = session.exec(found).one()
        if what is What.CREATED:
            template.created_by, template.created_by_name = who.person_id, who.name
        template.modified_by, template.modified_by_name = who.person_id, who.name
        session.add(template)


def _statuses(session: Session, waba_id: str) -> dict[str, tuple[str, str]]:
    query = select(Template.id, Template.name, Template.status)
    rows = session.exec(query.where(Template.waba_account_id == waba_id))
    return {id_: (name, status) for id_, name, status in rows}
