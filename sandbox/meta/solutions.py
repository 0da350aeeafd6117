"""Multi-Partner Solutions: made by one app, accepted by another, ended by both.

Only an ACTIVE solution may onboard; a solution that is asked to end stays active until accepted.
"""

from datetime import timedelta

from sandbox.meta.errors import bad_parameter, not_visible
from sandbox.meta.events import Event
from sandbox.meta.fields import select, stored
from sandbox.meta.graph import Call, Handler, Table
from sandbox.meta.paging import page
from sandbox.meta.seeding import add_solution
from sandbox.meta.tokens import new_token
from sandbox.meta.values import Node

_VISIBLE = stored(
    "id",
    "name",
    "status",
    "status_for_pending_request",
    "owner_permissions",
    "owner_app",
    "partners",
)
_TOKEN_LIFETIME = timedelta(days=60)


def create_solution(call: Call) -> Node:
    """`POST /{app}/whatsapp_business_solution`: INITIATED until the other side accepts."""
    given: Node = {
        "name": call.required("solution_name"),
        "status": "INITIATED",
        "status_for_pending_request": "PENDING_ACTIVATION",
        "owner_permissions": call.json("owner_permissions") or [],
        "partners": [
            {
                "partner_app": {"id": call.required("partner_app_id")},
                "partner_permissions": call.json("partner_permissions") or [],
                "status": "NOTIFICATION_SENT",
            }
        ],
    }
    if set(given["owner_permissions"]) - {"MESSAGING"}:
        raise bad_parameter("Only MESSAGING can be configured.")
    solution = add_solution(call.state, call.world.settings, given)
    _tell(call, solution, "SOLUTION_CREATED")
    return {"solution_id": solution["id"]}


def list_solutions(call: Call) -> Node:
    """`GET /{app}/whatsapp_business_solutions`: all that this app takes part in."""
    names = ("id", "name", "status", "status_for_pending_request")
    rows = [{name: row[name] for name in names} for row in call.state.solutions.values()]
    return page(rows, call.params, call.url)


def read_solution(call: Call) -> Node:
    """`GET /{solution}`: inspect before accepting."""
    fields = call.params.get("fields")
    default = ("id", "name", "status")
    return select(call.node, fields, kind="Solution", visible=_VISIBLE, default=default)


def solution_of_account(call: Call) -> Node:
    """`GET /{waba}/solutions`: under which solution the account was onboarded."""
    solution = call.state.solutions.get(str(call.node["solution_id"]))
    if solution is None:
        return {"data": []}
    return {"data": [{name: solution[name] for name in ("id", "name", "status")}]}


def client_token(call: Call) -> Node:
    """`GET /{solution}/access_token`: speaks for one client onboarded under the solution."""
    business_id = call.required("business_id")
    wabas = [
        waba
        for waba in call.state.wabas_of(business_id)
        if waba["shared"] and waba["solution_id"] == call.node["id"]
    ]
    if not wabas:
        raise not_visible(business_id, call.method)
    token = new_token(call.state, "solution", business_id, call.now, _TOKEN_LIFETIME)
    expires_at = int((call.now + _TOKEN_LIFETIME).timestamp())
    return {"access_token": token.value, "expires_at": expires_at}


def _move(before: str, after: str, pending: str) -> Handler:
    """A request or an answer that is allowed in one state only."""

    def run(call: Call) -> Node:
        solution = call.node
        if before not in (solution["status"], solution["status_for_pending_request"]):
            raise bad_parameter(
                "Not possible now.", details=f"The solution is {solution['status']}."
            )
        solution.update(status=after or solution["status"], status_for_pending_request=pending)
        _tell(call, solution, "SOLUTION_UPDATED")
        return {"success": True}

    return run


def _tell(call: Call, solution: Node, event: str) -> None:
    pending = solution["status_for_pending_request"]
    status = "PENDING_DEACTIVATION" if pending == "PENDING_DEACTIVATION" else solution["status"]
    value = {"event": event, "solution_id": solution["id"], "solution_status": status}
    partner = call.world.settings.business_id
    call.world.sender.send_later([Event(field="partner_solutions", value=value, entry_id=partner)])


TABLE: Table = {
    ("POST", "app", "whatsapp_business_solution"): create_solution,
    ("GET", "app", "whatsapp_business_solutions"): list_solutions,
    ("GET", "solution", ""): read_solution,
    ("GET", "solution", "access_token"): client_token,
    ("GET", "waba", "solutions"): solution_of_account,
    ("POST", "solution", "accept"): _move("INITIATED", "ACTIVE", "NONE"),
    ("POST", "solution", "reject"): _move("INITIATED", "REJECTED", "NONE"),
    ("POST", "solution", "send_deactivation_request"): _move("ACTIVE", "", "PENDING_DEACTIVATION"),
    ("POST", "solution", "accept_deactivation_request"): _move(
        "PENDING_DEACTIVATION", "DEACTIVATED", "NONE"
    ),
    ("POST", "solution", "reject_deactivation_request"): _move("PENDING_DEACTIVATION", "", "NONE"),
}
