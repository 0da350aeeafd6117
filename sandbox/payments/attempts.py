"""One try to charge a card: succeeded, declined, the holder is asked, or under way."""

import copy
from dataclasses import dataclass

from sandbox.payments.cards import BY_NUMBER, CardKind, declined
from sandbox.payments.errors import StripeError
from sandbox.payments.switches import Outcome
from sandbox.payments.values import Node, new_id
from sandbox.payments.world import PaymentsWorld

_NOT_AUTHENTICATED = "payment_intent_authentication_failure"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How the holder takes part."""

    off_session: bool
    return_url: str


def attempt(world: PaymentsWorld, intent: Node, how: Attempt) -> Node:
    """The intent after the try; raises Stripe's card error when it was declined."""
    card_id = intent["payment_method"]
    kind = kind_of(world, card_id)
    switches = world.switches
    outcome = switches.outcomes.popleft() if switches.outcomes else Outcome()
    if outcome.decline_code or card_id in world.state.card_declines:
        raise _decline(
            world, intent, world.state.card_declines.get(card_id) or outcome.decline_code
        )
    asked_before = (intent["last_payment_error"] or {}).get("code") == "authentication_required"
    if outcome.action or kind.asks == "always" or asked_before:
        return _ask(world, intent, how)
    if outcome.processing:
        return _process(world, intent)
    return _charge(world, intent, kind)


def authenticated(world: PaymentsWorld, intent: Node, *, approved: bool) -> None:
    """The holder has answered; what follows is told by the intent and the webhooks."""
    intent["next_action"] = None
    if not approved:
        _fail(world, intent, _authentication_failed())
        return
    try:
        _charge(world, intent, kind_of(world, intent["payment_method"]))
    except StripeError:
        return  # the intent keeps it as its last error


def settle(world: PaymentsWorld, intent: Node, *, succeeded: bool) -> None:
    """The end of a payment that was under way."""
    if succeeded:
        _succeed(world, intent, kind_of(world, intent["payment_method"]))
    else:
        _fail(world, intent, declined("generic_decline"))


def kind_of(world: PaymentsWorld, card_id: str) -> CardKind:
    """What the published number behind a saved card does."""
    return BY_NUMBER[world.state.numbers[card_id]]


def _charge(world: PaymentsWorld, intent: Node, kind: CardKind) -> Node:
    if kind.charge_decline:
        raise _decline(world, intent, kind.charge_decline)
    return _succeed(world, intent, kind)


def _succeed(world: PaymentsWorld, intent: Node, kind: CardKind) -> Node:
    charge = _new_charge(world, intent, "succeeded")
    intent.update(
        status="succeeded",
        latest_charge=charge["id"],
        amount_received=intent["amount"],
        last_payment_error=None,
        next_action=None,
    )
    world.tell("charge.succeeded", charge)
    world.tell("payment_intent.succeeded", intent)
    if kind.dispute:
        open_dispute(world, charge, kind.dispute)
    return intent


def _ask(world: PaymentsWorld, intent: Node, how: Attempt) -> Node:
    if how.off_session:
        raise _decline(world, intent, "authentication_required")
    url = f"{world.settings.public_url}/payments/challenge/{intent['id']}"
    redirect = {"url": url, "return_url": how.return_url}
    intent.update(
        status="requires_action",
        last_payment_error=None,
        next_action={"type": "redirect_to_url", "redirect_to_url": redirect},
    )
    world.tell("payment_intent.requires_action", intent)
    return intent


def _process(world: PaymentsWorld, intent: Node) -> Node:
    intent.update(status="processing", last_payment_error=None)
    world.tell("payment_intent.processing", intent)
    return intent


def _decline(world: PaymentsWorld, intent: Node, code: str) -> StripeError:
    charge = _new_charge(world, intent, "failed") | {"failure_code": code}
    world.state.add(charge)
    intent["latest_charge"] = charge["id"]
    refusal = declined(code, charge=charge["id"])
    _fail(world, intent, refusal)
    return declined(code, charge=charge["id"], payment_intent=copy.deepcopy(intent))


def _fail(world: PaymentsWorld, intent: Node, refusal: StripeError) -> None:
    card = world.state.objects.get(intent["payment_method"])
    intent.update(
        status="requires_payment_method",
        # Stripe takes the card off; the error still shows which one it was.
        payment_method=None,
        next_action=None,
        last_payment_error=refusal.error | {"payment_method": copy.deepcopy(card)},
    )
    world.tell("payment_intent.payment_failed", intent)


def _authentication_failed() -> StripeError:
    return StripeError(
        402,
        "invalid_request_error",
        "The provided PaymentMethod has failed authentication.",
        code=_NOT_AUTHENTICATED,
    )


def _new_charge(world: PaymentsWorld, intent: Node, status: str) -> Node:
    return world.state.add(
        {
            "id": new_id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_refunded": 0,
            "captured": status == "succeeded",
            "created": world.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_code": None,
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"],
            "refunded": False,
            "status": status,
        }
    )


def open_dispute(world: PaymentsWorld, charge: Node, reason: str) -> Node:
    """The holder asks the money back at the bank."""
    charge["disputed"] = True
    dispute = world.state.add(
        {
            "id": new_id("du"),
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge["id"],
            "created": world.now,
            "currency": charge["currency"],
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        }
    )
    world.tell("charge.dispute.created", dispute)
    return dispute


def close_dispute(world: PaymentsWorld, dispute: Node, *, won: bool) -> None:
    """The bank has decided."""
    dispute["status"] = "won" if won else "lost"
    world.tell("charge.dispute.closed", dispute)
