"""NiceGUI's websocket, made to ask who is there.

As shipped it takes any origin, needs no cookie and lets a socket that never shook hands fire
another page's button. Here a socket speaks only for the page whose browser it comes from.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from nicegui import core
from nicegui.client import Client
from socketio.exceptions import (  # type: ignore[import-untyped]
    ConnectionRefusedError as SocketRefusedError,
)
from starlette.requests import cookie_parser

from core.request_id import new_request_id, serving
from core.settings import Settings
from ui.guards.browsers import browser_of
from ui.guards.frames import is_ack, is_binary, is_event, is_handshake, is_javascript_response
from ui.guards.transports import ABORT
from ui.sessions import OpenPages

log = structlog.get_logger()

Handler = Callable[..., Any]

# A real page never sends one; a deploy in between may cause a few.
MOST_MALFORMED = 10
# Kept with the connection: a socket that connects anew within it has none of its own.
_MALFORMED = "hub.malformed"

# As shipped; taken once, so that installing again does not wrap the wrapped.
_accept_handshake = Client.accept_handshake
_handlers: dict[str, Handler] = dict(core.sio.handlers["/"])
_on_message = core.sio.eio.handlers["message"]


class SocketGuard:
    """The handlers that take the place of NiceGUI's own."""

    def __init__(self, settings: Settings, pages: OpenPages) -> None:
        self._settings = settings
        self._pages = pages

    def accepts(self, page: Client, environ: dict[str, Any]) -> bool:
        """True if the socket's browser is the one that loaded the page and may still have it."""
        request = page.request
        path = request.url.path
        own = browser_of(path, request.cookies, self._settings)
        theirs = browser_of(path, cookie_parser(environ.get("HTTP_COOKIE", "")), self._settings)
        if not hmac.compare_digest(own.encode(), theirs.encode()):
            return False
        return self._pages.admit(page)

    async def connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Shakes hands within the connection; a query that lacks its parts is refused."""
        if not is_handshake(environ.get("QUERY_STRING", "")):
            raise SocketRefusedError("Implicit handshake failed")
        await _handlers["connect"](sid, environ, auth)

    async def handshake(self, sid: str, message: Any = None) -> bool:
        """For pages that a browser fetched ahead and shows later."""
        if not is_handshake(message):
            await self._count(_connection_of(sid))
            return False
        return bool(await _handlers["handshake"](sid, message))

    async def event(self, sid: str, message: Any = None) -> None:
        if await self._speaks_for(sid, message, is_event(message)):
            self._pages.used(message["client_id"])
            with serving(new_request_id()):
                _handlers["event"](sid, message)

    async def javascript_response(self, sid: str, message: Any = None) -> None:
        if await self._speaks_for(sid, message, is_javascript_response(message)):
            _handlers["javascript_response"](sid, message)

    async def ack(self, sid: str, message: Any = None) -> None:
        if await self._speaks_for(sid, message, is_ack(message)):
            _handlers["ack"](sid, message)

    def log(self, _sid: str, _message: Any = None) -> None:
        """Browsers do not write into our log."""

    def disconnect(self, sid: str, *_reason: Any) -> None:
        _handlers["disconnect"](sid)

    async def message(self, eio_sid: str, data: Any) -> None:
        """One frame; what cannot be read is counted instead of written into the log."""
        try:
            if is_binary(data):
                raise ValueError("NiceGUI's pages send no binary frames")
            await _on_message(eio_sid, data)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            if core.sio.manager.sid_from_eio_sid(eio_sid, "/") is None:
                await _end(eio_sid)
            else:
                await self._count(eio_sid)

    async def _speaks_for(self, sid: str, message: Any, is_well_formed: bool) -> bool:
        if is_well_formed and message["client_id"] in core.sio.rooms(sid):
            return True
        await self._count(_connection_of(sid))
        return False

    async def _count(self, eio_sid: str | None) -> None:
        environ = core.sio.environ.get(eio_sid)
        if environ is None:
            return  # gone already
        environ[_MALFORMED] = environ.get(_MALFORMED, 0) + 1
        if environ[_MALFORMED] == MOST_MALFORMED:
            log.warning("socket_closed", reason="malformed or foreign frames")
            await _end(eio_sid)


def _connection_of(sid: str) -> str | None:
    found: str | None = core.sio.manager.eio_sid_from_sid(sid, "/")
    return found


async def _end(eio_sid: str | None) -> None:
    """The connection ends at once; one that is no websocket from its start, within its next ping.

    engine.io's own end waits for the other side to close, and reads on for as long as it does not.
    """
    scope = core.sio.environ.get(eio_sid, {}).get("asgi.scope", {})
    abort = scope.get("extensions", {}).get(ABORT)
    if abort is None:
        await core.sio.eio.disconnect(eio_sid)
    else:
        abort()


def allowed_origins(settings: Settings) -> list[str]:
    """Whose pages may open a socket: ours, as browsers reach us, and nobody else's."""
    return [settings.origin]


def guard_sockets(settings: Settings, pages: OpenPages) -> None:
    """NiceGUI's one socket server works for this hub's origin, sessions and pages only."""
    guard = SocketGuard(settings, pages)
    core.sio.eio.cors_allowed_origins = allowed_origins(settings)
    own: dict[str, Callable[..., Any | Awaitable[Any]]] = {
        "connect": guard.connect,
        "handshake": guard.handshake,
        "event": guard.event,
        "javascript_response": guard.javascript_response,
        "ack": guard.ack,
        "log": guard.log,
        "disconnect": guard.disconnect,
    }
    core.sio.handlers["/"].update(own)
    core.sio.eio.handlers["message"] = guard.message

    def accept_handshake(
        page: Client, socket_id: str, tab_id: str, environ: dict[str, Any] | None
    ) -> bool:
        # Without an environment it is NiceGUI's own simulated browser in a test.
        if environ is not None and not guard.accepts(page, environ):
            return False
        return bool(_accept_handshake(page, socket_id, tab_id, environ))

    Client.accept_handshake = accept_handshake  # type: ignore[method-assign,assignment]


def release_sockets() -> None:
    """As NiceGUI ships it; for tests that show what each guard is for."""
    core.sio.eio.cors_allowed_origins = "*"
    core.sio.handlers["/"].update(_handlers)
    core.sio.eio.handlers["message"] = _on_message
    Client.accept_handshake = _accept_handshake  # type: ignore[method-assign]
