"""Stripe's errors in the port's words: refused for good, not there, or an unknown answer.

Source: https://docs.stripe.com/api/errors
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import stripe
import structlog

from core.billing.payments.port import UNKNOWN_OBJECT, PaymentRefused
from core.errors import HubError, NotFound, Unavailable
from core.gateways.stripe_http import NEVER_SENT

log = structlog.get_logger()

UNREACHABLE = "payment_provider_unreachable"
UNEXPECTED_STATE = "payment_intent_unexpected_state"


@contextmanager
def in_our_words() -> Iterator[None]:
    """Everything that Stripe raises leaves as `PaymentRefused` or `Unavailable`."""
    try:
        yield
    except stripe.StripeError as error:
        raise translated(error) from error


@contextmanager
def none_is_not_found(object_id: str) -> Iterator[None]:
    """For reading by id: what Stripe does not know is `NotFound`."""
    try:
        with in_our_words():
            yield
    except PaymentRefused as refused:
        if refused.code == UNKNOWN_OBJECT:
            raise NotFound(id=object_id) from refused
        raise


def translated(error: stripe.StripeError) -> HubError:
    """`sent` in `about` says whether Stripe may have done it."""
    if isinstance(error, stripe.InvalidRequestError):
        return PaymentRefused(error.user_message or "", code=error.code or "invalid_request")
    if isinstance(error, stripe.IdempotencyError):
        return PaymentRefused(error.user_message or "", code="idempotency_error")
    if isinstance(error, stripe.CardError):
        return PaymentRefused(error.user_message or "", code=error.code or "card_declined")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        # A wrong key is the operator's to mend; what was asked before stays to be asked again.
        log.error("payment_provider_key_refused", status=error.http_status)
        return Unavailable("the key is refused", code=UNREACHABLE, sent=False)
    sent = not isinstance(error.__cause__, NEVER_SENT)
    return Unavailable("the provider did not answer", code=UNREACHABLE, sent=sent)


def is_final(error: stripe.StripeError) -> bool:
    """A stored 5xx: this key will answer the same for a day, and the act under it has ended."""
    status = error.http_status or 0
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and was_replayed(error.headers)


def was_replayed(headers: object) -> bool:
    """Whether the answer was given before, under the same key."""
    found = headers.get("idempotent-replayed") if hasattr(headers, "get") else None
    return found == "true"
