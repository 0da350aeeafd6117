"""Work in threads on behalf of a page."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ui.context import in_thread


async def test_a_builder_that_was_left_does_not_go_on() -> None:
    """NiceGUI's own helper would answer None and let the builder draw on a page it has left."""
    reached, release = threading.Event(), threading.Event()
    went_on = False

    def slow() -> str:
        reached.set()
        release.wait(5)
        return "rows"

    async def builder() -> None:
        nonlocal went_on
        await in_thread(slow)
        went_on = True

    task = asyncio.create_task(builder())
    await asyncio.to_thread(reached.wait, 5)
    task.cancel()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on
