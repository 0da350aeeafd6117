"""A number's templates as one element, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui.element import Element


class TemplateList(Element, component="template_list.js"):
    """`on_delete` gets the id of the template a person wants gone."""

    def __init__(self, on_delete: Callable[[str], Any]) -> None:
        super().__init__()
        self._props["rows"] = ()
        self.on("remove", lambda event: on_delete(str(event.args)))

    def show(self, rows: Sequence[dict[str, Any]]) -> None:
        """Replace the rows; those that changed glow once."""
        self._props["rows"] = tuple(rows)
        self.update()
