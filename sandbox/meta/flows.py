"""WhatsApp Flows: made as drafts, given their JSON, published once, ended.

Source: https://developers.facebook.com/docs/whatsapp/flows/reference/flowsapi
"""

from urllib.parse import urlsplit

from sandbox.meta.endings import record
from sandbox.meta.errors import GraphError, bad_parameter, not_visible
from sandbox.meta.fields import Resolver, select, stored
from sandbox.meta.flow_json import faults
from sandbox.meta.graph import Call, Table
from sandbox.meta.paging import filtered, page
from sandbox.meta.state import new_id
from sandbox.meta.values import FLOW_CATEGORIES, Node

_STORED = stored(
    "id",
    "name",
    "status",
    "categories",
    "validation_errors",
    "json_version",
    "data_api_version",
    "endpoint_uri",
)
_DEFAULT = ("id", "name", "status", "categories", "validation_errors")
_MAX_NAME, _MAX_FILE = 200, 10 * 1024 * 1024
# Codes and subcodes of the flow management API.
_NOT_UNIQUE, _NOT_PUBLISHABLE, _NOT_DRAFT, _NOT_PUBLISHED = 4016019, 4233023, 4016012, 4016013


def list_flows(call: Call) -> Node:
    """`GET /{waba}/flows`: the newest first."""
    answer = page(
        filtered(_flows_of(call)[::-1], call.params.get("filtering")), call.params, call.url
    )
    return answer | {"data": [_select(call, flow) for flow in answer["data"]]}


def create_flow(call: Call) -> Node:
    """`POST /{waba}/flows`: a draft, empty or with the JSON of the flow it is made from."""
    name = call.required("name")
    if len(name) > _MAX_NAME:
        raise bad_parameter(f"Param name must be {_MAX_NAME} characters or less")
    if any(flow["name"] == name for flow in _flows_of(call)):
        raise GraphError(
            100,
            "Invalid parameter",
            subcode=_NOT_UNIQUE,
            title="Flow name is not unique",
            user_message="A Flow with this name exists already in this account.",
        )
    node: Node = {
        "id": new_id(),
        "waba_id": call.node["id"],
        "name": name,
        "status": "DRAFT",
        "categories": _categories(call),
        "endpoint_uri": _endpoint(call),
        "json": None,
        "json_version": None,
        "data_api_version": None,
        "validation_errors": [],
    } | _cloned(call)
    call.state.flows[node["id"]] = node
    record(call.node, "FLOW_CREATED", call.now, details=name)
    return {"id": node["id"]}


def read_flow(call: Call) -> Node:
    """`GET /{flow}`."""
    return _select(call, call.node)


def update_assets(call: Call) -> Node:
    """`POST /{flow}/assets`: multipart with `file`, `name` flow.json, `asset_type` FLOW_JSON.

    A JSON with faults is kept all the same: they are told, and only publishing is refused.
    """
    if call.required("asset_type") != "FLOW_JSON":
        raise bad_parameter("Param asset_type must be one of {FLOW_JSON}")
    if call.required("name") != "flow.json":
        raise bad_parameter("Param name must be flow.json")
    content = call.params.get("file")
    if not isinstance(content, bytes):
        raise bad_parameter("Param file is required and must be a file")
    if call.node["status"] != "DRAFT":
        raise _refused(_NOT_DRAFT, "Flow can't be updated", "Only a draft can be changed.")
    if len(content) > _MAX_FILE:
        raise bad_parameter("Param file is larger than 10 MB")
    version, errors = faults(content)
    call.node.update(json=True, json_version=version, validation_errors=errors)
    return {"success": True, "validation_errors": errors}


def publish_flow(call: Call) -> Node:
    """`POST /{flow}/publish`: for good; a draft with faults or without JSON is refused."""
    if call.node["status"] != "DRAFT":
        raise _refused(_NOT_DRAFT, "Flow can't be published", "It is published already.")
    if not call.node["json"] or call.node["validation_errors"]:
        raise _refused(
            _NOT_PUBLISHABLE,
            "Publishing failed",
            "Put the validation errors right and publish again.",
        )
    call.node["status"] = "PUBLISHED"
    return {"success": True}


def deprecate_flow(call: Call) -> Node:
    """`POST /{flow}/deprecate`."""
    if call.node["status"] != "PUBLISHED":
        raise _refused(_NOT_PUBLISHED, "Flow can't be deprecated", "It is not published.")
    call.node["status"] = "DEPRECATED"
    return {"success": True}


def delete_flow(call: Call) -> Node:
    """`DELETE /{flow}`: drafts only."""
    if call.node["status"] != "DRAFT":
        raise _refused(_NOT_DRAFT, "Flow can't be deleted", "Only a draft can be deleted.")
    del call.state.flows[call.node["id"]]
    return {"success": True}


def _flows_of(call: Call) -> list[Node]:
    return [flow for flow in call.state.flows.values() if flow["waba_id"] == call.node["id"]]


def _categories(call: Call) -> list[str]:
    categories = call.json("categories")
    if not isinstance(categories, list) or not categories:
        raise bad_parameter("The parameter categories is required.")
    if wrong := [one for one in categories if one not in FLOW_CATEGORIES]:
        raise bad_parameter(
            f"Param categories[0] must be one of {sorted(FLOW_CATEGORIES)} - got {wrong[0]!r}."
        )
    return categories


def _endpoint(call: Call) -> str | None:
    endpoint = call.params.get("endpoint_uri")
    if endpoint and urlsplit(str(endpoint)).scheme != "https":
        raise bad_parameter("Param endpoint_uri must be a https address")
    return str(endpoint) if endpoint else None


def _cloned(call: Call) -> Node:
    source_id = call.params.get("clone_flow_id")
    if not source_id:
        return {}
    source = call.state.flows.get(str(source_id))
    if source is None or source["waba_id"] != call.node["id"]:
        raise not_visible(str(source_id), call.method)
    return {name: source[name] for name in ("json", "json_version", "validation_errors")}


def _refused(subcode: int, title: str, message: str) -> GraphError:
    return GraphError(139000, title, subcode=subcode, title=title, user_message=message)


def _select(call: Call, flow: Node) -> Node:
    account = call.state.wabas[flow["waba_id"]]
    mine: dict[str, Resolver] = {
        "whatsapp_business_account": lambda _: {"id": account["id"], "name": account["name"]}
    }
    fields = call.params.get("fields")
    return select(flow, fields, kind="WhatsAppFlow", visible=_STORED | mine, default=_DEFAULT)


TABLE: Table = {
    ("GET", "waba", "flows"): list_flows,
    ("POST", "waba", "flows"): create_flow,
    ("GET", "flow", ""): read_flow,
    ("DELETE", "flow", ""): delete_flow,
    ("POST", "flow", "assets"): update_assets,
    ("POST", "flow", "publish"): publish_flow,
    ("POST", "flow", "deprecate"): deprecate_flow,
}
