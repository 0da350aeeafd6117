"""Files by content hash, in a folder: logos now, invoices later.

A file is written beside its place and renamed into it, so it is there whole or not at all; the
same content is stored once.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from core.errors import NotFound

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FolderBlobs:
    """`core.ports.Blobs`; several processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, media_type: str) -> str:
        """The content's SHA-256, hexadecimal; the first media type told stays."""
        digest = hashlib.sha256(content).hexdigest()
        place = self._place(digest)
        if not place.exists():
            _write_whole(place, media_type.encode() + b"\n" + content)
        return digest

    def get(self, digest: str) -> tuple[bytes, str]:
        if not _DIGEST.fullmatch(digest):
            raise NotFound("no such file", digest=digest[:64])
        try:
            stored = self._place(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("no such file", digest=digest) from None
        media_type, _, content = stored.partition(b"\n")
        return content, media_type.decode()

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def _write_whole(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    finally:
        Path(name).unlink(missing_ok=True)  # there only if something went wrong
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself
    finally:
        os.close(folder)
