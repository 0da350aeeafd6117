"""What a test or QA reads: every payment with its tries, cards, refunds and the sums."""

from sandbox.payments.values import Node
from sandbox.payments.world import PaymentsWorld


def summary(world: PaymentsWorld) -> Node:
    """Everything, the newest first; `totals` per currency in minor units."""
    state = world.state
    return {
        "now": world.clock.now().isoformat(),
        "totals": _totals(world),
        "charges": [told_charge(world, intent) for intent in state.all("pi")],
        "cards": [_card(world, card) for card in state.all("pm")],
        "customers": state.all("cus"),
        "refunds": state.all("re"),
        "disputes": state.all("du"),
        "sessions": [
            {key: one[key] for key in ("id", "status", "customer", "url")}
            for one in state.all("cs")
        ],
        "held_webhooks": world.sender.held,
    }


def _totals(world: PaymentsWorld) -> Node:
    """`charged` less `refunded` is what the hub's books must agree with, to the cent."""
    totals: Node = {}
    for charge in world.state.all("ch"):
        sums = totals.setdefault(
            charge["currency"], {"charged": 0, "refunded": 0, "disputed": 0, "count": 0}
        )
        if charge["status"] != "succeeded":
            continue
        sums["charged"] += charge["amount"]
        sums["refunded"] += charge["amount_refunded"]
        sums["disputed"] += charge["amount"] if charge["disputed"] else 0
        sums["count"] += 1
    return totals


def told_charge(world: PaymentsWorld, intent: Node) -> Node:
    """One payment with its tries, the oldest first."""
    tries = [one for one in world.state.all("ch") if one["payment_intent"] == intent["id"]]
    paid = next((one for one in tries if one["status"] == "succeeded"), None)
    error = intent["last_payment_error"] or {}
    action = (intent["next_action"] or {}).get("redirect_to_url", {})
    return {
        "id": intent["id"],
        "status": intent["status"],
        "amount": intent["amount"],
        "currency": intent["currency"],
        "customer": intent["customer"],
        "reference": intent["metadata"].get("reference", ""),
        "description": intent["description"],
        "created": intent["created"],
        "card": intent["payment_method"] or (error.get("payment_method") or {}).get("id"),
        "decline_code": error.get("decline_code") or error.get("code") or "",
        "action_url": action.get("url", ""),
        "refunded": paid["amount_refunded"] if paid else 0,
        "disputed": bool(paid and paid["disputed"]),
        "tries": [
            {
                "id": one["id"],
                "status": one["status"],
                "card": one["payment_method"],
                "failure_code": one["failure_code"],
            }
            for one in reversed(tries)
        ],
    }


def _card(world: PaymentsWorld, card: Node) -> Node:
    facts = card["card"]
    return {
        "id": card["id"],
        "customer": card["customer"],
        "brand": facts["brand"],
        "last4": facts["last4"],
        "expires": f"{facts['exp_year']}-{facts['exp_month']:02d}",
        "number": world.state.numbers[card["id"]],
        "always_declined": world.state.card_declines.get(card["id"], ""),
    }
