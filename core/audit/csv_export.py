"""The record as CSV, page by page, as far as the filters show it; every cell is harmless.

Times are UTC; what changed stands as it was told, so that nothing is lost to wording. Only amounts
are written in units of their currency, exactly: micros mislead in a spreadsheet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from core.audit.differences import differences, rest
from core.audit.trail import Happened
from core.csv_cells import line
from core.money import MICROS

# Title of the event, who did it, and where from; `ui` owns the words.
Wording = Callable[[Happened], tuple[str, str, str]]

HEADER = (
    "Time (UTC)",
    "What",
    "Who",
    "Where from",
    "Browser or program",
    "About",
    "About (kind)",
    "About (ID)",
    "Before",
    "After",
    "More",
    "Kind",
    "Actor",
    "Request",
    "Event",
)


def lines(rows: Iterable[Happened], wording: Wording) -> Iterator[str]:
    """One record an event."""
    for row in rows:
        what, who, where = wording(row)
        changed = differences(row.data, row.earlier)
        yield line(
            (
                row.at.strftime("%Y-%m-%d %H:%M:%S"),
                what,
                who,
                where,
                row.agent,
                row.subject_name,
                row.subject_type,
                row.subject_told,
                _told({each.name: each.before for each in changed}),
                _told({each.name: each.after for each in changed}),
                _told(rest(row.data, row.earlier)),
                row.type,
                row.actor,
                row.request_id,
                str(row.id),
            )
        )


def _told(values: dict[str, Any]) -> str:
    """A single value by itself, several by name."""
    if not values:
        return ""
    shown = dict(_shown(name, told) for name, told in values.items())
    told: Any = next(iter(shown.values())) if len(shown) == 1 else shown
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


def _shown(name: str, told: Any) -> tuple[str, Any]:
    if not name.endswith("micros"):
        return name, told
    return name.removesuffix("_micros").replace("micros", "amount"), _in_units(told)


def _in_units(told: Any) -> Any:
    if isinstance(told, dict):
        return ", ".join(f"{_in_units(micros)} {code}" for code, micros in told.items())
    if isinstance(told, list):
        return [_in_units(micros) for micros in told]
    if not isinstance(told, int):
        return told
    exact = Decimal(told) / MICROS
    return f"{exact:.2f}" if exact == round(exact, 2) else f"{exact:f}"
