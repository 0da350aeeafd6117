"""Portfolios: the partner's list of client accounts, a client's own, and the app's settings."""

from datetime import UTC, datetime

from sandbox.meta.errors import bad_parameter, forbidden
from sandbox.meta.fields import select, stored
from sandbox.meta.graph import Call, Table
from sandbox.meta.paging import filtered, page, sort_by_time
from sandbox.meta.values import Node
from sandbox.meta.wabas import waba_fields

_BUSINESS = stored("id", "name", "verification_status", "creation_time")


def read_business(call: Call) -> Node:
    """`GET /{business}`: id and name unless more is asked for."""
    fields = call.params.get("fields")
    default = ("id", "name")
    return select(call.node, fields, kind="Business", visible=_BUSINESS, default=default)


def client_accounts(call: Call) -> Node:
    """`GET client_whatsapp_business_accounts`: everything clients share with the partner."""
    if call.node["id"] != call.world.settings.business_id:
        return {"data": []}
    shared = [waba for waba in call.state.wabas.values() if waba["shared"]]
    # The `partners` filter asks for accounts of which these portfolios are partners.
    return _list(call, [waba | {"partners": [call.node["id"]]} for waba in shared])


def owned_accounts(call: Call) -> Node:
    """`GET owned_whatsapp_business_accounts`: what the portfolio itself owns."""
    return _list(call, call.state.wabas_of(call.node["id"]))


def connected_businesses(call: Call) -> Node:
    """`GET /{app}/connected_client_businesses`."""
    owners = {waba["business_id"] for waba in call.state.wabas.values() if waba["shared"]}
    rows = [_connected(node) for key, node in call.state.businesses.items() if key in owners]
    return page(rows, call.params, call.url)


def list_app_subscriptions(call: Call) -> Node:
    """`GET /{app}/subscriptions`."""
    app = call.state.app
    fields = [{"name": name, "version": "v26.0"} for name in app.fields or []]
    row = {
        "object": "whatsapp_business_account",
        "callback_url": app.callback_url,
        "active": app.active,
        "fields": fields,
    }
    return {"data": [row] if app.active else []}


async def subscribe_app(call: Call) -> Node:
    """`POST /{app}/subscriptions`: the callback must answer the handshake first."""
    _require_app_token(call)
    if call.required("object") != "whatsapp_business_account":
        raise bad_parameter("Param object must be whatsapp_business_account")
    url = call.required("callback_url")
    await call.world.sender.handshake(url, call.required("verify_token"))
    given = call.params.get("fields")
    fields = given.split(",") if isinstance(given, str) else given
    app = call.state.app
    app.callback_url, app.fields, app.active = url, fields or None, True
    return {"success": True}


def unsubscribe_app(call: Call) -> Node:
    """`DELETE /{app}/subscriptions`: no webhooks for anybody."""
    _require_app_token(call)
    call.state.app.active = False
    return {"success": True}


def _require_app_token(call: Call) -> None:
    if call.token.kind != "app":
        raise forbidden("An app access token is required for subscriptions.")


def _list(call: Call, wabas: list[Node]) -> Node:
    rows = filtered(wabas, call.params.get("filtering"))
    rows = sort_by_time(rows, call.params.get("sort"))
    answer = page(rows, call.params, call.url)
    visible = waba_fields(call.state, call.world.settings.app_id)
    fields = call.params.get("fields")
    kind, default = "WhatsAppBusinessAccount", ("id", "name")
    data = [
        select(row, fields, kind=kind, visible=visible, default=default) for row in answer["data"]
    ]
    return answer | {"data": data}


def _connected(business: Node) -> Node:
    created = datetime.fromtimestamp(business["creation_time"], UTC).isoformat()
    return {
        "id": business["id"],
        "name": business["name"],
        "verification_status": business["verification_status"],
        "business_status": "ACTIVE",
        "created_time": created,
        "updated_time": created,
    }


TABLE: Table = {
    ("GET", "business", ""): read_business,
    ("GET", "business", "client_whatsapp_business_accounts"): client_accounts,
    ("GET", "business", "owned_whatsapp_business_accounts"): owned_accounts,
    ("GET", "app", "connected_client_businesses"): connected_businesses,
    ("GET", "app", "subscriptions"): list_app_subscriptions,
    ("POST", "app", "subscriptions"): subscribe_app,
    ("DELETE", "app", "subscriptions"): unsubscribe_app,
}
