"""Signed webhooks per second that are on disk before their 200, beside the bare signature check.

The server's own CPU time is counted, so that the load generator and whatever else runs on the
machine do not decide: posts per CPU second of the server is what one core would take.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import Any

from bench import processes
from bench.measure import cpu_seconds
from bench.processes import ROOT, Server
from bench.report import Line
from bench.stage import Stage
from tests.support.postgres import ROLE, PostgresServer

POSTS, CONNECTIONS, ROUNDS = 5_000, 256, 2
_SECRET = "the floor's own secret"  # noqa: S105


async def run(stage: Stage) -> list[Line]:
    lines: list[Line] = []
    for name, url in (("SQLite", ""), ("PostgreSQL", durable_postgres(stage))):
        async with AsyncExitStack() as stack:
            floor = await stack.enter_async_context(
                processes.module("bench.floor", stage.folder(), "intake", _SECRET)
            )
            # The web process alone: the worker that applies them is another one under load.
            hub = await stack.enter_async_context(
                processes.hub(stage.folder(), "web", database_url=url)
            )
            await _load(floor, _SECRET, 500)
            await _load(hub, hub.app_secret, 500)
            rounds = [
                (await _load(floor, _SECRET, POSTS * 2), await _load(hub, hub.app_secret, POSTS))
                for _ in range(ROUNDS)
            ]
        lines += _lines(name, rounds)
    return lines


def _lines(name: str, rounds: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Line]:
    """Of the rounds, the best of each side: what else ran on the machine only ever takes away."""
    bare = max(each["per_core"] for each, _ in rounds)
    ours = max(each["per_core"] for _, each in rounds)
    best = max((each for _, each in rounds), key=lambda each: each["rate"])
    not_taken = sum(each["count"] - each["statuses"].get("200", 0) for _, each in rounds)
    return [
        Line(what=f"intake: durable posts per core second, {name}", ours=ours, unit="/s",
             floor=bare, goal=0.4, at_least=True, note="floor: signature only, nothing kept"),
        Line(what=f"intake: durable posts, {name}", ours=best["rate"], unit="/s", goal=3_000,
             at_least=True, note=f"by the clock, {CONNECTIONS} connections"),
        Line(what=f"intake: answer, p99, {name}", ours=best["p99"] * 1000, unit="ms", goal=250,
             note=f"p50 {best['p50'] * 1000:.0f} ms"),
        Line(what=f"intake: posts not taken, {name}", ours=not_taken, unit="", goal=0,
             counts=True),
    ]  # fmt: skip


async def _load(server: Server, secret: str, count: int) -> dict[str, Any]:
    before = cpu_seconds(server.pid)
    command = [sys.executable, "-m", "bench.load", str(server.port), secret]
    process = await asyncio.create_subprocess_exec(
        *command, str(count), str(CONNECTIONS), stdout=subprocess.PIPE, cwd=ROOT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, "the load generator failed"
    told: dict[str, Any] = json.loads(output)
    told["rate"] = told["count"] / told["seconds"]
    told["per_core"] = told["count"] / (cpu_seconds(server.pid) - before)
    return told


def durable_postgres(stage: Stage) -> str:
    """A throwaway server like the tests', but one that flushes to disk."""
    code = (
        "from tests.support import postgres_keeper as keeper;"
        "keeper.SETTINGS.update(fsync='on', synchronous_commit='on', full_page_writes='on');"
        f"keeper.keep({os.getpid()}, {ROLE!r})"
    )
    keeper = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    stage.at_end(keeper.terminate)
    assert keeper.stdout is not None
    port = keeper.stdout.readline().decode().strip()
    assert port.isdigit(), f"no PostgreSQL: {port}"
    server = PostgresServer(port=int(port), folder=stage.folder())
    return server.url(server.create())
