"""Message templates: listed with filters, made, edited, deleted; new texts wait for review."""

import re

from sandbox.meta.endings import record
from sandbox.meta.errors import GraphError, bad_parameter, not_visible
from sandbox.meta.fields import select, stored
from sandbox.meta.graph import Call, Table
from sandbox.meta.paging import filtered, page
from sandbox.meta.seeding import add_template
from sandbox.meta.template_rules import require_components
from sandbox.meta.values import TEMPLATE_CATEGORIES, Node

_VISIBLE = stored(
    "id",
    "name",
    "language",
    "status",
    "category",
    "previous_category",
    "sub_category",
    "correct_category",
    "parameter_format",
    "components",
    "quality_score",
    "rejected_reason",
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
)
_DEFAULT = ("name", "parameter_format", "components", "language", "status", "category", "id")
_FILTERS = ("status", "category", "language", "name", "quality_score")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_UNVERIFIED_LIMIT, _VERIFIED_LIMIT = 250, 6000
_EDITABLE = ("APPROVED", "REJECTED", "PAUSED")


def list_templates(call: Call) -> Node:
    """`GET message_templates`: `name` matches a part, the other filters match exactly."""
    rows = [row for row in call.state.templates_of(call.node["id"]) if _wanted(call, row)]
    answer = page(filtered(rows, call.params.get("filtering")), call.params, call.url)
    return answer | {"data": [_select(call, row) for row in answer["data"]]}


def create_template(call: Call) -> Node:
    """`POST message_templates`: PENDING until a reviewer (a scenario) decides."""
    name, language = call.required("name"), call.required("language")
    if not _NAME.fullmatch(name):
        raise bad_parameter("Param name may have small letters, digits and underscores only")
    category = _category(call)
    components = require_components(call.json("components"), category)
    existing = call.state.templates_of(call.node["id"])
    if any((row["name"], row["language"]) == (name, language) for row in existing):
        raise GraphError(100, "(#100) There is already content in this language", subcode=2388024)
    verified = call.node["business_verification_status"] == "verified"
    if len(existing) >= (_VERIFIED_LIMIT if verified else _UNVERIFIED_LIMIT):
        raise GraphError(100, "(#100) Too many templates for this account", subcode=2388019)
    given = {
        "name": name,
        "language": language,
        "category": category,
        "components": components,
        "status": "PENDING",
        "parameter_format": call.params.get("parameter_format", "POSITIONAL"),
    }
    template = add_template(call.state, call.node["id"], given)
    record(call.node, "TEMPLATE_CREATED", call.now, details=name)
    return {"id": template["id"], "status": "PENDING", "category": category}


def delete_templates(call: Call) -> Node:
    """`DELETE message_templates`: one by `hsm_id`, else all languages of the name."""
    name, template_id = call.required("name"), call.params.get("hsm_id")
    doomed = [
        row["id"]
        for row in call.state.templates_of(call.node["id"])
        if row["name"] == name and template_id in (None, row["id"])
    ]
    if not doomed:
        raise GraphError(100, "(#100) Message template not found", subcode=2593002)
    for row_id in doomed:
        del call.state.templates[row_id]
    record(call.node, "TEMPLATE_DELETED", call.now, details=name)
    return {"success": True}


def read_template(call: Call) -> Node:
    """`GET /{template}`."""
    return _select(call, call.node)


def edit_template(call: Call) -> Node:
    """`POST /{template}`: an edited text is reviewed again."""
    if call.node["status"] not in _EDITABLE:
        raise bad_parameter(
            "This template cannot be edited.", details=f"Its status is {call.node['status']}."
        )
    category = _category(call) if "category" in call.params else call.node["category"]
    if "components" in call.params:
        call.node["components"] = require_components(call.json("components"), category)
    call.node.update(category=category, status="PENDING")
    return {"success": True, "id": call.node["id"], "name": call.node["name"]}


def unpause_template(call: Call) -> Node:
    """`POST /{template}/unpause`."""
    if call.node["status"] != "PAUSED":
        raise not_visible(call.node["id"], call.method)
    call.node["status"] = "APPROVED"
    return {"success": True}


def _wanted(call: Call, row: Node) -> bool:
    for name in _FILTERS:
        wanted = call.params.get(name)
        value = row["quality_score"]["score"] if name == "quality_score" else row[name]
        if wanted and name == "name" and wanted not in value:
            return False
        if wanted and name != "name" and value not in str(wanted).split(","):
            return False
    return True


def _category(call: Call) -> str:
    category = call.required("category").upper()
    if category not in TEMPLATE_CATEGORIES:
        raise bad_parameter(f"Param category must be one of {sorted(TEMPLATE_CATEGORIES)}")
    return category


def _select(call: Call, row: Node) -> Node:
    fields = call.params.get("fields")
    return select(row, fields, kind="MessageTemplate", visible=_VISIBLE, default=_DEFAULT)


TABLE: Table = {
    ("GET", "waba", "message_templates"): list_templates,
    ("POST", "waba", "message_templates"): create_template,
    ("DELETE", "waba", "message_templates"): delete_templates,
    ("GET", "template", ""): read_template,
    ("POST", "template", ""): edit_template,
    ("POST", "template", "unpause"): unpause_template,
}
