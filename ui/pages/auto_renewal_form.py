"""Modify auto-renewal: the recommended figures or own ones, and what a month may cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from core.billing.renewal.entities import Mode
from core.billing.renewal.service import Explained
from core.errors import InvalidInput
from ui import format as words
from ui.components import button, tag, text_field
from ui.context import PageContext
from ui.dialogs import toast
from ui.lists import FilterChips
from ui.pages import auto_renewal_words as told
from ui.pages.balance_limits import plain

_MODES = {Mode.RECOMMENDED.value: "As recommended", Mode.OWN.value: "Own amounts"}


class ModifyDialog:
    """Open from the start; `saved` is called once the figures are in force."""

    def __init__(
        self,
        page: PageContext,
        client_id: str,
        it: Explained,
        saved: Callable[[], Awaitable[None]],
    ) -> None:
        self._page = page
        self._client = client_id
        self._it = it
        self._mode = it.mode
        self._saved = saved
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog"):
            self._dialog.props["aria-label"] = "Modify auto-renewal"
            tag("h2", "Modify auto-renewal")
            with tag("div", classes="stack"):
                self._draw()
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _draw(self) -> None:
        it = self._it
        FilterChips(_MODES, self._mode.value, self._choose, "Whose figures")
        self._recommended = tag(
            "p",
            f"Top up by {words.money(it.recommended_top_up)} at "
            f"{words.money(it.recommended_threshold)} or less, made anew each month.",
            "quiet",
        )
        self._own = tag("div", classes="stack")
        with self._own:
            threshold = text_field("Top up when the balance is at", value=plain(it.threshold))
            top_up = text_field("Then add", value=plain(it.top_up), help="Before fee and VAT.")
        ceiling = text_field(
            "At most a month (optional)",
            value=plain(it.ceiling) if it.ceiling else "",
            help="Once it is reached, nothing more is topped up until next month.",
        )
        self._fields = {"threshold": threshold, "top_up": top_up, "ceiling": ceiling}
        for field in self._fields.values():
            field.props("inputmode=decimal autocomplete=off")
            field.on("keydown.enter", self._save, args=[])
        with tag("div", classes="h-actions"):
            button("Cancel", self._dialog.close)
            self._do = button("Save", self._save, kind="primary")
        self._choose(self._mode.value)

    def _choose(self, mode: str) -> None:
        self._mode = Mode.OWN if mode == Mode.OWN else Mode.RECOMMENDED
        self._own.set_visibility(self._mode is Mode.OWN)
        self._recommended.set_visibility(self._mode is Mode.RECOMMENDED)

    async def _save(self) -> None:
        for field in self._fields.values():
            field.error = None
        self._do.disable()
        try:
            await self._page.call(
                self._page.hub.billing.renewal.modify,
                mode=self._mode,
                client_id=self._client,
                **{name: str(field.value or "") for name, field in self._fields.items()},
            )
        except InvalidInput as wrong:
            field = self._fields[str(wrong.about.get("field"))]
            field.error = told.refused(wrong)
            field.run_method("focus")
            return
        finally:
            self._do.enable()
        self._dialog.close()
        await self._saved()
        toast("Saved. Auto-renewal goes by these figures from now on.")
