"""The partner's colour on the client's pages, only where people can still read; pure.

A button in the brand's colour needs a text on it of 4.5:1 and must stand out from the page by
3:1 (WCAG 2.2, 1.4.3 and 1.4.11). Where it does not, the hub's own primary is used.
"""

from __future__ import annotations

import re

from ui.theme import DARK, LIGHT, contrast

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_INKS = ("#FFFFFF", "#101820")
_TEXT, _EDGE = 4.5, 3.0


def style(color: str) -> str:
    """CSS declarations for both modes; empty for no, a malformed or an unreadable colour."""
    if not _COLOR.fullmatch(color):
        return ""
    ink = max(_INKS, key=lambda ink: contrast(ink, color))
    if contrast(ink, color) < _TEXT:
        return ""
    return ";".join(
        f"--brand-{mode}:{color};--on-brand-{mode}:{ink}"
        for mode, is_shown in shown_in(color).items()
        if is_shown
    )


def shown_in(color: str) -> dict[str, bool]:
    """By mode, whether a well-formed colour can be seen and read there."""
    is_readable = max(contrast(ink, color) for ink in _INKS) >= _TEXT
    modes = {"light": LIGHT, "dark": DARK}
    return {mode: is_readable and _stands_out(color, tokens) for mode, tokens in modes.items()}


def _stands_out(color: str, tokens: dict[str, str]) -> bool:
    return all(contrast(color, tokens[ground]) >= _EDGE for ground in ("bg", "surface"))
