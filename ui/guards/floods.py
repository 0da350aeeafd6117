"""How much one address may have open at once, and how many pages it may open in a minute.

Each page that is drawn is kept for a minute even if nobody comes, and each open body or socket
holds memory, too: beyond these numbers the answer is 429, so that memory stays where it is.
"""

from __future__ import annotations

from collections import Counter

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from ui.cookies import session_cookie
from ui.guards.answers import refuse_for_now
from ui.guards.rates import Rate

_WAIT = 60  # seconds; the window that pages are counted in
# A company behind one address has more than its door open.
_OWN_TIMES = 5
# What draws no page, or is counted elsewhere.
_NO_PAGES = (
    *("/_nicegui", "/api/", "/v1/", "/webhooks/", "/logos/", "/favicon"),
    *("/healthz", "/readyz", "/metrics"),
)


class Floods:
    """ASGI middleware, inside the host guard: it knows the client's address by then."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._cookie = session_cookie(settings)
        self._pages = Rate(settings.public_pages_per_minute)
        self._own_pages = Rate(_OWN_TIMES * settings.public_pages_per_minute)
        self._most = {
            "http": settings.requests_at_once_per_address,
            "websocket": settings.sockets_per_address,
        }
        self._open: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind, address = scope["type"], (scope.get("client") or ("",))[0]
        if kind not in self._most:
            await self._app(scope, receive, send)
            return
        if not self._has_room(kind, address) or self._is_one_page_too_many(scope, address):
            await refuse_for_now(scope, receive, send, _WAIT)
            return
        self._open[kind, address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[kind, address] -= 1
            if not self._open[kind, address]:
                del self._open[kind, address]

    def _has_room(self, kind: str, address: str) -> bool:
        return self._open[kind, address] < self._most[kind]

    def _is_one_page_too_many(self, scope: Scope, address: str) -> bool:
        if not is_page(scope):
            return False
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
        # Whether the session is a good one is not looked up for this: hence an end here, too.
        is_own = self._cookie in cookie_parser("; ".join(lines))
        return not (self._own_pages if is_own else self._pages).allows(address)


def is_page(scope: Scope) -> bool:
    """True for an address that may draw a page."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    return not scope["path"].startswith(_NO_PAGES)
