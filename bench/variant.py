"""The hub's commands with one thing of `ui.serve` changed, and its pauses written down.

Started by `bench.pauses` in place of `main.py`. BENCH_GC=default leaves Python's collector as it
ships, BENCH_GC=10000,5,1000 sets other thresholds; BENCH_LOOP and BENCH_WS replace uvicorn's;
BENCH_PAUSES names the file of the pauses.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

import main
from ui import serve

_PROBE_SECONDS = 0.002


class Pauses:
    """How long collections held the interpreter, and how late a timer of the loop was."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started = 0.0
        self._collections: list[tuple[int, float]] = []
        self._lags: list[float] = []

    def start(self) -> None:
        """On the running loop."""
        gc.callbacks.append(self._collected)
        self._task = asyncio.get_running_loop().create_task(self._probe())
        threading.Thread(target=self._write, daemon=True).start()

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        # Time of this thread: being put aside by the system is not the collector's doing.
        now = time.thread_time()
        if phase == "start":
            self._started = now
        else:
            self._collections.append((info["generation"], now - self._started))

    async def _probe(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_PROBE_SECONDS)
            self._lags.append(time.perf_counter() - before - _PROBE_SECONDS)

    def _write(self) -> None:
        while True:
            time.sleep(0.5)
            told = {"collections": list(self._collections), "lags": list(self._lags)}
            draft = self._path.with_suffix(".new")
            draft.write_text(json.dumps(told))
            draft.replace(self._path)


def change() -> None:
    """As the environment says."""
    calm = serve.calm_garbage_collector
    pauses = Pauses(Path(os.environ["BENCH_PAUSES"]))

    def at_start() -> None:
        collector = os.environ.get("BENCH_GC", "")
        if collector != "default":
            calm()
        if "," in collector:
            gc.set_threshold(*map(int, collector.split(",")))
        pauses.start()

    serve.calm_garbage_collector = at_start
    config = uvicorn.Config

    def changed(*args: Any, **kwargs: Any) -> uvicorn.Config:
        wanted = {"loop": os.environ.get("BENCH_LOOP"), "ws": os.environ.get("BENCH_WS")}
        return config(*args, **kwargs | {k: v for k, v in wanted.items() if v})

    uvicorn.Config = changed  # type: ignore[assignment,misc]


if __name__ == "__main__":
    change()
    main.commands()
