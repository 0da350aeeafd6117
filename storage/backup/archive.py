"""The file of a backup: a ZIP of members with a manifest that knows each one's checksum.

The manifest is written last and read first. Nothing of a member's name is trusted on the way back:
only what the manifest lists under a name of the known kinds is taken out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from core.errors import InvalidInput

FORMAT = 1
MANIFEST = "manifest.json"
_PIECE = 1024 * 1024
_MEMBER = re.compile(
    r"database\.sqlite3|tables/(?:hub|dbos)/[a-z0-9_]+\.copy|blobs/[0-9a-f]{2}/[0-9a-f]{64}"
)
NOT_INSIDE = (
    "HUB_VAULT_KEYS (without them the tokens, PINs and secrets inside cannot be read)",
    "HUB_SECRET_KEY and all other settings",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file inside."""

    sha256: str
    size: int


@dataclass(slots=True, kw_only=True)
class Manifest:
    """What a backup says about itself; nothing secret."""

    hub: str  # version that made it
    created_at: str
    database: str  # "sqlite" or "postgresql"
    schema: str  # revision of the migrations
    # The keys that are needed: fingerprints by id.
    vault_keys: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)  # of each table, in order
    members: dict[str, Member] = field(default_factory=dict)
    not_inside: tuple[str, ...] = NOT_INSIDE
    format: int = FORMAT


class Writer:
    """Adds members; the manifest comes at the end."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @contextmanager
    def member(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Gives what takes the member's bytes, piece by piece."""
        digest, size = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as file:

            def write(piece: bytes) -> None:
                nonlocal size
                digest.update(piece)
                size += len(piece)
                file.write(piece)

            yield write
        self.manifest.members[name] = Member(sha256=digest.hexdigest(), size=size)

    def add(self, name: str, path: Path) -> None:
        with path.open("rb") as source, self.member(name) as write:
            for piece in _pieces(source):
                write(piece)


@contextmanager
def writing(target: Path, manifest: Manifest) -> Iterator[Writer]:
    """The file is there whole at the end or not at all, and its owner alone can read it."""
    draft = target.with_name(f"{target.name}.writing")
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                writer = Writer(archive, manifest)
                yield writer
                archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)  # there only if something went wrong


class Reader:
    """Members of a backup whose checksums hold."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    def names(self, start: str) -> list[str]:
        return [name for name in self.manifest.members if name.startswith(start)]

    def pieces(self, name: str) -> Iterator[bytes]:
        """Raises InvalidInput (backup_damaged) at the end of a member that is not what it was."""
        known, digest, size = self.manifest.members[name], hashlib.sha256(), 0
        try:
            with self._archive.open(name) as file:
                for piece in _pieces(file):
                    digest.update(piece)
                    size += len(piece)
                    if size > known.size:
                        break
                    yield piece
        except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise _damaged(name) from error
        if (digest.hexdigest(), size) != (known.sha256, known.size):
            raise _damaged(name)

    def verify(self) -> None:
        """Every member is what it was; raises InvalidInput (backup_damaged)."""
        for name in self.manifest.members:
            for _ in self.pieces(name):
                pass

    def extract(self, name: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            for piece in self.pieces(name):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def reading(source: Path) -> Iterator[Reader]:
    """Raises InvalidInput (backup_unreadable) for what is no backup of a hub."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield Reader(archive, _manifest(archive))
    except (OSError, zipfile.BadZipFile) as error:
        raise _unreadable(f"{source} is no backup of a hub") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        told = json.loads(archive.read(MANIFEST))
        if told["format"] != FORMAT:
            raise _unreadable(f"it has the format {told['format']}, this hub reads {FORMAT}")
        members = {name: Member(**about) for name, about in told.pop("members").items()}
        manifest = Manifest(**told, members=members)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable("its manifest cannot be read") from error
    if strange := [name for name in members if not _MEMBER.fullmatch(name)]:
        raise _unreadable(f"it holds what no backup holds: {strange[0][:80]!r}")
    return manifest


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _damaged(name: str) -> InvalidInput:
    return InvalidInput(f"The backup is damaged: {name} is not what it was.", code="backup_damaged")


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(f"The backup cannot be used: {why}.", code="backup_unreadable")
