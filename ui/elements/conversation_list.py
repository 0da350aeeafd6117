"""Conversations as one element: filters, rows, pager; a push patches the rows.

An event's values become a query that the service answers for this person; an opened id is read
through the service, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

Row = dict[str, Any]


class ConversationList(Element, component="conversation_list.js"):
    """`words`: label, search ('' for none), filters, first (the filter of no choice), picks."""

    def __init__(
        self,
        words: Mapping[str, Any],
        on_ask: Callable[[dict[str, str]], Any],
        on_open: Callable[[str], Any],
    ) -> None:
        super().__init__()
        self.words = dict(words)
        self.rows: tuple[Row, ...] = ()
        self._asked: Mapping[str, str] = {}
        self._shown: Mapping[str, Any] = {}
        self.current = ""
        self.on("ask", lambda event: on_ask(_texts(event.args)))
        self.on("open", lambda event: on_open(str(event.args)[:40]))

    def show(self, rows: Sequence[Row], asked: Mapping[str, str], shown: Mapping[str, Any]) -> None:
        """Another page: `asked` is its URL query; `shown`: none, counts, next, of."""
        self.rows, self._asked, self._shown = tuple(rows), asked, shown
        self.update()

    def patch(self, rows: Sequence[Row], shown: Mapping[str, Any]) -> None:
        """The same page as it is now; rows that changed glow once."""
        if not self.rows or not rows:  # the words for an empty list are part of the whole
            self.show(rows, self._asked, shown)
            return
        if self.rows != tuple(rows) or self._shown != shown:
            self.rows, self._shown = tuple(rows), shown
            self.run_method("patch", list(rows), shown.get("counts", {}))

    def select(self, conversation_id: str) -> None:
        """The row that is open beside the list."""
        if conversation_id != self.current:
            self.current = conversation_id
            self.run_method("select", conversation_id)

    def settle(self) -> None:
        """What was asked for is over, also when it failed."""
        self.run_method("settle")

    def _to_dict(self) -> dict[str, Any]:
        told = super()._to_dict()
        told["props"] = {
            **self._props,
            "words": self.words,
            "rows": self.rows,
            "asked": self._asked,
            "shown": self._shown,
            "current": self.current,
        }
        return told


def _texts(args: Any) -> dict[str, str]:
    """What the browser asks for, as short texts."""
    if not isinstance(args, dict):
        return {}
    return {str(key)[:20]: str(value)[:200] for key, value in args.items() if value}
