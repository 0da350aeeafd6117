"""The pages' outer edge: the one place in the dashboard where everything is caught."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def guarded(
    work: Callable[[], Awaitable[None] | None], failed: Callable[[Exception], None]
) -> bool:
    """Do `work`; whatever goes wrong reaches `failed`, which logs it with its cause.

    False when the work was cancelled because the person went on: then it fails silently, for
    nobody is there to see it.
    """
    try:
        result = work()
        if inspect.isawaitable(result):
            await result
    except Exception as error:
        if not _was_left():
            failed(error)
    return not _was_left()


def _was_left() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
