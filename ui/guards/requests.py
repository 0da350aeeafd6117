"""Each request has an id and leaves one line in the log: who was slow, what failed, and when.

Outermost of all, so that refusals of the other guards are told of as well. The line names the
route's template and never the address: ids of people and secrets of links stand in addresses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import structlog
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.request_id import is_request_id, new_request_id, serving
from core.settings import Settings
from ui.guards.hosts import is_in

log = structlog.get_logger()

HEADER = b"x-request-id"
# Under this key of the scope; guards further in copy the scope, but never this.
REQUEST = "hub.request"
NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked every few seconds by machines: their lines would bury all others.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
# Scripts, styles and pictures: dozens for each page.
ASSETS = "assets"
_FILES = (ASSETS, "/_nicegui/")
_FAILED = 500


@dataclass(slots=True, kw_only=True)
class Asked:
    """What became of one request so far."""

    id: str
    method: str
    peer: str  # who is at the other end of the connection, whatever the headers say
    was_forwarded: bool
    route: str = NO_ROUTE
    status: int = 0
    seconds: float = 0.0


Count = Callable[[Asked], None]


class Requests:
    """ASGI middleware around all others; `count` hears of each request that ended."""

    def __init__(self, app: ASGIApp, settings: Settings, count: Count) -> None:
        self._app = app
        self._count = count
        self._proxies = [ip_network(proxy, strict=False) for proxy in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = scope[REQUEST] = self._asked(scope)

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                asked.status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, asked.id.encode())]
            await send(message)

        with serving(asked.id):
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._serve(scope, receive, with_id, asked)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, asked: Asked) -> None:
        began = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        finally:
            # Nothing was answered: it failed on the way, or the browser has left.
            asked.status = asked.status or _FAILED
            asked.seconds = time.perf_counter() - began
            self._count(asked)
            _tell(asked)

    def _asked(self, scope: Scope) -> Asked:
        headers = dict(scope["headers"])
        peer = (scope.get("client") or ("",))[0]
        told = headers.get(HEADER, b"").decode("latin-1")
        is_told = is_request_id(told) and self._is_believed(peer)
        method = scope.get("method", "GET")
        return Asked(
            id=told if is_told else new_request_id(),
            method=method if method in _METHODS else "OTHER",
            peer=peer,
            was_forwarded=was_forwarded(headers),
        )

    def _is_believed(self, peer: str) -> bool:
        """A stranger could give many requests one id, and hide among them."""
        return is_in(peer, self._proxies)


class RouteNoted:
    """ASGI middleware inside all others: by now the router has said which route it was."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if (asked := asked_by(scope)) is not None and asked.route == NO_ROUTE:
                asked.route = template_of(scope)


def was_forwarded(names: Iterable[bytes]) -> bool:
    """Whether the headers of these names say that somebody else asked."""
    return any(name == b"forwarded" or name.startswith(b"x-forwarded") for name in names)


def asked_by(scope: Scope) -> Asked | None:
    """What is known of the request; None where it came in by another way than the guards."""
    asked = scope.get(REQUEST)
    return asked if isinstance(asked, Asked) else None


def template_of(scope: Scope) -> str:
    """The route's own text, such as `/api/v2/partners/{partner_id}`; of a mount, where it hangs.

    Never longer or of more kinds than the hub has routes, whatever was asked for.
    """
    route: Any = scope.get("route")
    base = scope.get("root_path", "")
    if route is None or isinstance(route, Mount):
        return base or NO_ROUTE
    return f"{base}{route.path}"


def _tell(asked: Asked) -> None:
    is_file = asked.method == "GET" and asked.route.startswith(_FILES)
    if (is_file or asked.route in _QUIET) and asked.status < _FAILED:
        return
    log.info(
        "request",
        method=asked.method,
        route=asked.route,
        status=asked.status,
        ms=round(asked.seconds * 1000, 1),
    )
