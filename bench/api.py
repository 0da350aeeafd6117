"""The partner API with 20,000 numbers: one channel, a page of 1,000, a token; beside a bare route.

The floor is a plain `def` route of FastAPI in the same process that answers the same JSON value,
without database, credential or guard. Calls of both sides take turns on one kept connection; the
lower quartile counts: other load only ever adds.

`python -m bench.api PORT` is the process that is measured.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import FastAPI, Response

from bench import processes
from bench.listing import fill
from bench.measure import percentile
from bench.report import Line
from bench.stage import Stage
from core.clock import SystemClock
from core.integration.api.lists import ListQuery
from core.ports import Everything
from storage.changes import LocalFeed
from storage.channel_search import SqlChannelSearch
from storage.database import SqlDatabase
from storage.migrate import migrate
from storage.upkeep import learn_sizes
from tests.services.api_world import api_world
from tests.support.api_door import ApiHub, api_app
from ui.raw_targets import RawTargets

CHANNELS = 20_000
ROUNDS, PAGES, LOGINS = 200, 30, 20
_PAGE = 1_000
_USER = "bench@acme.example"


async def run(stage: Stage) -> list[Line]:
    async with processes.module("bench.api", stage.folder()) as server:
        with httpx.Client(base_url=server.url, timeout=120) as client:
            client.headers["Accept-Encoding"] = "identity"
            told = client.get("/bare/about").json()
            client.headers["X-API-Key"] = told["key"]
            return _measured(client, told)


def _measured(client: httpx.Client, told: dict[str, Any]) -> list[Line]:
    mine = f"/api/v2/partners/{told['partner']}"
    login = {"username": _USER, "password": told["password"]}
    one = f"{mine}/channels/{told['channel']}"
    page = f"{mine}/channels?limit={_PAGE}"
    found = f'{page}&filters={{"waba_account.fb_account_status":"verified","q":"clinic 77"}}'
    lines = []
    for what, ours, floor, rounds, goal in (
        ("one channel", lambda: client.get(one), "/bare/one", ROUNDS, 5.0),
        (f"page of {_PAGE:,}", lambda: client.get(page), "/bare/page", PAGES, 8.0),
        (f"page of {_PAGE:,}, the last", lambda: client.get(f"{page}&offset={CHANNELS - _PAGE}"),
         "/bare/page", PAGES, 8.0),
        ("search with a filter", lambda: client.get(found), "/bare/one", PAGES, None),
        ("token", lambda: client.post("/api/v2/token", json=login), "/bare/token", LOGINS, None),
    ):  # fmt: skip
        took, bare = _in_turns(ours, lambda floor=floor: client.get(floor), rounds)
        note = "scrypt takes most of it, on purpose" if what == "token" else "floor: same JSON"
        lines.append(Line(what=f"API: {what}", ours=took * 1000, unit="ms", floor=bare * 1000,
                          goal=goal, note=note))  # fmt: skip
    return lines


def _in_turns(
    ours: Callable[[], httpx.Response], floor: Callable[[], httpx.Response], rounds: int
) -> tuple[float, float]:
    sides: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, call in zip(sides, (ours, floor), strict=True):
            began = time.perf_counter()
            call().raise_for_status()
            side.append(time.perf_counter() - began)
    return percentile(sides[0], 0.25), percentile(sides[1], 0.25)


def serve(port: int, folder: Path) -> None:
    """The API on a full database, and the bare routes beside it."""
    url = f"sqlite:///{folder / 'hub.sqlite3'}"
    migrate(url)
    database = SqlDatabase(url, LocalFeed())
    world = api_world(database, SystemClock(), search=SqlChannelSearch(), port=port)
    with database.transaction(Everything("bench: partner API")) as session:
        owner = fill(session, CHANNELS)
    learn_sizes(database)
    app = api_app(ApiHub(world))
    key = world.credentials.create_key(owner, "Bench").secret
    password = world.credentials.create_system_user(owner, _USER).password
    listed = world.api.channels.page(owner, ListQuery(limit=_PAGE)).items
    tokens = {"access_token": key, "token_type": "Bearer", "expires_in": 1, "refresh_token": key}
    about = {"key": key, "password": password, "channel": listed[0]["id"]}
    about["partner"] = owner.tenant.partner_id
    _bare(app, {"one": listed[0], "page": listed, "token": tokens, "about": about})
    uvicorn.run(app, port=port, http=RawTargets, loop="uvloop", ws="none", access_log=False,
                log_level="error", proxy_headers=False)  # fmt: skip


def _bare(app: FastAPI, values: dict[str, Any]) -> None:
    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    def route(name: str, value: Any) -> None:
        @app.get(f"/bare/{name}")
        def bare() -> Response:
            return Response(orjson.dumps(value), media_type="application/json")

    for name, value in values.items():
        route(name, json.loads(json.dumps(value)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-api-") as place:
        serve(int(sys.argv[1]), Path(place))
