"""Work that follows changes, at most so often: the first at once, the last never left out.

For what costs more than a figure (charts, sums by day): a partner's messages change them many times
a second, and nobody reads them that fast. One per open section.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

_GAP = 1.0  # seconds


class Place(Protocol):
    """What is drawn in; an element of the page."""

    @property
    def is_deleted(self) -> bool: ...


class Paced:
    """Call it whenever `work` should be done again; who comes while it is done does not wait."""

    def __init__(
        self, work: Callable[[], Awaitable[None]], place: Place, gap: float = _GAP
    ) -> None:
        """When `place` is gone, nothing is left to do; `gap` in *seconds*, after the work."""
        self._work = work
        self._place = place
        self._gap = gap
        self._is_working = False
        self._is_asked = False

    async def __call__(self) -> None:
        """Do the work now, or once more after what is being done; raises what `work` raises."""
        self._is_asked = True
        if self._is_working:
            return
        self._is_working = True
        try:
            while self._is_asked and not self._place.is_deleted:
                self._is_asked = False
                await self._work()
                await asyncio.sleep(self._gap)
        finally:
            self._is_working = False
