"""The page's part in the browser (`ui/static/embedded_signup.js`), one invisible element."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from nicegui import ui
from nicegui.element import Element

from core.onboarding.entities import RunStatus
from core.onboarding.views import RunView


class Browser(Element, component="../../static/embedded_signup.js"):
    """Lives as long as the page, so that a late message still finds it."""

    def __init__(
        self,
        view: RunView,
        on_signal: Callable[[Any], Awaitable[None]],
        on_unloadable: Callable[[], None],
    ) -> None:
        super().__init__()
        self._props["runId"] = view.run_id
        self._set(view)
        self.on("signal", on_signal)
        self.on("unloadable", on_unloadable, args=[])

    def follow(self, view: RunView, language: str) -> None:
        """Another launch, language or exit."""
        if self._set(view) | self._put("language", language):
            self.update()

    def opens(self, button: ui.button) -> None:
        """The button opens Meta's popup, inside the click itself or the browser blocks it."""
        button.on("click", js_handler=f"() => getElement({self.id}).open()")

    def _set(self, view: RunView) -> bool:
        launch = asdict(view.launch) if view.launch else None
        over = view.status is RunStatus.FINISHED
        return self._put("launch", launch) | self._put("exit", view.exit_url if over else None)

    def _put(self, name: str, value: object) -> bool:
        if self._props.get(name) == value:
            return False
        self._props[name] = value
        return True
