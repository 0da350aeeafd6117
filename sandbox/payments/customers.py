"""Customers and their saved cards."""

from sandbox.payments.errors import invalid
from sandbox.payments.forms import known, required
from sandbox.payments.state import listed
from sandbox.payments.values import Node, new_id
from sandbox.payments.world import PaymentsWorld

_MOST = 100


def create_customer(world: PaymentsWorld, params: Node) -> Node:
    known(params, ("name", "email", "metadata", "description", "phone", "address"))
    return world.state.add(
        {
            "id": new_id("cus"),
            "object": "customer",
            "created": world.now,
            "livemode": False,
            "name": params.get("name"),
            "email": params.get("email"),
            "description": params.get("description"),
            "metadata": params.get("metadata") or {},
        }
    )


def read_customer(world: PaymentsWorld, params: Node, customer_id: str) -> Node:
    known(params, ())
    return world.state.find(customer_id, "cus")


def read_card(world: PaymentsWorld, params: Node, card_id: str) -> Node:
    known(params, ())
    return world.state.find(card_id, "pm")


def list_cards(world: PaymentsWorld, params: Node) -> Node:
    known(params, ("customer", "type", "limit", "starting_after"))
    return _page_of_cards(world, params, required(params, "customer"), "/v1/payment_methods")


def list_customer_cards(world: PaymentsWorld, params: Node, customer_id: str) -> Node:
    known(params, ("type", "limit", "starting_after"))
    return _page_of_cards(
        world, params, customer_id, f"/v1/customers/{customer_id}/payment_methods"
    )


def detach_card(world: PaymentsWorld, params: Node, card_id: str) -> Node:
    """The card belongs to nobody and cannot be charged any more."""
    known(params, ())
    card = world.state.find(card_id, "pm")
    owner = card["customer"]
    if owner is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    card["customer"] = None
    world.tell("payment_method.detached", card, previous={"customer": owner})
    return card


def usable_card(world: PaymentsWorld, card_id: str, customer_id: str | None) -> Node:
    """The card, when it is this customer's; raises Stripe's error otherwise."""
    card = world.state.find(card_id, "pm")
    if card["customer"] is None or card["customer"] != customer_id:
        raise invalid(
            "The provided PaymentMethod cannot be used: it does not belong to the Customer you"
            " supplied.",
            param="payment_method",
        )
    return card


def _page_of_cards(world: PaymentsWorld, params: Node, customer_id: str, url: str) -> Node:
    world.state.find(customer_id, "cus")
    rows = [card for card in world.state.all("pm") if card["customer"] == customer_id]
    after = params.get("starting_after")
    if after:
        ids = [card["id"] for card in rows]
        rows = rows[ids.index(after) + 1 :] if after in ids else []
    limit = str(params.get("limit") or "10")
    return listed(rows, url, min(int(limit) if limit.isdigit() else 10, _MOST))
