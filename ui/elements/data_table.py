"""Rows of any kind as one element, however many there are; a push patches rows.

For lists of up to a hundred rows a page: invoices, movements, cards, figures by client. A cell
is a text or a mapping made by `cell`; colours come as badges (icon, word and colour).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element

from ui.components import Tone, badge_classes

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`right` for figures; the first column's text is the link that opens the row."""

    key: str
    title: str
    right: bool = False


class DataTable(Element, component="data_table.js"):
    """Rows have an `id`, a cell per column, and perhaps `href` and `acts` (see `act`).

    `on_act` gets the row's id and the act's key; both come from the browser: check them.
    """

    def __init__(
        self,
        label: str,
        columns: Sequence[Column],
        rows: Sequence[Row] = (),
        *,
        foot: Row | None = None,
        on_act: Callable[[str, str], Any] | None = None,
    ) -> None:
        super().__init__()
        self._props["label"] = label
        self._props["columns"] = tuple(
            {"key": each.key, "title": each.title, "right": each.right} for each in columns
        )
        # A tuple: NiceGUI would wrap every dict of a list to watch it.
        self._props["rows"] = tuple(rows)
        self._props["foot"] = foot
        if on_act is not None:
            self.on("act", lambda event: on_act(str(event.args[0]), str(event.args[1])))

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._props["rows"])

    def show(self, rows: Sequence[Row], foot: Row | None = None) -> None:
        """Replace all rows."""
        self._props["rows"] = tuple(rows)
        self._props["foot"] = foot
        self.update()

    def patch(self, rows: Sequence[Row]) -> None:
        """Rows that changed while the page is open glow once; nothing moves."""
        changed = {row["id"]: row for row in rows}
        # Kept for the next full draw; only the changed rows travel now.
        with self._props.suspend_updates():
            self._props["rows"] = tuple(changed.get(row["id"], row) for row in self.rows)
        self.run_method("patch", list(rows))


def cell(
    text: str, *, second: str = "", title: str = "", href: str = "", strong: bool = False
) -> Row:
    """A cell with more than its text; `second` is a quiet line below."""
    return {"text": text, "second": second, "title": title, "href": href, "strong": strong}


def badge_cell(icon: str, word: str, tone: Tone, *, second: str = "", title: str = "") -> Row:
    """A status: icon, word and colour."""
    return {"text": word, "badge": badge_classes(icon, tone), "second": second, "title": title}


def time_cell(text: str, iso: str, exact: str) -> Row:
    """A time in words, the exact one on hover."""
    return {"text": text, "time": iso, "title": exact}


def act(key: str, word: str, label: str, *, disabled: bool = False, title: str = "") -> Row:
    """A button at the row's end; `label` names the row too, for those who only hear it."""
    return {"key": key, "word": word, "label": label, "disabled": disabled, "title": title}
