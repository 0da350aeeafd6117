"""What all open lists of a partner's numbers share: the rows as they are shown, and the pushes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from core.access import Principal
from core.accounts.results import Changed, ChannelPage, ChannelRow
from core.hub import Hub
from core.ports import Notice
from ui.pages.account_rows import shown_counts, shown_row
from ui.rooms import Room

_CHANGES_ROWS = frozenset({"channel", "waba", "client"})
_CREATED = "channel_created"


class Line:
    """One row in the words of the page; pages that show the same number hold the same line."""

    __slots__ = ("__weakref__", "reading", "row", "shown")

    def __init__(self, row: ChannelRow, reading: int) -> None:
        self.reading = reading
        self.row = row
        self.shown = shown_row(row)

    def renew(self, row: ChannelRow, reading: int) -> None:
        """Show what a reading that began later found."""
        self.reading = reading
        if row != self.row:
            self.row, self.shown = row, shown_row(row)


@dataclass(frozen=True, slots=True)
class About:
    """Ids of shown numbers that may have changed, and of new ones."""

    ids: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)


class AccountRoom(Room[About, Changed]):
    """The open lists of one partner."""

    kind = "accounts"

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        # A line lasts as long as a page shows it.
        self._lines: WeakValueDictionary[str, Line] = WeakValueDictionary()
        self._counts: dict[str, str] = {}
        self._counted = -1  # by which reading

    @property
    def now(self) -> dict[str, Any]:
        """What all lists show alike, and the last message that said so."""
        return {"number": self.number, "counts": self._counts}

    def lines(self, page: ChannelPage, readings: int) -> tuple[Line, ...]:
        """The lines of a page that was asked for when so many readings had begun.

        What a later reading has found since is newer than the page's.
        """
        if self._counted <= readings:
            self._counts, self._counted = shown_counts(page.counts), readings
        return tuple(self._line(row, readings, is_page=True) for row in page.rows)

    def concerned(self, notices: Sequence[Notice]) -> About | None:
        subjects = {(n.subject_type, n.subject_id) for n in notices}
        if not any(kind in _CHANGES_ROWS for kind, _ in subjects):
            return None
        ids = [row.id for row in self._shown() if _concerns(row, subjects)]
        return About(ids, [n.subject_id for n in notices if n.type == _CREATED])

    def read(self, everybody: Sequence[Principal], about: About) -> Changed:
        return self.hub.accounts.changed(everybody, about.ids)

    def message(self, about: About, found: Changed) -> dict[str, Any]:
        lines = [self._line(row, self.readings) for row in found.rows]
        self._counts, self._counted = shown_counts(found.counts), self.readings
        return {
            "rows": [line.shown for line in lines],
            "counts": self._counts,
            "created": about.created,
        }

    def _line(self, row: ChannelRow, reading: int, *, is_page: bool = False) -> Line:
        line = self._lines.get(row.id)
        if line is None:
            line = self._lines[row.id] = Line(row, reading)
        elif not is_page or line.reading <= reading:
            line.renew(row, reading)
        return line

    def _shown(self) -> list[ChannelRow]:
        return [line.row for line in self._lines.values()]


def _concerns(row: ChannelRow, subjects: set[tuple[str, str]]) -> bool:
    return (
        ("channel", row.id) in subjects
        or ("waba", row.waba_account_id) in subjects
        or ("client", row.client_id) in subjects
    )
