"""How often one address may change something without being asked for a key: 429 beyond that.

Counted per process and address, for everything that is posted to pages. What programs post has
limits of its own: Meta's webhooks are signed, the partner API counts by key, sockets count frames.
"""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from ui.guards.answers import refuse_for_now

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_COUNTED_ELSEWHERE = ("/webhooks/", "/api/", "/v1/partners/", "/_nicegui_ws/")
_NOBODY = "unknown"
_WAIT = 60  # seconds: the window


class Rate:
    """So many a minute from one address."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def allows(self, address: str) -> bool:
        """Counts this one; False when it is one too many."""
        return self._limiter.hit(self._limit, address or _NOBODY)


class PublicRates:
    """ASGI middleware, inside the host guard: it knows the client's address by then."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._rate = Rate(settings.public_writes_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_public_write(scope) or self._rate.allows((scope.get("client") or ("",))[0]):
            await self._app(scope, receive, send)
            return
        await refuse_for_now(scope, receive, send, _WAIT)


def is_public_write(scope: Scope) -> bool:
    """True for a request to one of our pages that may change something."""
    if scope["type"] != "http" or scope["method"] not in _CHANGING:
        return False
    return not scope["path"].startswith(_COUNTED_ELSEWHERE)
