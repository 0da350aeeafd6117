"""Webhooks: Stripe's own verification over the raw bytes, judged by the hub's clock.

The SDK compares with the machine's time; the hub's may be moved, so the age is looked at here.
Source: https://docs.stripe.com/webhooks/signature
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import stripe

from core.billing.payments.port import BadSignature, ProviderEvent
from core.gateways.stripe_reading import event_of

_GOOD_FOR = timedelta(minutes=5)


def verified_event(body: bytes, signature: str, secret: str, now: datetime) -> ProviderEvent:
    """The event; raises BadSignature unless it was signed with the secret within five minutes."""
    moment = _moment(signature)
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise BadSignature("not the provider's signature") from error
    if abs(now - moment) > _GOOD_FOR:
        raise BadSignature("too old")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadSignature("not an event") from error
    if not isinstance(told, dict):
        raise BadSignature("not an event")
    return event_of(told)


def _moment(signature: str) -> datetime:
    """When it was signed. Exactly one time, so that nobody judges one and signs another."""
    times = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    # The comparison of signatures takes ASCII only.
    if len(times) != 1 or not signature.isascii() or not times[0].isdigit():
        raise BadSignature("no time in the signature")
    try:
        return datetime.fromtimestamp(int(times[0]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignature("no time in the signature") from error
