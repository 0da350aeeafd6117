"""What people type, made fit to be kept; pure."""

from __future__ import annotations

from core.errors import InvalidInput


def kept(text: str, field: str, most: int, *, is_needed: bool = True) -> str:
    """Without blanks around, and without what no database takes. Raises InvalidInput (`needed`,
    `too_long` with `most`)."""
    cleaned = storable(text).replace("\r\n", "\n").strip()
    if is_needed and not cleaned:
        raise InvalidInput(code="needed", field=field)
    if len(cleaned) > most:
        raise InvalidInput(code="too_long", field=field, most=most)
    return cleaned


def storable(text: str) -> str:
    """Without NUL, and without halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def beginning(text: str, most: int) -> str:
    """One line for a list."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
