"""Templates of a WABA as programs list them: exact filters, any order, by offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from core.accounts.cursors import is_storable
from core.accounts.entities import Template, WabaAccount
from core.errors import InvalidInput

_DELETED = "DELETED"
# Typed programs write it for a status that was not set; it filters nothing.
_UNSET = "unknown"
_NONE = "NONE"  # Meta's word for a reason that there is not
_COLUMNS: dict[str, Any] = {
    "id": col(Template.id),
    "external_id": col(Template.external_id),
    "name": col(Template.name),
    # Programs that were written for the older hub call the name like this.
    "business_templates.name": col(Template.name),
    "status": col(Template.status),
    "language": col(Template.language),
    "category": col(Template.category),
    "rejected_reason": col(Template.rejected_reason),
    "namespace": col(WabaAccount.namespace),
    "partner_id": col(Template.partner_id),
    "waba_account_id": col(Template.waba_account_id),
}
FILTERS = tuple(_COLUMNS)
_TIMES: dict[str, Any] = {
    "created_at": col(Template.created_at),
    "modified_at": col(Template.modified_at),
}
SORTS = (*_COLUMNS, *_TIMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateQuery:
    """`filters` are AND-ed; `sorts` are names of `SORTS`, a `-` before turns one round."""

    filters: Mapping[str, str] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePage:
    """One page, detached, the WABA's namespace, and how many there are in all."""

    rows: tuple[Template, ...]
    namespace: str
    total: int


def page(session: Session, waba: WabaAccount, query: TemplateQuery) -> TemplatePage:
    """Deleted ones are left out unless their status is asked for. Raises InvalidInput."""
    conditions = [col(Template.waba_account_id) == waba.id, *_conditions(query)]
    total = session.execute(_whole(func.count(), conditions)).scalar_one()
    found = _whole(Template, conditions).order_by(*_order(query)).limit(query.limit)
    rows = session.execute(found.offset(query.offset)).scalars()
    return TemplatePage(rows=tuple(rows), namespace=waba.namespace, total=total)


def _whole(what: Any, conditions: list[ColumnElement[bool]]) -> Select[Any]:
    joined = select(what).select_from(Template)
    joined = joined.join(WabaAccount, col(WabaAccount.id) == col(Template.waba_account_id))
    return joined.where(*conditions)


def _conditions(query: TemplateQuery) -> list[ColumnElement[bool]]:
    conditions = []
    for name, value in query.filters.items():
        if name not in _COLUMNS:
            raise InvalidInput(f"unknown filter: {name[:100]}", code="unknown_filter", field=name)
        if not is_storable(value):
            raise InvalidInput(code="bad_filter", field=name)
        if (name, value.lower()) == ("status", _UNSET):
            continue
        if name in ("status", "category"):  # told in small letters, known in Meta's capitals
            conditions.append(func.upper(_COLUMNS[name]) == value.upper())
        elif name == "rejected_reason" and value.upper() == _NONE:
            conditions.append(_COLUMNS[name].in_(("", _NONE)))
        else:
            conditions.append(_COLUMNS[name] == value)
    if query.filters.get("status", _UNSET).lower() == _UNSET:
        conditions.append(col(Template.status) != _DELETED)
    return conditions


def _order(query: TemplateQuery) -> list[Any]:
    order = []
    for sort in query.sorts:
        if sort in ("", "-"):  # the default order
            continue
        column = (_COLUMNS | _TIMES).get(sort.removeprefix("-"))
        if column is None:
            raise InvalidInput(f"cannot sort by: {sort[:100]}", code="unknown_sort", field=sort)
        order.append(column.desc() if sort.startswith("-") else column.asc())
    # By the id at the end, so that no row comes twice on two pages.
    return [*(order or [col(Template.name).asc()]), col(Template.id).asc()]
