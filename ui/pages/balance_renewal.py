"""The card on the balance page: how auto-renewal stands, and the way to its page."""

from __future__ import annotations

from ui.components import link_button, section_card, set_badge, status_badge, tag, viewer_zone
from ui.context import PageContext
from ui.pages import auto_renewal_words as told
from ui.pages.auto_renewal import PATH, renewals_of


class RenewalCard:
    """`load` reads how it stands."""

    def __init__(self, page: PageContext, client_id: str) -> None:
        self._page = page
        self._client = client_id
        with section_card("Auto-renewal"):
            with tag("div"):
                self._badge = status_badge("dot", "")
            self._said = tag("p", "", "small")
            with tag("div", classes="h-actions"):
                link_button(
                    "Open auto-renewal", PATH + (f"?client={client_id}" if client_id else "")
                )

    async def load(self) -> None:
        """As it stands now."""
        it, payments = await renewals_of(self._page, self._client)
        state = told.state(it, payments, self._page.hub.clock.now(), viewer_zone())
        set_badge(self._badge, state.icon, state.word, state.tone)
        self._said.set_text(state.sentence)
