"""Waiting for something to arrive without polling: tests ask once and are answered in time."""

import asyncio
from collections.abc import Callable

# A test that waits longer than this has failed; the limit keeps connections from piling up.
LONGEST_WAIT_SECONDS = 60.0


class Arrivals:
    """Wakes everyone who waits whenever something has arrived."""

    def __init__(self) -> None:
        self._condition = asyncio.Condition()

    async def announce(self) -> None:
        async with self._condition:
            self._condition.notify_all()

    async def wait_until(self, is_there: Callable[[], bool], seconds: float) -> None:
        """Return as soon as `is_there()` holds, or when *seconds* are over."""
        if seconds <= 0 or is_there():
            return
        try:
            async with asyncio.timeout(min(seconds, LONGEST_WAIT_SECONDS)), self._condition:
                await self._condition.wait_for(is_there)
        except TimeoutError:
            return
