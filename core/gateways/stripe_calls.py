"""How the hub asks Stripe: under a key, under the next one, or too late to matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from core.gateways.stripe_errors import UNEXPECTED_STATE, is_final
from core.gateways.stripe_reading import Json

_T = TypeVar("_T")
# Keys tried for one act when Stripe has stored a 5xx under the ones before.
_TURNS = 4


def with_keys(key: str, act: Callable[[str], _T]) -> _T:
    """The act under its key, or under the next one when a 5xx is stored there for a day.

    Right only for acts that cannot do harm twice: each caller says why its own cannot.
    """
    for turn in range(1, _TURNS):
        try:
            return act(key if turn == 1 else f"{key}.{turn}")
        except stripe.APIError as error:
            if not is_final(error):
                raise
    return act(f"{key}.{_TURNS}")


def under(key: str) -> Any:
    """The options of a call under this key."""
    return {"idempotency_key": key}


def unless_moved_on(act: Callable[[], _T]) -> _T | None:
    """None when Stripe refuses because the payment stands elsewhere than the act needs."""
    try:
        return act()
    except stripe.InvalidRequestError as error:
        if error.code != UNEXPECTED_STATE:
            raise
        return None


def plain(found: stripe.StripeObject) -> Json:
    """The object as plain JSON."""
    told: Json = found.to_dict()
    return told
