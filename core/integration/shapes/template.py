"""A message template as the contract writes it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from core.accounts.entities import Template, WabaAccount
from core.errors import NotFound
from core.integration.shapes.values import Json, by, moment, told

# What Meta itself writes where nothing was refused.
_NOT_REJECTED = "NONE"
_META = by("meta", "Meta")


def template_object(session: Session, template: Template | str) -> Json:
    """The template, by its row or id; raises NotFound for one outside the session's scope."""
    row = session.get(Template, template) if isinstance(template, str) else template
    if row is None:
        raise NotFound("no such template")
    return template_shape(row, session.get_one(WabaAccount, row.waba_account_id).namespace)


def template_shape(template: Any, namespace: str) -> Json:
    """The object of a row (entity or columns named like it); `namespace` is its WABA's."""
    return told(
        {
            "id": template.id,
            "external_id": template.external_id,
            "partner_id": template.partner_id,
            "waba_account_id": template.waba_account_id,
            "name": template.name,
            "status": template.status.lower(),
            "language": template.language,
            "category": template.category,
            "components": template.components,
            "rejected_reason": template.rejected_reason or _NOT_REJECTED,
            "namespace": namespace,
            "created_at": moment(template.created_at),
            "created_by": _by(template.created_by, template.created_by_name),
            "modified_at": moment(template.modified_at),
            "modified_by": _by(template.modified_by, template.modified_by_name),
        }
    )


def template_event_object(session: Session, template: Template | str) -> Json:
    """What `waba_template_*` webhooks carry: `new_status` is upper case, as Meta told it."""
    row = session.get(Template, template) if isinstance(template, str) else template
    if row is None:
        raise NotFound("no such template")
    waba = session.get_one(WabaAccount, row.waba_account_id)
    whole = template_shape(row, waba.namespace)
    return {key: value for key, value in whole.items() if key != "status"} | {
        "new_status": row.status.upper(),
        "quality_score": row.quality or "UNKNOWN",
    }


def _by(actor: str, name: str) -> Json:
    return by(actor, name) if actor else _META
