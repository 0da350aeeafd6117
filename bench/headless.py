"""Open pages without a browser: what a browser's GET, socket and acknowledgements ask of the hub.

One page costs this process little, so a hundred of them measure the hub and not Chromium.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bench.processes import Server

_QUERY = re.compile(r"query: (\{.*?\}),\n")
_ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`\)", re.DOTALL)
_ACK_SECONDS = 3.0  # as NiceGUI's own script


class HubPage:
    """One open page of the hub; `received` counts messages, `patches` those that change a row."""

    def __init__(self, server: Server, cookie: str, path: str = "/accounts") -> None:
        self._server, self._cookie, self._path = server, cookie, path
        self._client_id, self._next_id = "", 0
        self.received = self.patches = self.bytes = 0

    async def run(self, opened: asyncio.Semaphore) -> None:
        """Stay open until cancelled; `opened` is released once the socket works."""
        query = await self._get()
        url = f"ws://localhost:{self._server.port}/_nicegui_ws/socket.io/?" + urlencode(query)
        headers = {"Cookie": self._cookie}
        async with connect(
            url, origin=self._server.url, additional_headers=headers, compression=None  # type: ignore[arg-type]
        ) as socket:  # fmt: skip
            await socket.recv()
            await socket.send("40")
            acknowledging = asyncio.create_task(self._acknowledge(socket))
            try:
                await self._listen(socket, opened)
            finally:
                acknowledging.cancel()

    async def _get(self) -> dict[str, str]:
        async with httpx.AsyncClient(timeout=60) as client:
            url = self._server.url + self._path
            answer = await client.get(url, headers={"Cookie": self._cookie})
        found = _QUERY.search(answer.text)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text[-300:]}"
        assert found, "the page has no socket query: not signed in?"
        told = ast.literal_eval(re.sub(r"\btrue\b", "True", found[1]))
        self._client_id, self._next_id = told["client_id"], told["next_message_id"]
        texts = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in told.items()}
        ids = {"document_id": str(uuid.uuid4()), "tab_id": str(uuid.uuid4())}
        return {"EIO": "4", "transport": "websocket"} | texts | ids

    async def _listen(self, socket: ClientConnection, opened: asyncio.Semaphore) -> None:
        async for frame in socket:
            text = frame if isinstance(frame, str) else ""
            if text == "2":
                await socket.send("3")
            elif text.startswith("40"):
                opened.release()
            elif text.startswith("44"):
                raise RuntimeError(f"the hub refused the socket: {text}")
            elif text.startswith("42"):
                self.received += 1
                self.bytes += len(text)
                self.patches += "patch" in text
                if found := re.search(r'"_id":(\d+)', text):
                    self._next_id = int(found[1]) + 1

    async def _acknowledge(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(_ACK_SECONDS)
            ack = {"client_id": self._client_id, "next_message_id": self._next_id}
            await socket.send("42" + json.dumps(["ack", ack]))


class FloorPage:
    """One open page of the floor."""

    def __init__(self, server: Server) -> None:
        self._url = f"ws://localhost:{server.port}/socket"
        self.patches = 0

    async def run(self, opened: asyncio.Semaphore) -> None:
        async with httpx.AsyncClient() as client:
            await client.get(self._url.replace("ws:", "http:").removesuffix("socket"))
        async with connect(self._url, compression=None) as socket:
            opened.release()
            async for _ in socket:
                self.patches += 1


Page = HubPage | FloorPage


@contextlib.asynccontextmanager
async def opened(pages: Sequence[Page]) -> AsyncIterator[None]:
    """All pages are open for as long as the block lasts; opened one after the other."""
    tasks = []
    ready = asyncio.Semaphore(0)
    try:
        for page in pages:
            task = asyncio.create_task(page.run(ready))
            tasks.append(task)
            waiting = asyncio.create_task(ready.acquire())
            done, _ = await asyncio.wait(
                {task, waiting}, timeout=60, return_when=asyncio.FIRST_COMPLETED
            )
            if waiting not in done:
                waiting.cancel()
                cause = task.exception() if task in done else None
                raise RuntimeError(f"a page did not open: {cause}") from cause
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def elements_of(html: str) -> int:
    """How many elements the server keeps for a page."""
    found = _ELEMENTS.search(html)
    return found[1].count('"tag":') if found else 0
