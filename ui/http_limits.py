"""uvicorn's protocol with an end to what comes before a request's body: in bytes and in seconds.

The parser keeps header after header as long as they come, and waits for the next byte for ever.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from ui.raw_targets import RawTargets

# What Apache and nginx take in all; our longest is a list's address with all its filters.
MOST_BYTES = 64 * 1024
# A phone on a bad line sends its headers in a second or two.
SECONDS = 15.0
_TOO_LARGE = b"431 Request Header Fields Too Large"
_TOO_SLOW = b"408 Request Timeout"


class LimitedHttp(RawTargets):
    """One connection; 431 for a head without end, 408 for one that does not come."""

    seconds = SECONDS
    _is_head = True  # no request's headers are complete since the last one ended
    _taken = 0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._is_head:
            super().data_received(data)
            return
        if self._patience is None:
            self._wait_for_head()
        room = max(0, MOST_BYTES - self._taken)
        self._taken += len(data)
        super().data_received(data[:room])
        if len(data) <= room or self.transport.is_closing():
            return
        if self._is_head:
            self._refuse(_TOO_LARGE)
        else:
            super().data_received(data[room:])

    def on_headers_complete(self) -> None:
        self._is_head, self._taken = False, 0
        self._be_patient()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_head = True
        super().on_message_complete()

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(self.seconds, self._refuse, _TOO_SLOW)

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, status: bytes) -> None:
        """The connection ends; an answer that is under way is not cut."""
        self._be_patient()
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        is_answering = cycle is not None and not cycle.response_complete
        if self.transport.is_closing() or is_answering:
            return
        self.transport.write(
            b"HTTP/1.1 %s\r\ncontent-length: 0\r\nretry-after: 60\r\nconnection: close\r\n\r\n"
            % status
        )
        self.transport.close()
