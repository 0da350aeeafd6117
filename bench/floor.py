"""The floors: the least that could do the same, on plain Starlette under the same uvicorn.

`python -m bench.floor PORT page SECRET`: a signed POST changes a text in every open page.
`python -m bench.floor PORT intake SECRET`: signature checked, nothing kept, raw ASGI.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

_PAGE = """<!doctype html><meta charset="utf-8"><title>floor</title><p id="figure">0</p><script>
const socket = new WebSocket(`ws://${location.host}/socket`);
socket.onopen = () => { window.isOpen = true; };
socket.onmessage = (event) => {
  document.getElementById("figure").textContent = JSON.parse(event.data).limit;
};</script>"""


def page_app(secret: str) -> ASGIApp:
    """POST, HMAC, one frame per open page, text changed."""
    sockets: set[WebSocket] = set()

    async def page(_: Request) -> Response:
        return HTMLResponse(_PAGE)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def webhook(request: Request) -> Response:
        body = await request.body()
        if not _is_signed(secret, body, request.headers.get("x-hub-signature-256", "")):
            return PlainTextResponse("no", 401)
        value = json.loads(body)["entry"][0]["changes"][0]["value"]
        text = json.dumps({"limit": value["max_daily_conversations_per_business"]})
        for each in list(sockets):
            await each.send_text(text)
        return PlainTextResponse("ok")

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        sockets.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            sockets.discard(websocket)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/healthz", healthz),
            Route("/webhooks/meta", webhook, methods=["POST"]),
            WebSocketRoute("/socket", socket),
        ]
    )


def intake_app(secret: str) -> ASGIApp:
    """The bare signature check, without any framework."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message: Any = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        given = next((v for k, v in scope["headers"] if k == b"x-hub-signature-256"), b"")
        fits = scope["method"] == "GET" or _is_signed(secret, body, given.decode())
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200 if fits else 401,
                    "headers": headers})  # fmt: skip
        await send({"type": "http.response.body", "body": b"ok"})

    return app


def _is_signed(secret: str, body: bytes, header: str) -> bool:
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(header, wanted)


def serve(app: ASGIApp, port: int) -> None:
    """Under uvicorn as the hub's own, see `ui.serve`."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    apps = {"page": page_app, "intake": intake_app}
    serve(apps[sys.argv[2]](sys.argv[3]), int(sys.argv[1]))
