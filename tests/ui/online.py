"""The accounts pages behind a real server, and browsers reduced to HTTP and a socket.

What all open lists of a partner are told goes straight to the sockets; NiceGUI's simulated
browser has none. Server and test share one event loop.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import socketio
import uvicorn
from fastapi import FastAPI
from nicegui import Client
from nicegui.testing.general import nicegui_reset_globals

from core.settings import Settings
from tests.support.waiting import wait_for
from tests.ui.accounts_site import PLACES, AccountsSite
from ui.app import create_app
from ui.elements.channel_list import ChannelList
from ui.guards.sockets import release_sockets

_EVENTS = ("patch", "update", "open", "notify")


async def until(is_true: Callable[[], bool]) -> None:
    """Return once it is so; looks from a thread and leaves the loop to the server."""
    await asyncio.to_thread(wait_for, is_true)


@dataclass(kw_only=True)
class Tab:
    """One open page; `heard` are the messages of each kind that its socket got."""

    origin: str
    cookie: str
    page_id: str
    socket: socketio.AsyncClient
    heard: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def page(self) -> Client:
        return Client.instances[self.page_id]

    @property
    def list(self) -> ChannelList:
        return next(e for e in self.page.elements.values() if isinstance(e, ChannelList))

    @property
    def patches(self) -> list[Any]:
        return self.heard["patch"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the last full drawing of the list carried."""
        (told,) = (each for each in self.heard["update"][-1].values() if _is_list(each))
        return list(told["props"]["rows"])

    async def connect(self) -> None:
        for name in _EVENTS:
            self.socket.on(name, self.heard.setdefault(name, []).append)
        query = {
            "client_id": self.page_id,
            "tab_id": f"tab-{self.page_id}",
            "document_id": f"document-{self.page_id}",
            "next_message_id": "0",
            "implicit_handshake": "true",
        }
        await self.socket.connect(
            str(httpx.URL(self.origin, params=query)),
            headers={"Cookie": f"hub_session={self.cookie}", "Origin": self.origin},
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
            wait_timeout=20,
        )
        # Whatever NiceGUI kept for the browser has arrived before anything is counted.
        await until(lambda: not self.page.outbox.messages and not self.page.outbox.updates)

    async def fire(self, event: str, args: str = "null") -> None:
        """What the browser half of the list tells."""
        listeners = self.list._event_listeners.values()
        (listener,) = [each for each in listeners if each.type == event]
        frame = {"client_id": self.page_id, "id": self.list.id, "listener_id": listener.id}
        await self.socket.emit("event", {**frame, "args": [args]})


@dataclass(kw_only=True)
class Online:
    """The app on a port of its own."""

    app: FastAPI
    origin: str
    tabs: list[Tab] = field(default_factory=list)

    async def load(self, cookie: str = "owner", path: str = "/accounts") -> Tab:
        """A page that has been answered, without its socket."""
        async with httpx.AsyncClient(cookies={"hub_session": cookie}) as client:
            answer = await client.get(self.origin + path)
        found = re.search(r"'client_id': '([^']+)'", answer.text)
        assert found, (answer.status_code, answer.text[:300])
        own = socketio.AsyncClient(reconnection=False)
        tab = Tab(origin=self.origin, cookie=cookie, page_id=found[1], socket=own)
        self.tabs.append(tab)
        return tab

    async def open(self, cookie: str = "owner", path: str = "/accounts") -> Tab:
        tab = await self.load(cookie, path)
        await tab.connect()
        return tab


@asynccontextmanager
async def online(world: AccountsSite) -> AsyncIterator[Online]:
    """The world's pages, reached through sockets."""
    with socket.socket() as listener, nicegui_reset_globals():
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        origin = f"http://localhost:{listener.getsockname()[1]}"
        world.hub.settings = Settings(_env_file=None, base_url=origin, allowed_hosts=["localhost"])  # type: ignore[call-arg]
        app = create_app(world.hub, PLACES)
        site = Online(app=app, origin=origin)
        async with app.router.lifespan_context(app):
            config = uvicorn.Config(
                app, lifespan="off", proxy_headers=False, log_level="error", ws="websockets-sansio"
            )
            server = uvicorn.Server(config)
            serving = asyncio.ensure_future(server.serve(sockets=[listener]))
            await until(lambda: server.started)
            try:
                yield site
            finally:
                for tab in site.tabs:
                    await tab.socket.disconnect()
                server.should_exit = True
                await serving
                release_sockets()


def _is_list(told: Any) -> bool:
    return isinstance(told, dict) and "views" in told.get("props", {})
