"""Money on its way back: whole or in parts, at once, later, or failing later."""

from sandbox.payments.attempts import kind_of
from sandbox.payments.errors import StripeError, invalid
from sandbox.payments.forms import known, required, whole
from sandbox.payments.state import listed
from sandbox.payments.values import Node, new_id
from sandbox.payments.world import PaymentsWorld

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create_refund(world: PaymentsWorld, params: Node) -> Node:
    known(params, ("payment_intent", "charge", "amount", "reason", "metadata"))
    charge = _charge_of(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = whole(params, "amount") if "amount" in params else left
    if params.get("reason") not in (None, *_REASONS):
        raise invalid("Invalid reason.", param="reason")
    if not left:
        raise invalid("The charge has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            param="amount",
        )
    status = _next_status(world, charge)
    refund = world.state.add(
        {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": world.now,
            "currency": charge["currency"],
            "failure_reason": "declined" if status == "failed" else None,
            "metadata": params.get("metadata") or {},
            "payment_intent": charge["payment_intent"],
            "reason": params.get("reason"),
            "status": status,
        }
    )
    world.tell("refund.created", refund)
    if status != "failed":
        _count(charge, amount)
        world.tell("charge.refunded", charge)
    return refund


def read_refund(world: PaymentsWorld, params: Node, refund_id: str) -> Node:
    known(params, ())
    return world.state.find(refund_id, "re")


def list_refunds(world: PaymentsWorld, params: Node) -> Node:
    known(params, ("payment_intent", "charge", "limit", "starting_after"))
    wanted = [
        refund
        for refund in world.state.all("re")
        if refund["payment_intent"] == params.get("payment_intent", refund["payment_intent"])
        and refund["charge"] == params.get("charge", refund["charge"])
    ]
    return listed(wanted, "/v1/refunds", 100)


def finish_refund(world: PaymentsWorld, refund: Node, *, succeeded: bool) -> None:
    """A refund ends; one that fails gives the amount back to the charge."""
    refund["status"] = "succeeded" if succeeded else "failed"
    if not succeeded:
        refund["failure_reason"] = "declined"
        _count(world.state.find(refund["charge"], "ch"), -refund["amount"])
    world.tell("refund.updated" if succeeded else "refund.failed", refund)


def _charge_of(world: PaymentsWorld, params: Node) -> Node:
    if "charge" in params:
        charge = world.state.find(required(params, "charge"), "ch")
    else:
        intent = world.state.find(required(params, "payment_intent"), "pi")
        if intent["status"] != "succeeded":
            raise StripeError(
                400,
                "invalid_request_error",
                "This PaymentIntent does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
            )
        charge = world.state.find(intent["latest_charge"], "ch")
    if charge["disputed"]:
        raise invalid("The charge has been charged back.", code="charge_disputed")
    return charge


def _next_status(world: PaymentsWorld, charge: Node) -> str:
    if world.switches.refunds:
        return world.switches.refunds.popleft()
    kind = kind_of(world, charge["payment_method"])
    return "pending" if kind.refund == "pending" else "succeeded"


def _count(charge: Node, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
