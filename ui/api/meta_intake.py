"""Where Meta posts: signature over raw bytes, body on disk, then 200; a raw ASGI application.

Nothing is parsed before the signature holds and nothing is acted on here. Large and chunked bodies
meet the guards' limit of 3 MiB (Meta's own is 3 MB); the usual post needs none of the layers that
are there for pages, which would cost twice as much as storing it (`bench/intake.py`).
Source: contracts/meta.md section 11.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson
import structlog
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Unavailable
from core.hub import Hub
from core.integration.signatures import is_equal, is_signed_by_meta
from core.settings import Settings
from ui.guards.answers import refuse
from ui.guards.bodies import BODY_SECONDS
from ui.guards.headers import ContentPolicy, headers_for
from ui.guards.hosts import AllowedHosts

log = structlog.get_logger()

# Parsing and hashing more than this takes longer than the event loop may be held (10 ms).
_LOOP_BYTES = 256 * 1024
# Up to 99,999 bytes; a batch of a thousand statuses is larger, and its parsing costs more anyway.
_LENGTH_DIGITS = 5
PATH = "/webhooks/meta"
_TEXT = b"text/plain; charset=utf-8"

Headers = Sequence[tuple[bytes, bytes]]
Count = Callable[[str, int], None]


def _not_counted(_source: str, _status: int) -> None:
    """For an intake whose figures nobody asks for."""


class Store(Protocol):
    """Keeps a body for good; raises Unavailable when it cannot."""

    async def store(self, body: bytes) -> None: ...


def install(store: Store) -> Callable[[FastAPI, Hub], None]:
    """For `ui.app.create_app`, after the guards: in front of them, and of every other route."""

    def put_first(app: FastAPI, hub: Hub) -> None:
        count = hub.operations.meters.intake if hub.operations else _not_counted
        app.router.routes.insert(0, Route(PATH, MetaIntake(hub.settings, store, count=count)))
        build = app.build_middleware_stack
        app.build_middleware_stack = (  # type: ignore[method-assign]
            lambda: FastLane(build(), hub.settings, store, count)
        )

    return put_first


class FastLane:
    """Takes Meta's usual post by itself; whatever is not plainly one goes the long way.

    That is: for a host of ours, with one small announced length, whole in the first message.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, store: Store, count: Count = _not_counted
    ) -> None:
        self._app = app
        self._hosts = AllowedHosts(settings)
        self._intake = MetaIntake(settings, store, _own_headers(settings), count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or not self._is_usual(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                first = await receive()
        except TimeoutError:
            await refuse(scope, receive, send, 408, "This took too long.")
            return
        again = _first_again(first, receive)
        taker = self._app if first.get("more_body") else self._intake
        await taker(scope, again, send)

    def _is_usual(self, scope: Scope) -> bool:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        return (
            scope["method"] == "POST"
            and len(lengths) == 1
            and lengths[0].isdigit()
            and len(lengths[0]) <= _LENGTH_DIGITS
            and self._hosts.allow(scope["headers"])
        )


class MetaIntake:
    """`GET` answers Meta's handshake, `POST` takes webhooks."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        headers: Headers = (),
        count: Count = _not_counted,
    ) -> None:
        """`headers` stand on every answer; behind the guards there are none to add."""
        self._headers = headers
        self._count = count
        self._secret = settings.meta_app_secret.get_secret_value()
        self._verify_token = settings.meta_verify_token.get_secret_value()
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handlers: dict[str, Callable[[Scope, Receive], Awaitable[tuple[int, bytes]]]] = {
            "GET": self._handshake,
            "POST": self._take,
        }
        handler = handlers.get(scope.get("method", ""))
        status, text = await handler(scope, receive) if handler else (405, b"method not allowed")
        self._count("meta", status)
        await _answer(send, status, text, self._headers)

    async def _handshake(self, scope: Scope, _: Receive) -> tuple[int, bytes]:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        token = query.get("hub.verify_token", [""])[0]
        challenge = query.get("hub.challenge", [""])[0]
        subscribing = query.get("hub.mode", [""])[0] == "subscribe"
        if subscribing and is_equal(token, self._verify_token):
            return 200, challenge.encode()
        return 403, b"the verify token does not match"

    async def _take(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        body = await _body(receive)
        if body is None:
            return 400, b"the body did not arrive whole"
        header = _signature(scope)
        if len(body) > _LOOP_BYTES:
            fault = await asyncio.to_thread(self._fault, body, header)
        else:
            fault = self._fault(body, header)
        if fault is not None:
            return fault
        try:
            await self._store.store(body)
        except Unavailable:
            return 503, b"not stored; please send it again"
        return 200, b"ok"

    def _fault(self, body: bytes, header: bytes | None) -> tuple[int, bytes] | None:
        if not is_signed_by_meta(self._secret, body, header):
            log.warning("intake_refused", reason="signature", bytes=len(body))
            return 401, b"the signature does not match"
        try:
            value: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            return 400, b"not JSON"
        return None if isinstance(value, dict) else (400, b"not a JSON object")


def _signature(scope: Scope) -> bytes | None:
    """The one signature header; none or several are as good as a wrong one."""
    found = [v for k, v in scope["headers"] if k == b"x-hub-signature-256"]
    return found[0] if len(found) == 1 else None


async def _body(receive: Receive) -> bytes | None:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _first_again(first: Message, receive: Receive) -> Receive:
    """A `receive` that gives the message again that was looked at."""
    waiting = [first]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _own_headers(settings: Settings) -> Headers:
    """What `ui.guards.headers` says of a page, and stricter: this is nobody's page."""
    told = headers_for(ContentPolicy(settings), PATH, "")
    told["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    for name in ("X-Frame-Options", "Permissions-Policy"):  # said by that policy
        told.pop(name, None)
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]


async def _answer(send: Send, status: int, text: bytes, more: Headers) -> None:
    headers = [(b"content-type", _TEXT), (b"content-length", str(len(text)).encode()), *more]
    if status == 503:  # noqa: PLR2004
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
