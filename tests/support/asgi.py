"""An ASGI app as a transport of synchronous httpx: the app runs on a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


class AsgiThread(httpx.BaseTransport):
    """Give it an app; `run` does other work on the same loop; `close` ends the thread."""

    def __init__(self, app: Any) -> None:
        self.serve(app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def serve(self, app: Any) -> None:
        """Requests are answered by this app from now on."""
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 20) -> T:
        """The result of a coroutine on the app's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=seconds)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        inner = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self._transport.handle_async_request(inner)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=20)
        self._loop.close()
