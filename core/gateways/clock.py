"""Follows a clock that somebody else moves: the sandbox's, so that tests can let months pass.

Used only where `HUB_CLOCK_URL` is set; production refuses that setting.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import structlog

from core.clock import Clock, OffsetClock, SystemClock

log = structlog.get_logger()

_LOOK = 0.5  # seconds between two looks; a test that moves the clock waits for `readyz`


@contextmanager
def clock_at(url: str) -> Iterator[Clock]:
    """The clock that is told there, followed while the block lasts; the machine's own for ''."""
    if not url:
        yield SystemClock()
        return
    clock = FollowedClock(url)
    clock.start()
    try:
        yield clock
    finally:
        clock.stop()


class FollowedClock(OffsetClock):
    """The machine's time plus the offset told at `url`; keeps the last one while it is silent."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        # Kept: to make a client costs ten times as much as to ask.
        self._client = httpx.Client(timeout=2, trust_env=False)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="clock", daemon=True)

    def start(self) -> None:
        self.look()
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._client.close()

    def look(self) -> None:
        """Take the offset as it is now."""
        try:
            answer = self._client.get(self._url).json()
            self.offset = timedelta(seconds=float(answer["offset_seconds"]))
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.debug("clock_silent", error=type(error).__name__)

    def _work(self) -> None:
        while not self._ending.wait(_LOOK):
            self.look()
