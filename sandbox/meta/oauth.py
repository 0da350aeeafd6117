"""Codes into tokens, and what a token may do."""

from sandbox.meta.errors import bad_parameter, forbidden
from sandbox.meta.graph import Call, Table
from sandbox.meta.tokens import describe, exchange
from sandbox.meta.values import Node


def access_token(call: Call) -> Node:
    """`GET /oauth/access_token`: one exchange per code, within 30 seconds."""
    return exchange(call.state, call.world.settings, call.params, call.now)


def debug_token(call: Call) -> Node:
    """`GET /debug_token`: asked with the app's or the system user's token."""
    if call.token.kind not in ("app", "system") and call.params.get("input_token") != (
        call.token.value
    ):
        raise forbidden("Only the app or its system user may inspect a token.")
    if not call.params.get("input_token"):
        raise bad_parameter("The parameter input_token is required.")
    return describe(
        call.state,
        call.world.settings,
        str(call.params["input_token"]),
        call.now,
        without_management=call.world.behaviour.debug_without_management_scope,
    )


TABLE: Table = {
    ("GET", "root", "oauth/access_token"): access_token,
    ("POST", "root", "oauth/access_token"): access_token,
    ("GET", "root", "debug_token"): debug_token,
}
