"""Cells that a spreadsheet can open without running anything (OWASP, CSV injection).

Every cell is quoted; one that a spreadsheet would take for a formula gets a leading apostrophe.
"""

from __future__ import annotations

from collections.abc import Iterable

# Excel takes UTF-8 for UTF-8 only behind a byte order mark.
BOM = "\ufeff".encode()
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# Spreadsheets look through these at what follows.
_BLANKS = " \u00a0\u200b\u2060\u3000\ufeff\x00\x0b\x0c"


def line(cells: Iterable[str]) -> str:
    """One record, every cell quoted and harmless."""
    return ",".join('"' + neutral(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"


def neutral(cell: str) -> str:
    """The cell, behind an apostrophe if a spreadsheet would run it."""
    start = cell.lstrip(_BLANKS)[:1]
    return f"'{cell}" if start in _FORMULA and start else cell
