"""Checkout in setup mode: a hosted page saves a card, with the holder's confirmation if asked.

Source: https://docs.stripe.com/payments/save-and-reuse?platform=checkout
"""

from sandbox.payments.cards import BY_NUMBER, CardKind, declined, new_card
from sandbox.payments.errors import StripeError, invalid
from sandbox.payments.forms import known, required
from sandbox.payments.values import Node, new_id
from sandbox.payments.world import PaymentsWorld

_OPEN_FOR = 24 * 60 * 60  # seconds
_CREATE = (
    "mode",
    "customer",
    "currency",
    "success_url",
    "cancel_url",
    "payment_method_types",
    "locale",
    "metadata",
    "client_reference_id",
)


def create_session(world: PaymentsWorld, params: Node) -> Node:
    known(params, _CREATE)
    if required(params, "mode") != "setup":
        raise invalid("This sandbox knows mode `setup` only.", param="mode")
    customer = world.state.find(required(params, "customer"), "cus")
    required(params, "success_url")
    setup = world.state.add(_new_setup(world, customer["id"]))
    session_id = new_id("cs_test")
    return world.state.add(
        {
            "id": session_id,
            "object": "checkout.session",
            "mode": "setup",
            "status": "open",
            "payment_status": "no_payment_required",
            "created": world.now,
            "expires_at": world.now + _OPEN_FOR,
            "currency": params.get("currency"),
            "customer": customer["id"],
            "client_reference_id": params.get("client_reference_id"),
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "payment_method_types": ["card"],
            "setup_intent": setup["id"],
            "success_url": params["success_url"],
            "cancel_url": params.get("cancel_url"),
            "url": f"{world.settings.public_url}/payments/card/{session_id}",
        }
    )


def read_session(world: PaymentsWorld, params: Node, session_id: str) -> Node:
    known(params, ())
    return current_session(world, session_id)


def expire_session(world: PaymentsWorld, params: Node, session_id: str) -> Node:
    known(params, ())
    session = current_session(world, session_id)
    if session["status"] != "open":
        raise invalid("Only Checkout Sessions with a status of `open` can be expired.")
    _expire(world, session)
    return session


def read_setup(world: PaymentsWorld, params: Node, setup_id: str) -> Node:
    known(params, ("client_secret",))
    return world.state.find(setup_id, "seti")


def current_session(world: PaymentsWorld, session_id: str) -> Node:
    """The session as it stands by the clock; one that is too old has expired."""
    session = world.state.find(session_id, "cs")
    if session["status"] == "open" and world.now >= session["expires_at"]:
        _expire(world, session)
    return session


def enter_card(
    world: PaymentsWorld, session: Node, *, number: str, exp_month: int, exp_year: int
) -> Node:
    """The setup intent after the holder has entered a card; raises the card error of a decline."""
    setup = world.state.find(session["setup_intent"], "seti")
    kind = _kind(number)
    if kind.setup_decline:
        refusal = declined(kind.setup_decline)
        setup["last_setup_error"] = refusal.error
        world.tell("setup_intent.setup_failed", setup)
        raise refusal
    card = world.state.add(
        new_card(kind, exp_month=exp_month, exp_year=exp_year, created=world.now)
    )
    world.state.numbers[card["id"]] = kind.number
    setup["payment_method"] = card["id"]
    if kind.asks:
        setup["status"] = "requires_action"
        return setup
    return complete(world, session)


def complete(world: PaymentsWorld, session: Node) -> Node:
    """The card is the customer's from now on."""
    setup = world.state.find(session["setup_intent"], "seti")
    card = world.state.find(setup["payment_method"], "pm")
    card["customer"] = session["customer"]
    setup.update(status="succeeded", last_setup_error=None)
    session.update(status="complete", url=None)
    world.tell("payment_method.attached", card)
    world.tell("setup_intent.succeeded", setup)
    world.tell("checkout.session.completed", session)
    return setup


def refuse(world: PaymentsWorld, session: Node) -> None:
    """The holder failed the check: another card may be entered."""
    setup = world.state.find(session["setup_intent"], "seti")
    refusal = StripeError(
        402,
        "invalid_request_error",
        "The provided PaymentMethod has failed authentication.",
        code="setup_intent_authentication_failure",
    )
    setup.update(
        status="requires_payment_method", payment_method=None, last_setup_error=refusal.error
    )
    world.tell("setup_intent.setup_failed", setup)


def _kind(number: str) -> CardKind:
    digits = "".join(sign for sign in number if sign.isdigit())
    if digits not in BY_NUMBER:
        raise StripeError(
            402,
            "card_error",
            "This is not one of the test cards. Real cards have no business here.",
            code="card_declined",
            decline_code="test_mode_live_card",
        )
    return BY_NUMBER[digits]


def _expire(world: PaymentsWorld, session: Node) -> None:
    session.update(status="expired", url=None)
    world.tell("checkout.session.expired", session)


def _new_setup(world: PaymentsWorld, customer_id: str) -> Node:
    return {
        "id": new_id("seti"),
        "object": "setup_intent",
        "created": world.now,
        "customer": customer_id,
        "last_setup_error": None,
        "livemode": False,
        "metadata": {},
        "payment_method": None,
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }
