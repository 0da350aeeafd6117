"""Measures how late the event loop comes to what is due: every open page waits that long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_EVERY = 0.5  # seconds


async def measure_lag(observe: Callable[[float], None]) -> None:
    """For ever; `observe` has each measure in *seconds*."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY
        await asyncio.sleep(_EVERY)
        observe(max(0.0, loop.time() - due))
