"""Users and audit events: who works here, and what happened."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from core.audit import service as audit
from core.audit.service import AuditPage, AuditQuery
from core.errors import InvalidInput
from core.integration.api.lists import DEFAULT_ORDER, ListQuery, Page
from core.integration.shapes.values import moment, without_nulls
from core.partners.members import MemberView
from ui.api.partner.answers import answer, listed
from ui.api.partner.asked import documented, page_of, path_id
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.rows import AuditEventList, AuditEventObject, UserList

_USERS = {
    "id": lambda row: row.id,
    "name": lambda row: row.name,
    "email": lambda row: row.email,
    "role": lambda row: row.role.value,
}


def routes(router: APIRouter) -> None:
    @router.get(
        f"{PARTNER}/users",
        **told("List users", UserList, lists=documented(tuple(_USERS), tuple(_USERS))),
    )
    def list_users(call: Called) -> Response:
        who, query = call.who, call.listing()
        rows = call.hub.partners.members(who)
        page = page_of(rows, query, filters=_USERS, sorts=_USERS)
        shapes: Page[Any] = Page(items=[_user(row) for row in page.items], total=page.total)
        return listed("users", shapes, query)

    events = f"{PARTNER}/audit_events"

    @router.get(
        events,
        **told("List audit events", AuditEventList, lists=documented(audit.FILTERS, audit.SORTS)),
    )
    def list_events(call: Called) -> Response:
        who, query = call.who, call.listing()
        asked = AuditQuery(
            filters=query.filters,
            oldest_first=_is_oldest_first(query),
            limit=query.limit,
            offset=query.offset,
        )
        found = call.hub.audit.events(who, asked)
        return listed("audit_events", Page(items=_events(found), total=found.total), query)

    @router.get(f"{events}/{{event_id}}", **told("Get an event", AuditEventObject))
    def get_event(call: Called) -> Response:
        return answer(_events(call.hub.audit.event(call.who, path_id(call, "event_id")))[0])


def _is_oldest_first(query: ListQuery) -> bool:
    wanted = [sort for sort in query.sort if sort not in ("", DEFAULT_ORDER)]
    for sort in wanted:
        if sort.removeprefix("-") not in audit.SORTS:
            raise InvalidInput(f"cannot sort by: {sort[:100]}", code="unknown_sort", field=sort)
    return bool(wanted) and not wanted[0].startswith("-")


def _user(row: MemberView) -> dict[str, Any]:
    return without_nulls(
        {
            "id": row.id,
            "name": row.name,
            "email": row.email,
            "role": row.role.value,
            "since": moment(row.since),
            "last_seen_at": moment(row.last_seen_at),
        }
    )


def _events(page: AuditPage) -> list[dict[str, Any]]:
    return [
        {
            "id": str(row.id),
            "type": row.type,
            "subject_type": row.subject_type,
            "subject_id": row.subject_id,
            "at": moment(row.at),
            "actor": row.actor,
            "actor_name": page.people.get(row.actor, ""),
            "data": row.data,
        }
        for row in page.rows
    ]
