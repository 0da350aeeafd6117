"""Notes for each request where it comes from, before anything acts on it.

Inside the host guard: the address is the browser's own by then, as told by a configured proxy or
by the connection, never by a header that anybody may write.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from core.origin import Whence, coming_from


class Origins:
    """ASGI middleware; sockets keep their origin for as long as they are open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        with coming_from(whence_of(scope)):
            await self._app(scope, receive, send)


def whence_of(scope: Scope) -> Whence:
    """From a scope that the host guard has passed on."""
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    told = agents[0].decode("latin-1") if agents else ""
    return Whence(
        address=(scope.get("client") or ("",))[0],
        agent="".join(char for char in told if char.isprintable()),
    )
