"""Clients of other partners who want to come over: asked about one by one, or taken unasked."""

from __future__ import annotations

from ui.components import section_card
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages.integration_field import SavedSwitch

_HELP = (
    "When a client of another partner asks to come over to you, Support moves it without asking "
    "you first. Off: Support asks you each time."
)


class ClientsCard:
    """One switch."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        with section_card("Clients of other partners", "Those who want to come over to you."):
            self._switch = SavedSwitch("Take them unasked", self._switched, help=_HELP)

    def show(self, takes_unasked: bool) -> None:
        self._switch.show(takes_unasked)

    async def _switched(self, is_on: bool) -> None:
        verb = self._page.hub.integration.set_takes_partner_changes
        is_on = await self._page.call(verb, is_on)
        toast("They are taken unasked now." if is_on else "You are asked each time now.")
