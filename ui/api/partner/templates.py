"""Message templates of a WABA, in Meta's own form."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from core.accounts.template_lists import FILTERS, SORTS, TemplatePage, TemplateQuery
from core.integration.api.lists import Page
from core.integration.shapes.template import template_shape
from ui.api.partner.answers import answer, listed
from ui.api.partner.asked import documented, path_id
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.common import Success
from ui.api.partner.schemas.templates import (
    ChangedTemplate,
    NewTemplate,
    TemplateChange,
    TemplateList,
    TemplateObject,
)

_ALL = f"{PARTNER}/waba_accounts/{{waba_id}}/waba_templates"
_ONE = f"{_ALL}/{{template_id}}"
_LIST = documented(FILTERS, SORTS)


def routes(router: APIRouter) -> None:
    @router.get(_ALL, **told("List templates", TemplateList, lists=_LIST))
    def list_templates(call: Called) -> Response:
        who, query = call.who, call.listing()
        asked = TemplateQuery(
            filters=query.filters, sorts=query.sort, limit=query.limit, offset=query.offset
        )
        found = call.hub.templates.templates(who, path_id(call, "waba_id"), asked)
        return listed("waba_templates", Page(items=_shapes(found), total=found.total), query)

    @router.post(
        _ALL,
        **told(
            "Create a template",
            TemplateObject,
            about="Sent to Meta for review. What Meta refuses comes back with Meta's own code.",
            takes=NewTemplate,
        ),
    )
    def create_template(call: Called) -> Response:
        who, given = call.who, call.body(NewTemplate).model_dump(exclude_none=True)
        return answer(_shapes(call.hub.templates.create(who, path_id(call, "waba_id"), given))[0])

    @router.get(_ONE, **told("Get a template", TemplateObject))
    def get_template(call: Called) -> Response:
        who, place = call.who, (path_id(call, "waba_id"), path_id(call, "template_id"))
        return answer(_shapes(call.hub.templates.template(who, *place))[0])

    @router.patch(
        _ONE,
        **told(
            "Change a template",
            ChangedTemplate,
            about="New components or another category; Meta reviews it again.",
            takes=TemplateChange,
        ),
    )
    def change_template(call: Called) -> Response:
        who, place = call.who, (path_id(call, "waba_id"), path_id(call, "template_id"))
        given = call.body(TemplateChange).model_dump(exclude_none=True)
        changed = _shapes(call.hub.templates.edit(who, *place, given))[0]
        return answer(changed | {"success": True})

    @router.delete(
        _ONE,
        **told(
            "Delete a template",
            Success,
            about="This one only; the same name in other languages stays.",
            writes=True,
        ),
    )
    def delete_template(call: Called) -> Response:
        who, place = call.who, (path_id(call, "waba_id"), path_id(call, "template_id"))
        call.hub.templates.delete(who, *place)
        return answer({"meta": {"success": True}})


def _shapes(page: TemplatePage) -> list[dict[str, Any]]:
    return [template_shape(row, page.namespace) for row in page.rows]
