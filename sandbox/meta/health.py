"""`health_status`: why an account or a number can, or cannot, send."""

from sandbox.meta.state import MetaState
from sandbox.meta.values import Node

_AVAILABLE = "AVAILABLE"
_RANK = {_AVAILABLE: 0, "LIMITED": 1, "BLOCKED": 2}


def waba_health(waba: Node, app_id: str) -> Node:
    """The account, its portfolio and the app."""
    return _summary([_waba(waba), _business(waba), _app(app_id)])


def phone_health(state: MetaState, phone: Node, app_id: str) -> Node:
    """The number first, then what it depends on."""
    waba = state.wabas[phone["waba_id"]]
    return _summary([_phone(phone), _waba(waba), _business(waba), _app(app_id)])


def _summary(entities: list[Node]) -> Node:
    worst = max(entities, key=lambda entity: _RANK[entity["can_send_message"]])
    return {"can_send_message": worst["can_send_message"], "entities": entities}


def _phone(phone: Node) -> Node:
    if phone["status"] == "CONNECTED":
        return _entity("PHONE_NUMBER", phone["id"])
    if phone["platform_type"] != "CLOUD_API":
        return _entity(
            "PHONE_NUMBER",
            phone["id"],
            "BLOCKED",
            (141000, "The number is not registered.", "Register the number."),
        )
    state = "LIMITED" if phone["status"] in ("FLAGGED", "RATE_LIMITED") else "BLOCKED"
    problem = (141001, f"The number is {phone['status'].lower()}.", "See WhatsApp Manager.")
    return _entity("PHONE_NUMBER", phone["id"], state, problem)


def _waba(waba: Node) -> Node:
    if waba["status"] != "ACTIVE" or waba["account_review_status"] == "REJECTED":
        problem = (141002, "The account may not send.", "Ask for a review of the decision.")
        return _entity("WABA", waba["id"], "BLOCKED", problem)
    if waba["restrictions"]:
        problem = (141003, "The account is restricted.", "Wait until the restriction ends.")
        return _entity("WABA", waba["id"], "LIMITED", problem)
    return _entity("WABA", waba["id"])


def _business(waba: Node) -> Node:
    if waba["business_verification_status"] == "verified":
        return _entity("BUSINESS", waba["business_id"])
    problem = (141010, "The business is not verified.", "Start business verification.")
    return _entity("BUSINESS", waba["business_id"], "LIMITED", problem)


def _app(app_id: str) -> Node:
    return _entity("APP", app_id)


def _entity(
    kind: str,
    node_id: str,
    state: str = _AVAILABLE,
    problem: tuple[int, str, str] | None = None,
) -> Node:
    entity: Node = {"entity_type": kind, "id": node_id, "can_send_message": state}
    if problem:
        code, description, solution = problem
        entity["errors"] = [
            {
                "error_code": code,
                "error_description": description,
                "possible_solution": solution,
            }
        ]
    return entity
