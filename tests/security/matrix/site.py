"""The whole web application over the matrix' world: addresses asked as browsers and programs do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI
from nicegui.testing.general import nicegui_reset_globals

import main
from tests.security.matrix.refusals import Outcome
from tests.security.matrix.world import BASE, MatrixWorld
from tests.support.asgi import AsgiThread
from ui.guards.sockets import release_sockets

# The id of a request is new in every answer.
_FRESH = re.compile(r"\b[0-9a-fA-F]{12,}\b")


T = TypeVar("T")
# What the elements of a page say; all around it is new with every page.
_WORDS = re.compile(r'"(?:text|label|title)":\s*"((?:[^"\\]|\\.)*)"|<title>([^<]*)</title>')
_SHORT = 2


class Site:
    """`ask` is one request of somebody of the world."""

    def __init__(self, world: MatrixWorld, app: FastAPI, thread: AsgiThread) -> None:
        self.world = world
        self.app = app
        self._thread = thread

    def ask(self, role: str, method: str, path: str, **request: Any) -> httpx.Response:
        plain = {"Accept-Encoding": "identity"}
        headers = plain | self.world.headers[role] | request.pop("headers", {})
        # A client of its own each time, for it would keep cookies; closing it ended the thread.
        client = httpx.Client(transport=self._thread, base_url=BASE, headers=headers)
        return client.request(method, path, **request)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work on the application's own loop."""
        return self._thread.run(work, seconds=120)

    def outcome(
        self, role: str, method: str, path: str, said: list[str], **request: Any
    ) -> Outcome:
        """What was told, without what the caller `said` itself and what is new each time."""
        answer = self.ask(role, method, path, **request)
        if location := answer.headers.get("location", ""):
            return Outcome(answer.status_code, location.partition("?")[0])
        told = answer.text
        for each in sorted((each for each in said if len(each) > _SHORT), key=len, reverse=True):
            told = told.replace(each, "ID")
        if answer.headers.get("content-type", "").startswith("text/html"):
            whole, told = (
                told,
                "\n".join(sorted({"".join(found) for found in _WORDS.findall(told)})),
            )
            return Outcome(answer.status_code, told, whole)
        return Outcome(answer.status_code, _FRESH.sub("NEW", told))


@contextmanager
def matrix_site(world: MatrixWorld) -> Iterator[Site]:
    """Started as uvicorn would, on a loop of its own, and NiceGUI as it was afterwards."""
    thread = AsgiThread(None)
    life = _running(world, thread)
    site = thread.run(life.__aenter__())
    try:
        yield site
    finally:
        thread.run(life.__aexit__(None, None, None))
        thread.close()


@asynccontextmanager
async def _running(world: MatrixWorld, thread: AsgiThread) -> AsyncIterator[Site]:
    with nicegui_reset_globals():
        app = main.web_application(world.assembled, world.settings)
        thread.serve(app)
        try:
            async with app.router.lifespan_context(app):
                yield Site(world, app, thread)
        finally:
            release_sockets()
