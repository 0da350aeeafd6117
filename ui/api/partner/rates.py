"""How often a program may call: by partner, by address at the door, by what is asked for.

Counted per process in memory, as `ui.guards.rates` does for pages.
"""

from __future__ import annotations

import time

from limits import (
    RateLimitItem,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter, RateLimiter

from core.errors import RateLimited
from core.settings import Settings

_HALF_MINUTE = 30


class Rates:
    """One per process; every `count` raises RateLimited with the seconds to wait."""

    def __init__(self, settings: Settings) -> None:
        # Few and dear ones to the moment; the many by a counter that costs nothing.
        self._exact: RateLimiter = MovingWindowRateLimiter(MemoryStorage())
        self._rough: RateLimiter = FixedWindowRateLimiter(MemoryStorage())
        self._calls = RateLimitItemPerMinute(settings.api_calls_per_minute)
        self._logins = RateLimitItemPerMinute(settings.api_logins_per_minute)
        self._wrong = RateLimitItemPerMinute(settings.api_wrong_logins_per_minute)
        self._balance = (
            RateLimitItemPerSecond(settings.api_balance_per_half_minute, _HALF_MINUTE),
            RateLimitItemPerHour(settings.api_balance_per_hour),
        )

    def count_call(self, partner_id: str) -> None:
        """Any call of a partner's programs."""
        if not self._rough.hit(self._calls, "call", partner_id):
            raise _refusal(self._rough, self._calls, "call", partner_id)

    def count_login(self, address: str) -> None:
        """A token login from an address."""
        if not self._rough.hit(self._logins, "login", address):
            raise _refusal(self._rough, self._logins, "login", address)

    def require_few_wrong(self, username: str) -> None:
        """Before a login: not too many wrong ones lately."""
        if not self._exact.test(self._wrong, "wrong", username):
            raise _refusal(self._exact, self._wrong, "wrong", username)

    def count_wrong(self, username: str) -> None:
        """A login that failed."""
        self._exact.hit(self._wrong, "wrong", username)

    def count_balance(self, partner_id: str, subject: str, *, hourly: bool) -> None:
        """A balance call, as 360dialog limits them: all in half a minute, `hourly` channels'."""
        items = self._balance if hourly else self._balance[:1]
        for item in items:
            if not self._exact.test(item, "balance", partner_id, subject):
                raise _refusal(self._exact, item, "balance", partner_id, subject)
        for item in items:
            self._exact.hit(item, "balance", partner_id, subject)


def _refusal(limiter: RateLimiter, item: RateLimitItem, *identifiers: str) -> RateLimited:
    # Windows are counted in the machine's own seconds, whatever the hub's clock says.
    wait = limiter.get_window_stats(item, *identifiers).reset_time - time.time()
    return RateLimited(retry_after=max(1, int(wait) + 1))
