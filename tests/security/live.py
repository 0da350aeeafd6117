"""The rig behind a real server, and browsers reduced to what an attacker needs: HTTP and a socket.

Server and test share one event loop, so a test sees at once what a frame did to a page.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import socketio
import uvicorn
from fastapi import Request
from nicegui import ui
from nicegui.client import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.security.register import WITHOUT
from tests.security.rig import Rig, running, settings_for_tests
from ui import sessions
from ui.guards.transports import LimitedSocket

LOGIN_COOKIE = "hub_session"


@dataclass
class Clicks:
    """What the page's button did, and what the page heard back from its browser."""

    by: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Page:
    """A page that a browser loaded: its HTML, its client, and the cookies it was loaded with."""

    html: str
    client_id: str
    cookies: dict[str, str]

    @property
    def client(self) -> Client:
        return Client.instances[self.client_id]

    @property
    def is_alive(self) -> bool:
        return self.client_id in Client.instances

    def press(self) -> dict[str, Any]:
        """The frame that a browser sends when the page's button is pressed."""
        button = next(e for e in self.client.elements.values() if isinstance(e, ui.button))
        listener = next(iter(button._event_listeners))
        return {
            "id": button.id,
            "client_id": self.client_id,
            "listener_id": listener,
            "args": ["{}"],
        }

    def query(self, **changes: str) -> dict[str, str]:
        """What the page's script asks for when it opens its socket."""
        asked = {
            "client_id": self.client_id,
            "tab_id": f"tab-{self.client_id}",
            "document_id": f"document-{self.client_id}",
            "next_message_id": "0",
            "implicit_handshake": "true",
        }
        return asked | changes


@dataclass(kw_only=True)
class Live:
    """A running hub; pages and sockets of any number of browsers."""

    rig: Rig
    clicks: Clicks = field(default_factory=Clicks)
    sockets: list[socketio.AsyncClient] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.rig.settings.base_url

    async def page(self, path: str, cookies: dict[str, str] | None = None) -> Page:
        async with self.browser(cookies or {}) as client:
            answer = await client.get(path)
            assert answer.status_code == 200, (answer.status_code, answer.headers)
            found = re.search(r"query: (\{.*?\}),", answer.text)
            assert found
            return Page(
                html=answer.text,
                client_id=json.loads(found[1].replace("'", '"').replace("True", "true"))[
                    "client_id"
                ],
                cookies=dict(client.cookies),
            )

    def browser(self, cookies: dict[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.origin, cookies=cookies)

    async def signed_in(self, sub: str = "ada") -> dict[str, str]:
        """The cookie of a signed-in browser."""
        secret, _ = await asyncio.to_thread(self.rig.session_of, sub)
        return {LOGIN_COOKIE: secret}

    async def socket(
        self,
        page: Page,
        cookies: dict[str, str] | None = None,
        origin: str | None = "",
        **query: str,
    ) -> socketio.AsyncClient:
        """A connected socket that claims to be the page's; raises ConnectionError if refused."""
        client = socketio.AsyncClient(reconnection=False)
        self.sockets.append(client)
        cookies = page.cookies if cookies is None else cookies
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        if origin is not None:
            headers["Origin"] = origin or self.origin
        url = httpx.URL(self.origin, params=page.query(**query))
        await client.connect(
            str(url),
            headers=headers,
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
            wait_timeout=20,
        )
        return client


def wire(live: Live, page: Page) -> connect:
    """The page's connection without the manners of a client; for `async with`."""
    asked = page.query() | {"EIO": "4", "transport": "websocket"}
    url = httpx.URL(live.origin, scheme="ws", path="/_nicegui_ws/socket.io/", params=asked)
    cookies = "; ".join(f"{k}={v}" for k, v in page.cookies.items())
    return connect(
        str(url),
        origin=Origin(live.origin),
        additional_headers={"Cookie": cookies},
        ping_interval=None,
        close_timeout=1,
        proxy=None,
    )


async def ends(connection: ClientConnection, frames: Iterable[str]) -> None:
    """Returns once the server has ended the connection; of frames there may be no end."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        with suppress(ConnectionClosed):
            for frame in frames:
                await connection.send(frame)
                await asyncio.sleep(0)  # the server shares the loop
        await connection.wait_closed()


# Without its guard a test waits for what never comes; with it, a busy machine may take its time.
PATIENCE_SECONDS = 5 if WITHOUT in os.environ else 20


async def until(look: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
    """Returns once `look` is true; fails the test after `seconds`."""
    async with asyncio.timeout(seconds):
        while not look():
            await asyncio.sleep(0)


async def settled(client: socketio.AsyncClient) -> None:
    """Every frame that the socket sent before has been dealt with."""
    # A handshake for nobody's page is answered; frames of one socket keep their order, and each
    # handler has run as far as it goes without waiting.
    await client.call("handshake", {**Page(html="", client_id="nobody", cookies={}).query()})
    for _ in range(20):
        await asyncio.sleep(0)


def rig_on(listener: socket.socket, database: SqlDatabase, feed: LocalFeed) -> Rig:
    """A rig whose base URL is the loopback port that the listener has."""
    port = listener.getsockname()[1]
    settings = settings_for_tests(
        base_url=f"http://localhost:{port}", port=port, allowed_hosts=["localhost"]
    )
    return Rig(settings=settings, database=database, feed=feed)


@asynccontextmanager
async def serving(rig: Rig, listener: socket.socket) -> AsyncIterator[Live]:
    """The rig answers on the listener's port."""
    async with running(rig):
        live = Live(rig=rig)
        _pages(live)
        config = uvicorn.Config(
            rig.app,
            lifespan="off",
            proxy_headers=False,
            log_level="error",
            ws=LimitedSocket,
            # A socket that a test left half dead must not keep the server from its end.
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        try:
            yield live
        finally:
            for each in live.sockets:
                with suppress(TimeoutError):
                    async with asyncio.timeout(2):
                        await each.disconnect()
            server.should_exit = True
            await serving


def _pages(live: Live) -> None:
    hub = live.rig.hub

    @ui.page("/board")
    async def board(request: Request) -> Any:
        who = await sessions.current(hub, request)
        if who is None:
            return sessions.sign_in_first(request)
        ui.button("Press", on_click=lambda: live.clicks.by.append(who.name))
        return None
