"""The account node: reading it, subscribing the app to it, its users and its activity log."""

from sandbox.meta.endings import record
from sandbox.meta.errors import bad_parameter
from sandbox.meta.fields import Resolver, select, stored
from sandbox.meta.graph import Call, Table
from sandbox.meta.health import waba_health
from sandbox.meta.paging import filtered, page
from sandbox.meta.state import MetaState
from sandbox.meta.values import USER_TASKS, Node

_STORED = stored(
    "id",
    "name",
    "currency",
    "country",
    "timezone_id",
    "message_template_namespace",
    "account_review_status",
    "business_verification_status",
    "ownership_type",
    "primary_funding_id",
    "primary_business_location",
    "status",
    "is_enabled_for_insights",
    "marketing_messages_onboarding_status",
    "purchase_order_number",
    "creation_time",
)
_MAX_CALLBACK = 200


def waba_fields(state: MetaState, app_id: str) -> dict[str, Resolver]:
    """Everything that can be asked of an account."""
    return _STORED | {
        "owner_business_info": lambda waba: _owner(state, waba),
        "on_behalf_of_business_info": lambda waba: (
            _owner(state, waba) | {"status": "APPROVED", "type": "SELF"}
        ),
        "health_status": lambda waba: waba_health(waba, app_id),
        "subscribed_apps": lambda waba: {"data": _subscriptions(waba, app_id)},
        "phone_numbers": lambda waba: {"data": _short_phones(state, waba)},
        "message_templates": lambda waba: {"data": _short_templates(state, waba)},
    }


def read_waba(call: Call) -> Node:
    """`GET /{waba}`: id and name unless more is asked for."""
    return _select(call, call.node)


def change_waba(call: Call) -> Node:
    """`POST /{waba}`: insights can be switched on and never off."""
    if str(call.params.get("is_enabled_for_insights", "")).lower() == "true":
        call.node["is_enabled_for_insights"] = True
    if "name" in call.params:
        call.node["name"] = call.required("name")
    return {"success": True}


def subscribe(call: Call) -> object:
    """`POST subscribed_apps`: first empty, then with an override that answers the handshake."""
    override = call.params.get("override_callback_uri")
    if override is None:
        call.node.update(subscribed=True, override_callback_uri=None)
        record(call.node, "WEBHOOK_CONFIGURED", call.now)
        return {"success": True}
    return _override(call, str(override))


async def _override(call: Call, url: str) -> Node:
    if not call.node["subscribed"]:
        raise bad_parameter(
            "Before overriding the callback, subscribe the app to this account.",
            details="Call subscribed_apps without a body first.",
        )
    if len(url) > _MAX_CALLBACK:
        raise bad_parameter("override_callback_uri is longer than 200 characters.")
    await call.world.sender.handshake(url, call.required("verify_token"))
    call.node["override_callback_uri"] = url
    record(call.node, "WEBHOOK_CONFIGURED", call.now, details=url)
    return {"success": True}


def list_subscriptions(call: Call) -> Node:
    """`GET subscribed_apps`."""
    return {"data": _subscriptions(call.node, call.world.settings.app_id)}


def unsubscribe(call: Call) -> Node:
    """`DELETE subscribed_apps`: no more webhooks for this account."""
    call.node.update(subscribed=False, override_callback_uri=None)
    return {"success": True}


def list_users(call: Call) -> Node:
    """`GET assigned_users`."""
    users = [
        {"id": user, "name": f"User {user}", "tasks": tasks}
        for user, tasks in call.node["assigned_users"].items()
    ]
    return page(users, call.params, call.url)


def assign_user(call: Call) -> Node:
    """`POST assigned_users`: the tasks replace the user's earlier ones."""
    tasks = call.json("tasks")
    if not isinstance(tasks, list) or not tasks or set(tasks) - USER_TASKS:
        raise bad_parameter("Param tasks must be a list of known tasks")
    call.node["assigned_users"][call.required("user")] = tasks
    record(call.node, "USER_ADDED", call.now)
    return {"success": True}


def remove_user(call: Call) -> Node:
    """`DELETE assigned_users`."""
    call.node["assigned_users"].pop(call.required("user"), None)
    record(call.node, "USER_REMOVED", call.now)
    return {"success": True}


def list_activities(call: Call) -> Node:
    """`GET activities`: newest first."""
    activities = filtered(call.node["activities"], call.params.get("filtering"))
    return page(activities, call.params, call.url)


def _select(call: Call, waba: Node) -> Node:
    return select(
        waba,
        call.params.get("fields"),
        kind="WhatsAppBusinessAccount",
        visible=waba_fields(call.state, call.world.settings.app_id),
        default=("id", "name"),
    )


def _owner(state: MetaState, waba: Node) -> Node:
    business = state.businesses[waba["business_id"]]
    return {"id": business["id"], "name": business["name"]}


def _subscriptions(waba: Node, app_id: str) -> list[Node]:
    if not waba["subscribed"]:
        return []
    link = f"https://apps.example/{app_id}"
    row: Node = {"whatsapp_business_api_data": {"id": app_id, "name": "Partner app", "link": link}}
    if waba["override_callback_uri"]:
        row["override_callback_uri"] = waba["override_callback_uri"]
    return [row]


def _short_phones(state: MetaState, waba: Node) -> list[Node]:
    names = ("id", "display_phone_number", "verified_name", "quality_rating")
    return [{name: phone[name] for name in names} for phone in state.phones_of(waba["id"])]


def _short_templates(state: MetaState, waba: Node) -> list[Node]:
    names = ("id", "name", "language", "status", "category")
    return [{name: item[name] for name in names} for item in state.templates_of(waba["id"])]


TABLE: Table = {
    ("GET", "waba", ""): read_waba,
    ("POST", "waba", ""): change_waba,
    ("GET", "waba", "subscribed_apps"): list_subscriptions,
    ("POST", "waba", "subscribed_apps"): subscribe,
    ("DELETE", "waba", "subscribed_apps"): unsubscribe,
    ("GET", "waba", "assigned_users"): list_users,
    ("POST", "waba", "assigned_users"): assign_user,
    ("DELETE", "waba", "assigned_users"): remove_user,
    ("GET", "waba", "activities"): list_activities,
}
