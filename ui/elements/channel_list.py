"""The list of numbers as one element: toolbar, table, cards, pager.

A push does not pass here: the room of the partner's open lists (`ui.pages.account_room`) sends
one message to all of them, and each browser half patches the rows that it shows.

The browser keeps what is only looks (view, open menus, which row glows); what to show is asked
for by `ask` events and given by `show`. Nothing from the browser is trusted: an event's values
become a query that the service answers for this person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from nicegui.element import Element
from nicegui.events import GenericEventArguments

Row = dict[str, Any]
Handler = Callable[[Any], Any]


class Line(Protocol):
    """A row as it is shown now; whoever holds it may have it changed."""

    @property
    def shown(self) -> Row: ...


class ChannelList(Element, component="channel_list.js", dependencies=["channel_list_look.js"]):
    """`words` are the labels and options that never change while the page is open.

    What is shown is put together when it travels, and not kept as props: NiceGUI would copy and
    watch every part of it, for each open page.
    """

    def __init__(
        self,
        words: Mapping[str, Any],
        handlers: Mapping[str, Handler],
        now: Callable[[], Mapping[str, Any]],
    ) -> None:
        """`handlers` by event: ask, behind, moved, add, export, save_view, delete_view.

        `now` gives what pushes have changed since a page was shown: `counts`, and the `number` of
        the last message, by which the browser finds gaps.
        """
        super().__init__()
        self._words = words
        self._now = now
        self._lines: tuple[Line, ...] = ()
        self._asked: Mapping[str, str] = {}
        self._loads = 0
        self._shown: Mapping[str, Any] = {"state": "loading"}
        self.views: tuple[Mapping[str, Any], ...] = ()
        self.number: int = now()["number"]  # that the browser was given last
        for event, handler in handlers.items():
            self.on(event, _passing(handler))

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(line.shown for line in self._lines)

    @property
    def shown(self) -> dict[str, Any]:
        """State, cursors and counts as they are now."""
        return {**self._shown, **self._now(), "load": self._loads}

    def show(
        self, lines: Sequence[Line], asked: Mapping[str, str], shown: Mapping[str, Any]
    ) -> None:
        """Another page: `asked` is its URL query, `shown` its cursors and state."""
        self._lines = tuple(lines)
        self._asked, self._shown = asked, shown
        self._loads += 1
        self.update()

    def show_views(self, views: Sequence[Mapping[str, Any]]) -> None:
        """The person's saved views."""
        self.views = tuple(views)
        self.update()

    def settle(self) -> None:
        """Whatever was asked for is over, also when it failed."""
        self.run_method("settle")

    def _to_dict(self) -> dict[str, Any]:
        shown = self.shown
        self.number = shown["number"]
        told = super()._to_dict()
        told["props"] = {
            **self._props,
            "words": self._words,
            "rows": self.rows,
            "shown": shown,
            "asked": self._asked,
            "views": self.views,
        }
        return told


def _passing(handler: Handler) -> Callable[[GenericEventArguments], Any]:
    def call(event: GenericEventArguments) -> Any:
        return handler(event.args)

    return call
