"""Percentiles, CPU time and memory of a process, and words to wait with."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

import psutil


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all do not exceed; nan for none."""
    ranked = sorted(values)
    if not ranked:
        return math.nan
    return ranked[min(len(ranked), max(1, math.ceil(share * len(ranked)))) - 1]


def cpu_seconds(pid: int) -> float:
    """User and system time that the process has used, without its children."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def memory_bytes(pid: int) -> int:
    """What the process alone holds; shared libraries do not count."""
    return int(psutil.Process(pid).memory_full_info().uss)


async def cpu_share(pid: int, seconds: float) -> float:
    """CPU seconds per second while nobody asks for anything."""
    before = cpu_seconds(pid)
    await asyncio.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


async def until(
    is_so: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 30.0, pause: float = 0.05
) -> None:
    """Return once it is so; raises TimeoutError that names what did not come."""
    deadline = time.monotonic() + seconds
    while not await is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        await asyncio.sleep(pause)


@contextlib.contextmanager
def niced(increment: int) -> Iterator[None]:
    """The block runs with lower priority, so that it takes nothing from what is measured."""
    process = psutil.Process()
    before = process.nice()
    with contextlib.suppress(psutil.Error):
        process.nice(before + increment)
    yield
    with contextlib.suppress(psutil.Error):
        process.nice(before)
