"""The routes for files of support behind the guards, on a hub that has nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI
from sqlmodel import Session

from core.access import Principal
from core.partners.entities import UserSession
from core.partners.sign_in import SignIn
from core.secret_hash import hash_secret
from tests.services.support_world import World
from tests.support.accounts import PlainVault
from ui import guards
from ui.api import support_files

ORIGIN = "https://hub.test"


class _Hub:
    """As far as these routes call one."""

    def __init__(self, world: World) -> None:
        room = world.room
        self.settings: Any = room.settings
        self.support, self.desk = world.support, world.desk
        self.sign_in = SignIn(room.database, room.clock, PlainVault(), room.settings)


def door(world: World) -> FastAPI:
    """The app; sign-in and pages are elsewhere."""
    app, hub = FastAPI(), _Hub(world)
    guards.install(app, hub.settings)
    support_files.install(app, hub)  # type: ignore[arg-type]
    return app


class Browser:
    """Somebody's browser, with a session of theirs if they are signed in."""

    def __init__(self, world: World, app: FastAPI, who: Principal | None) -> None:
        self._app = app
        self._headers = {"origin": ORIGIN}
        if who is not None:
            self._headers["cookie"] = f"__Host-hub={_session(world, who)}"

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, **request: Any) -> httpx.Response:
        return self._ask("POST", path, **request)

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Each on a loop of its own, as worlds are built and read without one."""
        headers = self._headers | request.pop("headers", {})

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                return await client.request(method, path, headers=headers, **request)

        return asyncio.run(ask())


def _session(world: World, who: Principal) -> str:
    """The secret of a new session like the principal's."""
    secret = f"{who.session_hash[:40]}abc"

    def copy(session: Session) -> None:
        known = session.get_one(UserSession, who.session_hash)
        values = known.model_dump() | {"id_hash": hash_secret(secret)}
        session.merge(UserSession(**values))

    world.below.write(copy)
    return secret
