"""The change feed: carries notices from the process that committed to those with open pages.

`LocalFeed` serves one process, `PostgresFeed` (LISTEN/NOTIFY) all of them. A notice may be lost
when a connection breaks: pages reload once after a reconnect, so nothing may depend on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from core.ports import Notice

log = structlog.get_logger()

Receiver = Callable[[list[Notice]], None]


class LocalFeed:
    """`core.ports.ChangeFeed` within one process; receivers run in the publishing thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._receivers: dict[object, Receiver] = {}

    def publish(self, notices: list[Notice]) -> None:
        """Every receiver has been called; one that fails does not keep the others from theirs."""
        with self._lock:
            receivers = list(self._receivers.values())
        for receive in receivers:
            try:
                receive(notices)
            except Exception:
                # The change is committed: its author must not hear that somebody else's page broke.
                log.exception("change_receiver_failed", notices=len(notices))

    def subscribe(self, receive: Receiver) -> Callable[[], None]:
        """Call `receive` for each batch until the returned function is called."""
        key = object()
        with self._lock:
            self._receivers[key] = receive

        def unsubscribe() -> None:
            with self._lock:
                self._receivers.pop(key, None)

        return unsubscribe
