"""How much a request may bring, and for how long: counted while it streams in, not believed.

`ui.upload`'s own limits exist only in the browser, and a chunked body announces nothing.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.guards.answers import refuse
from ui.guards.uploads import LOGO_FILE, SUPPORT_FILES, UPLOAD_PATH

KIB = 1024
MIB = 1024 * KIB

_DEFAULT = 64 * KIB
_META = 3 * MIB
# An event holds the whole object it is about; a dispute with its evidence is tens of KiB.
_PROVIDER = 256 * KIB
_UPLOAD = 2 * MIB + 512 * KIB
# The JSON of a WhatsApp Flow; Meta takes up to ten, nobody writes that much.
_FLOW = 2 * MIB
_FLOW_FILE = re.compile(
    r"/(?:api/v2|v1)/partners/[^/]{1,64}/waba_accounts/[^/]{1,64}/flows/[^/]{1,64}/assets/?"
)
# The polling fallback of the socket; engine.io itself takes no more than this.
_POLLING = MIB

# A phone on a bad line uploads 2.5 MiB in this; whoever is slower holds a connection for nothing.
BODY_SECONDS = 60.0


def limit_for(path: str) -> int:
    """Most bytes of a request body under this path."""
    if path == "/webhooks/meta":
        return _META
    if UPLOAD_PATH.fullmatch(path) or path in (*SUPPORT_FILES, LOGO_FILE):
        return _UPLOAD
    if _FLOW_FILE.fullmatch(path):
        return _FLOW
    if path.startswith("/_nicegui_ws/"):
        return _POLLING
    return _DEFAULT


class _RefusedBodyError(Exception):
    """Ends whatever was reading the body; never leaves this file."""


@dataclass(slots=True)
class _Body:
    """How far the body of one request has come."""

    limit: int
    deadline: float
    received: int = 0
    is_complete: bool = False
    refusal: int = 0  # 413 or 408 once it was refused


class BodyLimits:
    """ASGI middleware: 413 for too much, 408 for too slow, 400 for a length that is no number."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self._seconds
        body = _Body(limit=limit_for(scope["path"]), deadline=deadline)
        announced = _announced(scope)
        if announced is None:
            await refuse(scope, receive, send, 400, "Content-Length is not a number.")
        elif announced > body.limit:
            await refuse(scope, receive, send, 413, "This is too large.")
        else:
            await self._pass_on(scope, receive, send, body)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, body: _Body) -> None:
        has_started = False

        async def counted() -> Message:
            return await _counted(receive, body)

        async def unless_refused(message: Message) -> None:
            nonlocal has_started
            # Somebody below may have turned our refusal into an answer of its own.
            if has_started or not body.refusal:
                has_started = True
                await send(message)

        try:
            await self._app(scope, counted, unless_refused)
        except _RefusedBodyError:
            if has_started:
                raise
        if body.refusal and not has_started:
            text = "This is too large." if body.refusal == 413 else "This took too long."  # noqa: PLR2004
            await refuse(scope, receive, send, body.refusal, text)


async def _counted(receive: Receive, body: _Body) -> Message:
    if body.is_complete:
        return await receive()
    try:
        async with asyncio.timeout_at(body.deadline):
            message = await receive()
    except TimeoutError as error:
        body.refusal = 408
        raise _RefusedBodyError from error
    if message["type"] != "http.request":
        body.is_complete = True
        return message
    body.received += len(message.get("body", b""))
    body.is_complete = not message.get("more_body", False)
    if body.received > body.limit:
        body.refusal = 413
        raise _RefusedBodyError
    return message


def _announced(scope: Scope) -> int | None:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    if not lengths:
        return 0
    if len(lengths) > 1 or not lengths[0].isdigit():
        return None
    # So many digits that int() itself would be the attack.
    return int(lengths[0]) if len(lengths[0]) < 20 else 1 << 62  # noqa: PLR2004
