"""Pages in NiceGUI's simulated browser: the whole app on a hub of twins, no socket, no Chromium."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from nicegui import Client, ui
from nicegui.element import Element
from nicegui.elements.sub_pages import SubPages
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals

from tests.ui.fake_hub import fake_hub
from ui.app import create_app
from ui.guards.sockets import release_sockets
from ui.places import Section, sections

_POLL = 0.005  # seconds; a loop that spins would keep the worker threads waiting


class Browser(User):
    """A simulated browser with a cookie jar of its own."""

    def __getattribute__(self, name: str) -> Any:
        # NiceGUI's User takes the toasts of whoever is shown one next, whatever it is asked for.
        # An app that starts asks all objects of the process for their class: a browser that an
        # earlier test has left behind took the toasts of the next one.
        return Browser if name == "__class__" else super().__getattribute__(name)

    async def look(self, path: str) -> httpx.Response:
        """The plain answer, without opening the page."""
        return await self.http_client.get(path)

    async def open(self, path: str, *, is_drawn: bool = True, **options: Any) -> Client:
        """Open the page; its section is drawn, unless told not to wait for that."""
        page = await super().open(path, **options)
        if is_drawn:
            await self._drawn()
        return page

    async def go(self, path: str) -> None:
        """Follow a link inside the single page: no reload."""
        page = self.page
        with page:
            await page.sub_pages_router._handle_navigate(path)
        await self._drawn()

    async def should_see(self, *sought: Any, retries: int = 200, **more: Any) -> None:
        """As NiceGUI's, with patience for a busy machine: it returns as soon as it is seen."""
        await super().should_see(*sought, retries=retries, **more)

    async def should_not_see(self, *sought: Any, retries: int = 200, **more: Any) -> None:
        """The same the other way round."""
        await super().should_not_see(*sought, retries=retries, **more)

    async def _drawn(self) -> None:
        # On a busy machine a section loads longer than the frame waits with its answer.
        await until(lambda: not any(map(_is_drawing, self.page.elements.values())))

    async def open_any(self, path: str) -> int:
        """Open a page whatever its status; returns that."""
        answer = await self.http_client.get(path)
        status, answer.status_code = answer.status_code, 200
        self.http_client = _Replay(self.http_client, answer)  # type: ignore[assignment]
        await self.open(path)
        self.http_client = self.http_client._client  # type: ignore[attr-defined]
        return status

    @property
    def page(self) -> Client:
        assert self.client is not None
        return self.client


def _is_drawing(element: Element) -> bool:
    return isinstance(element, SubPages) and bool(element._active_tasks)


class _Replay:
    """NiceGUI's User insists on 200; this hands it an answer we already have."""

    def __init__(self, client: httpx.AsyncClient, answer: httpx.Response) -> None:
        self._client = client
        self._answer = answer

    async def get(self, _path: str, **_: Any) -> httpx.Response:
        return self._answer


class Site:
    """The running app; `browser(cookie)` is somebody with that session."""

    def __init__(self, app: FastAPI, hub: Any) -> None:
        self.app = app
        self.hub = hub
        self.live = app.state.live
        self._clients: list[httpx.AsyncClient] = []

    def browser(self, session: str = "owner") -> Browser:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://test",
            cookies={"hub_session": session} if session else {},
        )
        self._clients.append(client)
        return Browser(client)

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


Serve = Callable[..., AbstractAsyncContextManager[Site]]


@asynccontextmanager
async def serving(
    places: Sequence[Section] | None = None, hub: Any = None, **values: Any
) -> AsyncIterator[Site]:
    """The app with these sections, started and stopped."""
    hub = hub or fake_hub()
    # An app that starts and ends walks through all objects of the process five times: what the
    # hundreds of tests before this one have left behind is put out of its way.
    gc.collect()
    gc.freeze()
    with nicegui_reset_globals():
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        app = create_app(hub, sections({}) if places is None else places, **values)
        site = Site(app, hub)
        try:
            async with app.router.lifespan_context(app):
                yield site
        finally:
            await site.close()
            release_sockets()
            os.environ.pop("NICEGUI_USER_SIMULATION", None)
            ui.navigate, ui.notify = Navigate(), notify  # type: ignore[assignment]


async def until(is_true: Callable[[], bool], seconds: float = 20) -> None:
    """Let the loop and the worker threads run until it is so; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_true():
            await asyncio.to_thread(threading.Event().wait, _POLL)


@pytest.fixture
def serve() -> Serve:
    """`async with serve(places) as site`."""
    return serving
