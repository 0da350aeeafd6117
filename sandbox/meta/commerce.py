"""A number's catalogue and cart: shown to people or not; nothing before it is set once."""

from sandbox.meta.errors import bad_parameter
from sandbox.meta.graph import Call, Table
from sandbox.meta.state import new_id
from sandbox.meta.values import Node

_FLAGS = ("is_cart_enabled", "is_catalog_visible")


def read_commerce(call: Call) -> Node:
    """`GET whatsapp_commerce_settings`."""
    settings = call.node.get("commerce_settings")
    return {"data": [settings] if settings else []}


def change_commerce(call: Call) -> Node:
    """`POST whatsapp_commerce_settings`: the flags given; the catalogue is hidden at first."""
    given = {name: _flag(call, name) for name in _FLAGS if name in call.params}
    if not given:
        raise bad_parameter("One of is_cart_enabled and is_catalog_visible is required.")
    new: Node = {"id": new_id(), "is_cart_enabled": True, "is_catalog_visible": False}
    call.node["commerce_settings"] = (call.node.get("commerce_settings") or new) | given
    return {"success": True}


def _flag(call: Call, name: str) -> bool:
    text = str(call.params[name]).lower()
    if text not in ("true", "false"):
        raise bad_parameter(f"Param {name} must be a boolean")
    return text == "true"


TABLE: Table = {
    ("GET", "phone", "whatsapp_commerce_settings"): read_commerce,
    ("POST", "phone", "whatsapp_commerce_settings"): change_commerce,
}
