"""Idempotency keys: the same act told twice is done once, for 24 hours.

Source: https://docs.stripe.com/api/idempotent_requests
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.payments.errors import StripeError
from sandbox.payments.values import Clock, Node

_KEPT_FOR = timedelta(hours=24)


@dataclass
class KeptAnswer:
    """What was asked under a key, and how it was answered once that is known."""

    asked: tuple[str, str, str]  # method, path, parameters
    at: datetime
    status: int = 0  # 0 while the work is under way
    body: Node | None = None


class Keys:
    """All keys that are remembered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, KeptAnswer] = {}

    def begin(self, key: str, asked: tuple[str, str, str]) -> KeptAnswer | None:
        """The answer to give again; None when the work is to be done now.

        Raises Stripe's errors for a key that belongs to another act or to one under way.
        """
        kept = self._kept.get(key)
        if kept is None or self._clock.now() - kept.at >= _KEPT_FOR:
            self._kept[key] = KeptAnswer(asked, self._clock.now())
            return None
        if kept.asked != asked:
            raise StripeError(
                400,
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters they were"
                " first used with.",
            )
        if not kept.status:
            raise StripeError(
                409,
                "idempotency_error",
                "There is currently another in-progress request using this key.",
                code="idempotency_key_in_use",
            )
        return kept

    def end(self, key: str, status: int, body: Node) -> None:
        """From now on the key answers with this."""
        kept = self._kept.get(key)
        if kept is not None:
            kept.status, kept.body = status, body

    def forget(self, key: str) -> None:
        """The work never began: the key is free."""
        self._kept.pop(key, None)
