"""Plain refusals of the guards, sent without any framework below them; programs get JSON."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from starlette.types import Message, Receive, Scope, Send

from ui.error_body import error_body, is_api


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    """One line of text with the status; a websocket is closed before it opens."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": HTTPStatus(status).phrase})
        return
    media_type, body = _body(scope["path"], status, text)
    headers = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        # What is left of the request is not read, so the connection cannot be used again.
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse_for_now(scope: Scope, receive: Receive, send: Send, seconds: int) -> None:
    """429 with the time to wait; a websocket is closed before it opens."""

    async def with_wait(message: Message) -> None:
        if message["type"] == "http.response.start":
            wait = (b"retry-after", str(seconds).encode())
            message["headers"] = [*message["headers"], wait]
        await send(message)

    await refuse(scope, receive, with_wait, 429, "Too many requests. Try again in a minute.")


def _body(path: str, status: int, text: str) -> tuple[bytes, bytes]:
    if is_api(path):
        code = HTTPStatus(status).phrase.lower().replace(" ", "_")
        return b"application/json", orjson.dumps(error_body(status, code, text))
    return b"text/plain; charset=utf-8", text.encode()
