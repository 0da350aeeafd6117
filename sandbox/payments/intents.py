"""PaymentIntents: one payment, however many cards are tried; it succeeds at most once.

Source: https://docs.stripe.com/payments/paymentintents/lifecycle
"""

import re

from sandbox.payments.attempts import Attempt, attempt
from sandbox.payments.customers import usable_card
from sandbox.payments.errors import StripeError, invalid
from sandbox.payments.forms import flag, known, required, whole
from sandbox.payments.state import listed
from sandbox.payments.values import Node, new_id
from sandbox.payments.world import PaymentsWorld

_CREATE = (
    "amount",
    "currency",
    "customer",
    "payment_method",
    "payment_method_types",
    "confirm",
    "off_session",
    "description",
    "metadata",
    "return_url",
    "use_stripe_sdk",
    "statement_descriptor_suffix",
)
_LARGEST = 99_999_999  # eight digits, as for most currencies
_BEFORE_A_TRY = ("requires_payment_method", "requires_confirmation")
_OPEN = (*_BEFORE_A_TRY, "requires_action")
_CLAUSE = re.compile(r"""\s*metadata\[(['"])(?P<name>[^'"]+)\1\]\s*:\s*(['"])(?P<value>.*)\3\s*""")


def create_intent(world: PaymentsWorld, params: Node) -> Node:
    known(params, _CREATE)
    intent = _new_intent(world, params)
    if flag(params, "off_session") and not flag(params, "confirm"):
        raise invalid("`off_session` needs `confirm`.", param="off_session")
    world.state.add(intent)
    world.tell("payment_intent.created", intent)
    if flag(params, "confirm"):
        return attempt(world, intent, _try_of(params))
    return intent


def read_intent(world: PaymentsWorld, params: Node, intent_id: str) -> Node:
    known(params, ("client_secret",))
    return world.state.find(intent_id, "pi")


def update_intent(world: PaymentsWorld, params: Node, intent_id: str) -> Node:
    """Another card ends a confirmation that was asked for and starts afresh."""
    known(params, ("payment_method", "description", "metadata"))
    intent = world.state.find(intent_id, "pi")
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "updated")
    if card_id := params.get("payment_method"):
        usable_card(world, card_id, intent["customer"])
        intent.update(payment_method=card_id, status="requires_confirmation", next_action=None)
    intent["description"] = params.get("description", intent["description"])
    intent["metadata"] |= params.get("metadata") or {}
    return intent


def confirm_intent(world: PaymentsWorld, params: Node, intent_id: str) -> Node:
    known(params, ("payment_method", "off_session", "return_url", "use_stripe_sdk"))
    intent = world.state.find(intent_id, "pi")
    if intent["status"] not in _BEFORE_A_TRY:
        raise _unexpected(intent, "confirmed")
    card_id = params.get("payment_method") or intent["payment_method"]
    if not card_id:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            param="payment_method",
        )
    usable_card(world, card_id, intent["customer"])
    intent["payment_method"] = card_id
    return attempt(world, intent, _try_of(params))


def cancel_intent(world: PaymentsWorld, params: Node, intent_id: str) -> Node:
    known(params, ("cancellation_reason",))
    intent = world.state.find(intent_id, "pi")
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "canceled")
    intent.update(status="canceled", canceled_at=world.now, next_action=None)
    world.tell("payment_intent.canceled", intent)
    return intent


def search_intents(world: PaymentsWorld, params: Node) -> Node:
    """Clauses `metadata['name']:'value'`, one of them; nothing else is understood."""
    known(params, ("query", "limit", "page"))
    clause = _CLAUSE.fullmatch(required(params, "query"))
    if clause is None:
        raise invalid("We were unable to parse your search query.", param="query")
    name, value = clause["name"], clause["value"].replace("\\'", "'").replace('\\"', '"')
    rows = [one for one in world.state.all("pi") if one["metadata"].get(name) == value]
    answer = listed(rows, "/v1/payment_intents/search", 100)
    return answer | {"object": "search_result", "next_page": None}


def _new_intent(world: PaymentsWorld, params: Node) -> Node:
    amount = whole(params, "amount")
    if amount > _LARGEST:
        raise invalid(
            "Amount must be no more than 999,999.99.", param="amount", code="amount_too_large"
        )
    currency = required(params, "currency").lower()
    if currency not in ("eur", "usd"):
        raise invalid(f"Invalid currency: {currency}", param="currency")
    customer_id, card_id = params.get("customer"), params.get("payment_method")
    if customer_id:
        world.state.find(customer_id, "cus")
    if card_id:
        usable_card(world, card_id, customer_id)
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_received": 0,
        "canceled_at": None,
        "client_secret": f"{intent_id}_secret_{new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "capture_method": "automatic_async",
        "created": world.now,
        "currency": currency,
        "customer": customer_id,
        "description": params.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "next_action": None,
        "payment_method": card_id,
        "payment_method_types": params.get("payment_method_types") or ["card"],
        "status": "requires_confirmation" if card_id else "requires_payment_method",
    }


def _try_of(params: Node) -> Attempt:
    return Attempt(off_session=flag(params, "off_session"), return_url=params.get("return_url", ""))


def _unexpected(intent: Node, done: str) -> StripeError:
    return StripeError(
        400,
        "invalid_request_error",
        f"This PaymentIntent could not be {done} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=dict(intent),
    )
