"""The partner's credit line: shared with a client's portfolio, attached to an account, revoked.

A line is attached once and cannot be swapped; revoking it hits every account of that portfolio.
"""

from sandbox.meta.endings import record
from sandbox.meta.errors import bad_parameter, forbidden, not_visible
from sandbox.meta.fields import select, stored
from sandbox.meta.graph import Call, Table
from sandbox.meta.paging import page
from sandbox.meta.state import MetaState, new_id
from sandbox.meta.tokens import may_use
from sandbox.meta.values import CREDIT_CURRENCIES, Node

_LINE = stored("id", "legal_entity_name")
_ALLOCATION = stored("id", "receiving_credential", "receiving_business", "request_status")
# Any of these lets the partner's system user act on the account's billing.
_BILLING_TASKS = {"MANAGE", "MANAGE_BILLING", "FULL_CONTROL"}


def list_lines(call: Call) -> Node:
    """`GET /{business}/extendedcredits`: the partner's own lines."""
    mine = [
        line for line in call.state.credit_lines.values() if line["business_id"] == call.node["id"]
    ]
    rows = [
        select(line, _fields(call), kind="Credit", visible=_LINE, default=("id",)) for line in mine
    ]
    return page(rows, call.params, call.url)


def share_and_attach(call: Call) -> Node:
    """`POST whatsapp_credit_sharing_and_attach`: the current way, in one call."""
    _require_system(call)
    waba = _account(call)
    tasks = {task for given in waba["assigned_users"].values() for task in given}
    if not tasks & _BILLING_TASKS:
        raise forbidden("The system user is not assigned to this account with MANAGE.")
    _require_attachable(call, waba)
    allocation = _allocate(call.state, call.node["id"], waba["business_id"])
    _attach(call, waba, allocation)
    return {"allocation_config_id": allocation["id"], "waba_id": waba["id"]}


def share(call: Call) -> Node:
    """`POST whatsapp_credit_sharing`: first half of the coming way, with the system token."""
    _require_system(call)
    business_id = call.required("receiving_business_id")
    if business_id not in call.state.businesses:
        raise not_visible(business_id, call.method)
    allocation = _allocate(call.state, call.node["id"], business_id)
    return {"success": True, "allocation_config_id": allocation["id"]}


def attach(call: Call) -> Node:
    """`POST whatsapp_credit_attach`: second half, with the client's own token."""
    if call.token.kind != "business":
        raise forbidden("The client's business token is required.")
    waba = _account(call)
    _require_attachable(call, waba)
    allocation = _open_allocation(call.state, call.node["id"], waba["business_id"])
    if allocation is None:
        raise bad_parameter("Not shared.", details="Share the credit line with the business first.")
    _attach(call, waba, allocation)
    return {"success": True, "waba_id": waba["id"]}


def list_allocations(call: Call) -> Node:
    """`GET owning_credit_allocation_configs`: who got how much of the line."""
    _require_system(call)
    receiver = call.params.get("receiving_business_id")
    rows = [
        select(row, _fields(call), kind="Allocation", visible=_ALLOCATION, default=("id",))
        for row in call.state.allocations.values()
        if row["credit_line_id"] == call.node["id"]
        and receiver in (None, row["receiving_business"]["id"])
    ]
    return page(rows, call.params, call.url)


def read_allocation(call: Call) -> Node:
    """`GET /{allocation}`."""
    return select(call.node, _fields(call), kind="Allocation", visible=_ALLOCATION, default=("id",))


def revoke(call: Call) -> Node:
    """`DELETE /{allocation}`: every account of the portfolio loses its funding."""
    _require_system(call)
    call.node["request_status"] = "DELETED"
    credential = call.node["receiving_credential"]["id"]
    for waba in call.state.wabas.values():
        if waba["primary_funding_id"] == credential:
            waba["primary_funding_id"] = None
    return {"success": True}


def _fields(call: Call) -> str | None:
    fields = call.params.get("fields")
    return str(fields) if fields else None


def _require_system(call: Call) -> None:
    if call.token.kind != "system":
        raise forbidden("Credit lines need the partner's system user token.")


def _account(call: Call) -> Node:
    waba_id = call.required("waba_id")
    waba = call.state.wabas.get(waba_id)
    if waba is None or not may_use(call.token, waba):
        raise not_visible(waba_id, call.method)
    return waba


def _require_attachable(call: Call, waba: Node) -> None:
    if call.required("waba_currency") not in CREDIT_CURRENCIES:
        raise bad_parameter("Param waba_currency is not offered for credit lines.")
    if waba["primary_funding_id"]:
        raise bad_parameter(
            "Already attached.", details="A credit line cannot be swapped once it is attached."
        )


def _open_allocation(state: MetaState, line_id: str, business_id: str) -> Node | None:
    for row in state.allocations.values():
        same = (row["credit_line_id"], row["receiving_business"]["id"]) == (line_id, business_id)
        if same and row["request_status"] != "DELETED":
            return row
    return None


def _allocate(state: MetaState, line_id: str, business_id: str) -> Node:
    """The portfolio's allocation; sharing twice gives the same one."""
    if known := _open_allocation(state, line_id, business_id):
        return known
    node: Node = {
        "id": new_id(),
        "credit_line_id": line_id,
        "receiving_business": {
            "id": business_id,
            "name": state.businesses[business_id]["name"],
        },
        "receiving_credential": {"id": new_id()},
        "request_status": "APPROVED",
    }
    state.allocations[node["id"]] = node
    return node


def _attach(call: Call, waba: Node, allocation: Node) -> None:
    waba["primary_funding_id"] = allocation["receiving_credential"]["id"]
    waba["currency"] = call.required("waba_currency")
    record(waba, "BILLING_UPDATED", call.now)


TABLE: Table = {
    ("GET", "business", "extendedcredits"): list_lines,
    ("POST", "credit_line", "whatsapp_credit_sharing_and_attach"): share_and_attach,
    ("POST", "credit_line", "whatsapp_credit_sharing"): share,
    ("POST", "credit_line", "whatsapp_credit_attach"): attach,
    ("GET", "credit_line", "owning_credit_allocation_configs"): list_allocations,
    ("GET", "allocation", ""): read_allocation,
    ("DELETE", "allocation", ""): revoke,
}
