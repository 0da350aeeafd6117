"""Test cards and what each of them does; a real card number is refused and never kept.

Numbers and outcomes are those that Stripe publishes: https://docs.stripe.com/testing
"""

from dataclasses import dataclass

from sandbox.payments.errors import StripeError
from sandbox.payments.values import Node, new_id

# Codes that stand for themselves; every other decline is a `card_declined`.
_OWN_CODES = ("expired_card", "incorrect_cvc", "processing_error")
_MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKind:
    """One published number."""

    number: str
    does: str
    brand: str = "visa"
    country: str = "US"
    setup_decline: str = ""  # already saving it fails
    charge_decline: str = ""
    # Confirmation by the holder: never, when the card is saved, or at every payment.
    asks: str = ""
    dispute: str = ""
    refund: str = "succeeded"  # pending (ends well later) or fails_later


CARDS = (
    CardKind(number="4242424242424242", does="Succeeds"),
    CardKind(number="5555555555554444", does="Succeeds", brand="mastercard"),
    CardKind(number="378282246310005", does="Succeeds", brand="amex"),
    CardKind(number="4000002760000016", does="Succeeds, German card", country="DE"),
    CardKind(number="4000002500003155", does="Asks when it is saved, not later", asks="setup"),
    CardKind(number="4000002760003184", does="Asks at every payment", asks="always"),
    CardKind(
        number="4000008260003178",
        does="Asks at every payment, then too little money",
        asks="always",
        charge_decline="insufficient_funds",
    ),
    CardKind(
        number="4000008400001629",
        does="Asks at every payment, then declined",
        asks="always",
        charge_decline="generic_decline",
    ),
    CardKind(
        number="4000000000000341",
        does="Is saved, every charge is declined",
        charge_decline="generic_decline",
    ),
    CardKind(number="4000000000000002", does="Declined", setup_decline="generic_decline"),
    CardKind(
        number="4000000000009995", does="Too little money", setup_decline="insufficient_funds"
    ),
    CardKind(number="4000000000009987", does="Lost card", setup_decline="lost_card"),
    CardKind(number="4000000000009979", does="Stolen card", setup_decline="stolen_card"),
    CardKind(number="4000000000000069", does="Expired card", setup_decline="expired_card"),
    CardKind(number="4000000000000127", does="Wrong security code", setup_decline="incorrect_cvc"),
    CardKind(number="4000000000000119", does="Processing error", setup_decline="processing_error"),
    CardKind(number="4000000000000259", does="Succeeds, then disputed", dispute="fraudulent"),
    CardKind(number="4000000000007726", does="Refunds take a while", refund="pending"),
    CardKind(number="4000000000005126", does="Refunds fail later", refund="fails_later"),
)
BY_NUMBER = {card.number: card for card in CARDS}


def declined(code: str, *, charge: str | None = None, **about: object) -> StripeError:
    """The 402 that a declined card answers with."""
    return StripeError(
        402,
        "card_error",
        _MESSAGES.get(code, "Your card was declined."),
        code=_code(code),
        decline_code=code,
        charge=charge,
        **about,
    )


def _code(decline_code: str) -> str:
    own = (*_OWN_CODES, "authentication_required")
    return decline_code if decline_code in own else "card_declined"


def new_card(card: CardKind, *, exp_month: int, exp_year: int, created: int) -> Node:
    """A payment method that belongs to nobody yet."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "type": "card",
        "created": created,
        "customer": None,
        "livemode": False,
        "allow_redisplay": "limited",
        "billing_details": {"name": None, "email": None, "address": None, "phone": None},
        "card": {
            "brand": card.brand,
            "country": card.country,
            "exp_month": exp_month,
            "exp_year": exp_year,
            # The same for the same number, and it does not tell the number.
            "fingerprint": f"fp{hash_of(card.number)}",
            "funding": "credit",
            "last4": card.number[-4:],
            "three_d_secure_usage": {"supported": True},
        },
        "metadata": {},
    }


def hash_of(number: str) -> str:
    """A short stand-in for a number; only published numbers come here."""
    return f"{int(number) * 2654435761 % 2**48:012x}"
