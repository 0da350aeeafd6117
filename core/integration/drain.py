"""Keeps working off the inbound queue in a thread of a worker process.

Woken by the change feed when a body was stored; looks by itself now and then, since a wake-up may
be lost and a postponed body comes due without one.
"""

from __future__ import annotations

import threading

import structlog

from core.errors import HubError
from core.integration.inbound import Inbound
from core.ports import ChangeFeed, Notice

log = structlog.get_logger()

# Without a wake-up (SQLite with a separate web process) a webhook waits this long; *seconds*.
_LOOK = 0.25
# After a refused database there is no point in asking at once.
_PAUSE = 1.0


class Drain:
    """One thread; start it in worker processes only."""

    def __init__(self, inbound: Inbound, feed: ChangeFeed) -> None:
        self._inbound = inbound
        self._feed = feed
        self._woken = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="inbound", daemon=True)

    def start(self) -> None:
        self._feed.subscribe(self._hear)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, then end."""
        self._ending.set()
        self._woken.set()
        self._thread.join(timeout=15)

    def _hear(self, notices: list[Notice]) -> None:
        if any(notice.type == "inbound_stored" for notice in notices):
            self._woken.set()

    def _work(self) -> None:
        while not self._ending.is_set():
            is_told = self._woken.wait(_LOOK)
            self._woken.clear()
            try:
                # Who comes meanwhile wakes this thread again: it need not look once more by itself.
                while not self._ending.is_set():
                    most = self._inbound.most
                    if self._inbound.work_off(is_told=is_told) < most:
                        break
            except HubError as error:
                log.warning("inbound_paused", code=error.code)
                self._ending.wait(_PAUSE)
