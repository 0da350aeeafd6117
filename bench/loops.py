"""uvloop and the sans-I/O websockets beside asyncio's loop and the older websockets API.

Not part of a whole run: `python -m bench loops`.
"""

from __future__ import annotations

from bench.pauses import LOADS, PAGES, PUSHES, measured
from bench.report import Line
from bench.stage import Stage


async def run(stage: Stage) -> list[Line]:
    place = stage.folder()
    ours = await measured(stage, place, {})
    loop = await measured(stage, place, {"BENCH_LOOP": "asyncio"})
    sockets = await measured(stage, place, {"BENCH_WS": "websockets"})
    note = f"{PAGES} pages, {LOADS} loads, {PUSHES} pushes"
    return [
        Line(what="loop: CPU beside asyncio's own", ours=ours["cpu"], unit="s", floor=loop["cpu"],
             goal=1.1, note=note),
        Line(what="loop: CPU beside the older websockets", ours=ours["cpu"], unit="s",
             floor=sockets["cpu"], goal=1.1, note=note),
        Line(what="loop: lag p99 beside asyncio's own", ours=ours["lag"], unit="ms",
             floor=loop["lag"]),
    ]  # fmt: skip
