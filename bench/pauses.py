"""What `ui.serve.calm_garbage_collector` does to the tail, with many pages open.

The same hub twice, once with Python's own setting (`bench.variant`). The pauses are taken from the
collector's callbacks, so that waiting for a turn on a busy machine counts as little as it can.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench import processes
from bench.headless import HubPage, opened
from bench.measure import cpu_seconds, percentile
from bench.processes import ROOT, Server
from bench.report import Line
from bench.signed import Sender, limit_body
from bench.stage import Stage, sign_in

PAGES, LOADS, PUSHES = 40, 40, 10


async def run(stage: Stage) -> list[Line]:
    place = stage.folder()
    ours = await measured(stage, place, {})
    shipped = await measured(stage, place, {"BENCH_GC": "default"})
    return [
        Line(what="gc: longest pause, many pages", ours=ours["longest"], unit="ms",
             floor=shipped["longest"], goal=0.5,
             note=f"floor: Python's own; {ours['full']:.0f} and {shipped['full']:.0f} full ones"),
        Line(what="gc: all pauses", ours=ours["total"], unit="ms", floor=shipped["total"], goal=1,
             note=f"{PAGES} pages open, {LOADS} loads, {PUSHES} pushes"),
        Line(what="loop: lag of a timer, p99", ours=ours["lag"], unit="ms", floor=shipped["lag"],
             note="floor: Python's own GC"),
        Line(what="loop: longest lag", ours=ours["most"], unit="ms", floor=shipped["most"],
             note="floor: Python's own GC"),
    ]  # fmt: skip


async def measured(stage: Stage, place: Path, changes: dict[str, str]) -> dict[str, float]:
    """One hub, on the same folder, so that the session of the first serves all."""
    file = place / "pauses.json"
    file.unlink(missing_ok=True)
    program = [str(ROOT / "bench" / "variant.py")]
    with _environment(changes | {"BENCH_PAUSES": str(file)}):
        async with processes.hub(place, program=program) as hub:
            cookie = await _cookie(stage, hub)
            before = cpu_seconds(hub.pid)
            sender = Sender(hub.port, hub.app_secret)
            async with opened([HubPage(hub, cookie) for _ in range(PAGES)]):
                async with httpx.AsyncClient(headers={"Cookie": cookie}, timeout=60) as client:
                    for _ in range(LOADS):
                        await client.get(f"{hub.url}/accounts")
                for number in range(PUSHES):
                    await sender.post(limit_body(7_000 + number))
                    await asyncio.sleep(0.15)
                await asyncio.sleep(1.2)
            sender.close()
            return _told(json.loads(file.read_text())) | {"cpu": cpu_seconds(hub.pid) - before}


def _told(told: dict[str, Any]) -> dict[str, float]:
    """Milliseconds."""
    pauses = [seconds * 1000 for _, seconds in told["collections"]]
    lags = [seconds * 1000 for seconds in told["lags"]]
    return {
        "longest": max(pauses, default=0.0),
        "total": sum(pauses),
        "full": sum(generation == 2 for generation, _ in told["collections"]),
        "lag": percentile(lags, 0.99),
        "most": max(lags, default=0.0),
    }


async def _cookie(stage: Stage, hub: Server) -> str:
    """Of the first sign-in: the next hub has another provider, but the same database."""
    kept = hub.folder / "cookie"
    if not kept.exists():
        kept.write_text(await sign_in(await stage.browser(), hub))
    return kept.read_text()


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
