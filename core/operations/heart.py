"""Tells the database every few seconds that this worker lives, also while its work is held."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from core.errors import HubError
from core.operations.service import BEAT_EVERY, Operations

log = structlog.get_logger()


class Heart:
    """One thread; start it in worker processes only."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nobody need look for this worker any more."""
        self._ending.set()
        self._thread.join(timeout=10)

    def _work(self) -> None:
        while True:
            self._try(self._operations.beat)
            if self._ending.wait(BEAT_EVERY.total_seconds()):
                break
        self._try(self._operations.leave)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except HubError as error:
            log.warning("heartbeat_missed", code=error.code)
