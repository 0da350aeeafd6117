"""Stripe's objects, as plain JSON, in the port's words; unknown values are kept, never a crash."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.billing.payments.port import (
    CardFacts,
    CardPage,
    Charge,
    ChargeStatus,
    ProviderEvent,
    Refund,
)
from core.money import MICROS, Money, minor_units

Json = dict[str, Any]

# The holder's bank asks for a confirmation that an absent holder cannot give.
NEEDS_HOLDER = "authentication_required"
# Begun and never tried: no money has moved, and a try is safe.
NOT_TRIED = "not_attempted"
_REFUNDS = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
_FACTS = ("status", "reason", "amount", "currency", "failure_reason")


def charge_of(intent: Json) -> Charge:
    """A PaymentIntent, with its newest charge expanded where refunds and disputes matter."""
    error = _object(intent.get("last_payment_error"))
    code = _text(error.get("decline_code")) or _text(error.get("code"))
    status = _status(_text(intent.get("status")), code)
    if intent.get("status") == "requires_confirmation":
        code = NOT_TRIED
    newest = _object(intent.get("latest_charge"))
    return Charge(
        id=_text(intent.get("id")),
        status=status,
        amount=money(intent.get("amount"), intent.get("currency")),
        reference=_text(_object(intent.get("metadata")).get("reference")),
        card_id=_id(intent.get("payment_method")) or _id(error.get("payment_method")),
        decline_code=code if status is ChargeStatus.DECLINED else "",
        action_url=_action_url(intent),
        refunded=_refunded(newest),
        disputed=newest.get("disputed") is True,
    )


def card_of(method: Json) -> CardFacts:
    """A payment method of type card."""
    card = _object(method.get("card"))
    return CardFacts(
        id=_text(method.get("id")),
        brand=_text(card.get("brand")),
        last4=_text(card.get("last4")),
        exp_month=int(card.get("exp_month") or 0),
        exp_year=int(card.get("exp_year") or 0),
        country=_text(card.get("country")),
        fingerprint=_text(card.get("fingerprint")),
    )


def page_of(session: Json) -> CardPage:
    """A Checkout Session with its setup intent expanded."""
    setup = _object(session.get("setup_intent"))
    refusal = _object(setup.get("last_setup_error"))
    is_complete = session.get("status") == "complete"
    return CardPage(
        id=_text(session.get("id")),
        url=_text(session.get("url")),
        is_complete=is_complete,
        card_id=_id(setup.get("payment_method")) if is_complete else "",
        is_over=session.get("status") in ("complete", "expired"),
        decline_code=_text(refusal.get("decline_code") or refusal.get("code")),
    )


def refund_of(refund: Json) -> Refund:
    """`requires_action` and words that are new count as pending: the money is not back yet."""
    return Refund(
        id=_text(refund.get("id")),
        charge_id=_id(refund.get("payment_intent")),
        amount=money(refund.get("amount"), refund.get("currency")),
        status=_REFUNDS.get(_text(refund.get("status")), "pending"),
        reference=_text(_object(refund.get("metadata")).get("key")),
    )


def event_of(event: Json) -> ProviderEvent:
    """A webhook's body. Whatever belongs to a payment is about its PaymentIntent."""
    data = _object(event.get("data"))
    about = _object(data.get("object"))
    before = _object(data.get("previous_attributes"))
    error = _object(about.get("last_payment_error"))
    facts = {name: str(about[name]) for name in _FACTS if about.get(name) is not None}
    if code := _text(error.get("decline_code")) or _text(error.get("code")):
        facts["decline_code"] = code
    if about.get("object") == "refund":
        facts |= {"refund": _text(about.get("id")), "status": refund_of(about).status}
    return ProviderEvent(
        id=_text(event.get("id")),
        type=_text(event.get("type")),
        object_id=_id(about.get("payment_intent")) or _text(about.get("id")),
        created=datetime.fromtimestamp(int(event.get("created") or 0), UTC),
        customer_id=_id(about.get("customer")) or _id(before.get("customer")),
        reference=_text(_object(about.get("metadata")).get("reference")),
        facts=facts,
    )


def money(minor: object, currency: object) -> Money:
    """Whole minor units of an answer, such as 1250 and `eur`."""
    code = _text(currency).upper()
    cents = minor if isinstance(minor, int) else 0
    return Money(cents * (MICROS // minor_units(code)), code)


def _status(word: str, code: str) -> ChargeStatus:
    if word == "requires_payment_method" and code == NEEDS_HOLDER:
        return ChargeStatus.ACTION_REQUIRED
    known = {
        "succeeded": ChargeStatus.SUCCEEDED,
        "requires_action": ChargeStatus.ACTION_REQUIRED,
        "requires_payment_method": ChargeStatus.DECLINED,
        "requires_confirmation": ChargeStatus.DECLINED,
        "canceled": ChargeStatus.CANCELLED,
    }
    # A word that Stripe may add one day: wait for what comes of it.
    return known.get(word, ChargeStatus.PROCESSING)


def _action_url(intent: Json) -> str:
    if intent.get("status") != "requires_action":
        return ""
    redirect = _object(_object(intent.get("next_action")).get("redirect_to_url"))
    return _text(redirect.get("url"))


def _refunded(charge: Json) -> Money | None:
    if not charge.get("amount_refunded"):
        return None
    return money(charge["amount_refunded"], charge.get("currency"))


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id(value: object) -> str:
    """A reference, expanded or not."""
    return _text(value) or _text(_object(value).get("id"))
