"""The list as CSV that a spreadsheet can open without running anything.

`core.csv_cells` keeps every cell harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core.accounts.next_action import NextAction
from core.accounts.results import ChannelRow
from core.csv_cells import BOM, line, neutral

__all__ = ["BOM", "HEADER", "Wording", "keys", "line", "lines", "neutral"]

# Status word and sentence for a person; `ui` owns the words.
Wording = Callable[[NextAction], tuple[str, str]]

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
