"""Events and their signature.

Source: https://docs.stripe.com/webhooks (the scheme `t=…,v1=…` over `t.body`).
"""

import copy
import hashlib
import hmac
import json

from sandbox.payments.values import Node, new_id

API_VERSION = "2026-10-28.endive"


def new_event(type_: str, about: Node, created: int, previous: Node | None = None) -> Node:
    """A snapshot of the object as it is at this moment."""
    data: Node = {"object": copy.deepcopy(about)}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": type_,
    }


def encode(event: Node) -> bytes:
    """The body as it is sent and signed."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def signature(secret: str, body: bytes, moment: int) -> str:
    """The header `Stripe-Signature`."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"
