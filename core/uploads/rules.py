"""What a file from outside may be; pure, and by its content: names and declared types are not
believed. Pictures go on to `uploads.pictures`, which draws them anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum

from core.errors import InvalidInput

MAX_BYTES = 2 * 1024 * 1024
LEAST_SIDE, LONGEST_SIDE = 32, 4096  # pixels
MOST_PIXELS = 4_000_000  # decoded to 16 MB; a small file may hold a hundred times more
MOST_TIMES = 8  # a logo's longer side of its shorter one: beyond that it is drawn as a line
_NAME_LENGTH = 100
_TAIL = 1024  # where a PDF must say that it ends

_PDF = re.compile(rb"%PDF-[12]\.\d")
# Path separators, what shells and headers read as signs of their own, and percent escapes.
_UNSAFE = re.compile(r'[<>:"/\\|?*%;\'`$]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


class Kind(StrEnum):
    """The media types that are taken."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    PDF = "application/pdf"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.WEBP})
EXTENSION = {Kind.PNG: ".png", Kind.JPEG: ".jpg", Kind.WEBP: ".webp", Kind.PDF: ".pdf"}


def kind_of(content: bytes, allowed: Collection[Kind]) -> Kind:
    """What the content is by its first bytes. Raises InvalidInput (field file): `file_empty`,
    `file_too_large`, `file_type`."""
    if not content:
        raise refused("file_empty")
    if len(content) > MAX_BYTES:
        raise refused("file_too_large", most=MAX_BYTES)
    kind = _sniffed(content)
    if kind is None or kind not in allowed:
        raise refused("file_type")
    return kind


def safe_name(name: str, kind: Kind) -> str:
    """A name to show and to save by: no folders, no signs that mean something, our extension."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Cc, Cf: controls and invisible marks, which turn a name around; Cs, Co, Cn: no characters.
    shown = "".join(c for c in base if unicodedata.category(c)[0] != "C")
    shown = _UNSAFE.sub("_", " ".join(shown.split()))
    stem, dot, extension = shown.rpartition(".")
    stem = (stem if dot and len(extension) <= 5 else shown).strip(". ~_")[:_NAME_LENGTH].strip()  # noqa: PLR2004
    if _DEVICES.match(stem):
        stem = f"_{stem}"
    return (stem or "file") + EXTENSION[kind]


def refused(code: str, **about: int) -> InvalidInput:
    """The refusal of a file."""
    return InvalidInput("", code=code, field="file", **about)


def _sniffed(content: bytes) -> Kind | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind.WEBP
    if _PDF.match(content) and b"%%EOF" in content[-_TAIL:]:
        return Kind.PDF
    return None
