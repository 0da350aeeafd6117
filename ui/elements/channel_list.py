"""The list of numbers as one element: toolbar, table, cards, pager; a push patches rows.

The browser keeps what is only looks (view, open menus, which row glows); what to show is asked
for by `ask` events and given by `show`. Nothing from the browser is trusted: an event's values
become a query that the service answers for this person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Row = dict[str, Any]
Handler = Callable[[Any], Any]


class ChannelList(Element, component="channel_list.js", dependencies=["channel_list_look.js"]):
    """`words` are the labels and options that never change while the page is open."""

    def __init__(self, words: Mapping[str, Any], handlers: Mapping[str, Handler]) -> None:
        """`handlers` by event: ask, moved, add, export, save_view, delete_view; one argument."""
        super().__init__()
        self._props["words"] = dict(words)
        self._props["rows"] = ()
        self._props["shown"] = {"state": "loading"}
        self._props["asked"] = {}
        self._props["views"] = ()
        for event, handler in handlers.items():
            self.on(event, _passing(handler))

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._props["rows"])

    def show(self, rows: Sequence[Row], asked: Mapping[str, str], shown: Mapping[str, Any]) -> None:
        """Another page: `asked` is its URL query, `shown` its counts, cursors and state."""
        # A tuple: NiceGUI would wrap every dict of a list to watch it.
        self._props["rows"] = tuple(rows)
        self._props["asked"] = dict(asked)
        self._props["shown"] = dict(shown)
        self.update()

    def show_views(self, views: Sequence[Mapping[str, str]]) -> None:
        """The person's saved views."""
        self._props["views"] = tuple(views)
        self.update()

    def patch(self, rows: Sequence[Row], counts: Mapping[str, str]) -> None:
        """Rows that changed while the page is open glow once; nothing moves."""
        changed = {row["id"]: row for row in rows}
        # Kept for the next full draw; only the changed rows travel now.
        with self._props.suspend_updates():
            self._props["rows"] = tuple(changed.get(row["id"], row) for row in self.rows)
            self._props["shown"] = {**self._props["shown"], "counts": dict(counts)}
        self.run_method("patch", list(rows), dict(counts))

    def tell_new(self, number: int) -> None:
        """A quiet bar says how many numbers came since; they are not pushed in between."""
        self.run_method("tellNew", number)

    def settle(self) -> None:
        """Whatever was asked for is over, also when it failed."""
        self.run_method("settle")


def _passing(handler: Handler) -> Callable[[GenericEventArguments], Any]:
    def call(event: GenericEventArguments) -> Any:
        return handler(event.args)

    return call
