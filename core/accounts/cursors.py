"""Where a page of a list begins or ends: the sort value and id of its first or last row.

Opaque to browsers, but only values: a forged cursor moves the reader inside its own partner's
rows, which the tenant filter guarantees, so there is nothing to sign.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime

SortValue = str | int | datetime

_INT_BOUND = 2**31  # the columns are 32 bits wide; PostgreSQL refuses to compare beyond
_TEXT_BOUND = 400


@dataclass(frozen=True, slots=True)
class Cursor:
    """One row's place in one sort order."""

    sort: str
    value: SortValue
    id: str


def encode(cursor: Cursor) -> str:
    value = cursor.value
    told = {"t": value.astimezone(UTC).isoformat()} if isinstance(value, datetime) else value
    raw = json.dumps([cursor.sort, told, cursor.id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str, sort: str, kind: type[SortValue]) -> Cursor | None:
    """The cursor, or None for anything that is not one of this sort order."""
    try:
        padded = text[: 4 * _TEXT_BOUND] + "=" * (-len(text) % 4)
        told = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        made_for, value, row_id = told
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["t"]).astimezone(UTC)
    except (binascii.Error, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    if made_for != sort or type(value) is not kind or not isinstance(row_id, str):
        return None
    if isinstance(value, int) and abs(value) >= _INT_BOUND:
        return None
    if not is_storable(row_id) or (isinstance(value, str) and not is_storable(value)):
        return None
    return Cursor(sort, value, row_id)


def is_storable(text: str) -> bool:
    """Whether both databases take the text as a parameter: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text and len(text) <= _TEXT_BOUND
