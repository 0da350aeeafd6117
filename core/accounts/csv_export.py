"""The list as CSV that a spreadsheet can open without running anything.

Every cell is quoted; a cell that a spreadsheet would take for a formula gets a leading
apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core.accounts.next_action import NextAction
from core.accounts.results import ChannelRow

# Status word and sentence for a person; `ui` owns the words.
Wording = Callable[[NextAction], tuple[str, str]]

# Excel takes UTF-8 for UTF-8 only behind a byte order mark.
BOM = "\ufeff".encode()
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# Spreadsheets look through these at what follows.
_BLANKS = " \u00a0\u200b\u2060\u3000\ufeff\x00\x0b\x0c"

HEADER = (
    "Company",
    "Contact e-mail",
    "Number",
    "Display name",
    "Channel ID",
    "Status",
    "Next action",
    "Whose turn",
    "Quality",
    "Messaging limit",
    "Business verification",
    "Permission",
    "Region",
    "Last change (UTC)",
)


def keys(action: NextAction) -> tuple[str, str]:
    """The wording for programs: the state and the sentence's key."""
    return action.state.value, action.sentence


def line(cells: Iterable[str]) -> str:
    """One record, every cell quoted and harmless."""
    return ",".join('"' + neutral(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"


def neutral(cell: str) -> str:
    """The cell, behind an apostrophe if a spreadsheet would run it."""
    start = cell.lstrip(_BLANKS)[:1]
    return f"'{cell}" if start in _FORMULA and start else cell


def lines(rows: Iterable[tuple[ChannelRow, str]], wording: Wording = keys) -> Iterator[str]:
    """Rows with their client's e-mail, as records."""
    for row, email in rows:
        status, sentence = wording(row.action)
        yield line(
            (
                row.client_name,
                email,
                row.phone_number,
                row.name,
                row.id,
                status,
                sentence,
                row.action.turn.value,
                row.quality,
                row.messaging_limit,
                row.verification,
                row.consent,
                row.region,
                row.modified_at.strftime("%Y-%m-%d %H:%M:%S"),
            )
        )
