"""Request lines of programs that write their filters as they think them, with blanks and umlauts.

HTTP forbids blanks and bytes beyond ASCII inside the target, so the parser refuses such a line
before any route sees it; other hubs of the trade take it. Only calls of the partner API with a
query are mended, and only by writing `%20` for a blank and `%C3` and its like for such bytes:
what follows parses one request, as before.
"""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LINE = re.compile(rb"([A-Z]{3,7}) (/(?:api/v2|v1)/[^\r\n? ]*\?[^\r\n]*) (HTTP/1\.[01])\r\n")
_FORBIDDEN = re.compile(rb"[ \x80-\xff]")
_START = re.compile(rb"[A-Z]{3,7} /(?:api/v2|v1)/")
# A longer line without an end is no filter; the parser says what it thinks of it.
_LONGEST = 16 * 1024


class RawTargets(HttpToolsProtocol):
    """uvicorn's own protocol, with the first line of a request looked at before it is parsed."""

    _is_between = True  # whether the next byte begins a request
    _held = b""  # the beginning of a line that has not arrived whole

    def data_received(self, data: bytes) -> None:
        if self._is_between:
            data, self._held = self._held + data, b""
            if _is_half_a_line(data):
                self._held = data
                return
            data = straightened(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._is_between = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_between = True


def straightened(data: bytes) -> bytes:
    """The bytes of a request with nothing inside its target that HTTP forbids there."""
    line = _LINE.match(data)
    if line is None or not _FORBIDDEN.search(line[2]):
        return data
    target = _FORBIDDEN.sub(lambda found: b"%%%02X" % ord(found[0]), line[2])
    return b"%s %s %s\r\n" % (line[1], target, line[3]) + data[line.end() :]


def _is_half_a_line(data: bytes) -> bool:
    return len(data) < _LONGEST and b"\n" not in data and _START.match(data) is not None
