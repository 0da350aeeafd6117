"""Pictures from outside, drawn anew in a process of their own: what is stored, we have written.

One short process for each picture, with a bound on memory and time; at most a few at once.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

import structlog

from core.errors import Unavailable
from core.uploads import draw
from core.uploads.rules import LEAST_SIDE, LONGEST_SIDE, MOST_PIXELS, Kind, refused

log = structlog.get_logger()

SECONDS = 5  # of a core; twice as long by the clock, for a core that is shared
# The interpreter with its decoders, 4 megapixels decoded, and the same once more to write.
MEMORY = 512 * 1024 * 1024
_AT_ONCE = 2
_PATIENCE = 20  # seconds until one of the others is done
_FORMATS = {Kind.PNG: "PNG", Kind.JPEG: "JPEG", Kind.WEBP: "WEBP"}
_WRITTEN_AS = {Kind.PNG: Kind.PNG, Kind.JPEG: Kind.WEBP, Kind.WEBP: Kind.WEBP}


class Pictures:
    """Draws pictures; call it from a thread."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(_AT_ONCE)

    def drawn(
        self,
        content: bytes,
        kind: Kind,
        *,
        cut: tuple[int, int, int, int] | None = None,
        longest: int = 0,
        most_times: int = 0,
    ) -> tuple[bytes, Kind]:
        """The same picture in our own writing, and what it is now.

        `cut` keeps a part of it (left, top, width, height; *pixels*, the right way up); `longest`
        is the most *pixels* a side of what is written, 0 for as it came; `most_times` is how many
        times its shorter side the longer one may be, 0 for any.
        Raises InvalidInput (field file): `file_broken`, `picture_too_small`, `picture_too_large`,
        `picture_too_thin`, `picture_moves`, `crop_outside`; Unavailable while too many are drawn.
        """
        if not self._free.acquire(timeout=_PATIENCE):
            raise Unavailable("too many pictures at once")
        try:
            answer = _answer(content, _FORMATS[kind], (longest, most_times, *(cut or ())))
        finally:
            self._free.release()
        code, _, picture = answer.partition(b"\n")
        if code != b"ok":
            raise refused(code.decode())
        return picture, _WRITTEN_AS[kind]


def _answer(content: bytes, form: str, wanted: tuple[int, ...]) -> bytes:
    numbers = (LEAST_SIDE, LONGEST_SIDE, MOST_PIXELS, MEMORY, SECONDS, *wanted)
    command = [sys.executable, "-I", str(Path(draw.__file__)), form, *map(str, numbers)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, the file comes by stdin
            command, input=content, capture_output=True, timeout=2 * SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return b"file_broken\n"
    if done.returncode or not done.stdout:
        # Out of memory or time, or a decoder that fell over: the file is not one that we draw.
        log.warning("picture_not_drawn", status=done.returncode)
        return b"file_broken\n"
    return done.stdout
