"""One conversation as one element: head, request, messages, composer.

What changes travels as a patch; nothing from the browser is trusted. Texts of people are shown
as text only. The browser keeps the draft and tells what is being sent again after a break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

Shown = dict[str, Any]
Handler = Callable[[Any], Any]


class Chat(
    Element,
    component="chat.js",
    dependencies=["chat_look.js", "chat_draft.js", "chat_request.js"],
):
    """`words` never change while the page is open; `handlers` by event: send, seen, typing, here,
    earlier, act, decide, manage."""

    def __init__(self, words: Mapping[str, str], handlers: Mapping[str, Handler]) -> None:
        super().__init__()
        self._props["words"] = dict(words)
        self._told: Shown = {}
        for event, handler in handlers.items():
            self.on(event, _passing(handler))

    @property
    def told(self) -> Shown:
        """What was last shown as a whole, with what was patched since."""
        return self._told

    def show(self, told: Shown) -> None:
        """Another conversation, or the same one anew."""
        self._told = told
        self.update()

    def add(self, messages: Sequence[Shown], today: str) -> None:
        """New messages at the end."""
        self._keep(messages)
        self.run_method("add", list(messages), today)

    def sent(self, key: str, messages: Sequence[Shown], today: str) -> None:
        """What the browser was sending under `key` has arrived, as one of `messages`."""
        self._keep(messages)
        self.run_method("sent", key, list(messages), today)

    def refused(self, key: str, why: str) -> None:
        """What the browser was sending under `key` was not taken."""
        self.run_method("refused", key, why)

    def earlier(self, messages: Sequence[Shown], cursor: str) -> None:
        """Older messages at the beginning."""
        self._told["messages"] = [*messages, *self._told["messages"]]
        self._told["older"] = cursor
        self.run_method("earlier", list(messages), cursor)

    def patch(self, head: Shown, request: Shown | None, mark: str) -> None:
        """What stands around the messages."""
        change = {"head": head, "request": request, "mark": mark}
        if any(self._told.get(name) != value for name, value in change.items()):
            self._told |= change
            self.run_method("patch", change)

    def signal(self, what: str) -> None:
        """Somebody of the other side is `here`, or `typing`; the browser forgets it."""
        self.run_method("signal", what)

    def settle(self) -> None:
        """Whatever was asked for is over, also when it failed."""
        self.run_method("settle")

    def _keep(self, messages: Sequence[Shown]) -> None:
        """For the next full draw."""
        self._told["messages"] = [*self._told["messages"], *messages]

    def _to_dict(self) -> Shown:
        told = super()._to_dict()
        told["props"] = {**self._props, "told": self._told}
        return told


def _passing(handler: Handler) -> Callable[[Any], Any]:
    def call(event: Any) -> Any:
        return handler(event.args)

    return call
