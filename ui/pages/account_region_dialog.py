"""Asks for a number's new storage region: where to, what happens meanwhile, a tick, a PIN."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from core.accounts.regions.entities import RegionState
from core.accounts.regions.service import RegionView
from ui.components import button, choice_field, tag, text_field
from ui.pages import account_region_words as told
from ui.pages.integration_words import region_options

_PIN_LENGTH = 6
_FOLLOWS = (
    "The hub takes the number off WhatsApp, sets the region, registers the number again and reads "
    "it back from Meta.",
    "Meanwhile it sends and receives nothing: some moments, longer while Meta is busy.",
)
_TICKED = "I know that the number is off WhatsApp meanwhile."
_PIN_HELP = "Six digits; your client knows them."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # a PIN is never printed
class Wish:
    """What was chosen; `pin` is '' where the hub knows it."""

    region: str
    pin: str


class RegionDialog:
    """One question; open until it is answered."""

    def __init__(self, it: RegionView, number: str) -> None:
        title = f"Change the storage region of {number}"
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog"):
            self._dialog.props["aria-label"] = title
            tag("h2", title)
            self._region = _choice(it)
            with tag("ul", classes="h-bullets small"):
                for sentence in (*_FOLLOWS, told.budget(it)):
                    tag("li", sentence)
            self._pin = _pin_field() if it.needs_pin else None
            self._tick = ui.checkbox(_TICKED).classes("h-tick")
            with tag("div", classes="h-actions"):
                button("Cancel", lambda: self._dialog.submit(False))
                self._start = button(
                    "Start the change", lambda: self._dialog.submit(True), kind="danger"
                )
        for control in (self._region, self._pin, self._tick):
            if control is not None:
                control.on_value_change(self._look)
        self._look()

    async def ask(self) -> Wish | None:
        """None when it stays as it is."""
        is_wanted = await self._dialog
        wish = Wish(region=self._region.value or "", pin=self._typed_pin())
        self._dialog.delete()
        return wish if is_wanted else None

    def _typed_pin(self) -> str:
        return str(self._pin.value or "").strip() if self._pin is not None else ""

    def _look(self) -> None:
        pin = self._typed_pin()
        has_pin = self._pin is None or (pin.isascii() and pin.isdigit() and len(pin) == _PIN_LENGTH)
        chosen = self._region.value is not None
        self._start.set_enabled(chosen and has_pin and bool(self._tick.value))


def _choice(it: RegionView) -> ui.select:
    """Every region but the one where the data is; a run that stopped proposes its own again."""
    stopped = it.run if it.run is not None and it.run.state == RegionState.STOPPED else None
    options = region_options()
    if stopped is None:
        options.pop(it.region, None)
    value = stopped.region if stopped else None
    help = f"Now: {told.region_name(it.region)}"
    return choice_field("New region", options, value=value, help=help)


def _pin_field() -> ui.input:
    field = text_field("Two-step PIN", help=_PIN_HELP)
    return field.props(f"inputmode=numeric autocomplete=off maxlength={_PIN_LENGTH}")
