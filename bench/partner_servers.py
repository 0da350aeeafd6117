"""Receivers of partners, good and bad, by the first part of their path; raw ASGI.

`python -m bench.partner_servers PORT`
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from bench.floor import serve

_HANGS = 60.0  # longer than anybody waits
Answer = Callable[[Send], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await _ANSWERS.get(scope["path"].split("/")[1], _ok)(send)


async def _answer(
    send: Send, status: int, *headers: tuple[bytes, bytes], body: bytes = b"{}"
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def _ok(send: Send) -> None:
    await _answer(send, 200)


async def _hang(send: Send) -> None:
    await asyncio.sleep(_HANGS)
    await _ok(send)


async def _fail(send: Send) -> None:
    await _answer(send, 500)


async def _redirect(send: Send) -> None:
    await _answer(send, 302, (b"location", b"http://127.0.0.1:9/"))


async def _gone(send: Send) -> None:
    await _answer(send, 410)


async def _busy(send: Send) -> None:
    await _answer(send, 429, (b"retry-after", b"30"))


async def _huge(send: Send) -> None:
    await _answer(send, 200, body=b"x" * 4_000_000)


async def _slow_body(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(int(_HANGS)):
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(1)


async def _reset(_send: Send) -> None:
    raise RuntimeError("the server breaks")  # uvicorn answers 500 and closes


_ANSWERS: dict[str, Answer] = {
    "hang": _hang,
    "fail": _fail,
    "redirect": _redirect,
    "gone": _gone,
    "busy": _busy,
    "huge": _huge,
    "slow": _slow_body,
    "reset": _reset,
}
BAD = tuple(_ANSWERS)


if __name__ == "__main__":
    serve(app, int(sys.argv[1]))
