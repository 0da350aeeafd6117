"""uvicorn's websocket with an end to what comes in: in frames and in bytes each second.

Counted where the connection is, so that pings, pongs and noops count like everything else; and an
end that is one: a closing handshake would wait for whoever does not answer it.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

log = structlog.get_logger()

# A second, from one socket: typing and dragging make some thirty.
MOST_FRAMES = 300
# A second; the largest frame that a page sends is a preview of less than one.
MOST_BYTES = 4 << 20
# Under this name the application finds what ends the connection at once.
ABORT = "hub.abort"


class LimitedSocket(WebSocketsSansIOProtocol):
    """One connection; whoever sends too much in a second has none any more."""

    _second = 0
    _frames = 0
    _bytes = 0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.transport.is_closing():
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[ABORT] = self.transport.abort

    def data_received(self, data: bytes) -> None:
        if self._is_too_much(0, len(data)):
            self._end()
        else:
            super().data_received(data)

    def handle_events(self) -> None:
        if self._is_too_much(len(self.conn.events), 0):
            self._end()
        else:
            super().handle_events()

    def _is_too_much(self, frames: int, size: int) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._frames, self._bytes = second, 0, 0
        self._frames += frames
        self._bytes += size
        return self._frames > MOST_FRAMES or self._bytes > MOST_BYTES

    def _end(self) -> None:
        log.warning("socket_closed", reason="too many frames")
        self.transport.abort()
