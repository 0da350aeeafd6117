"""Step 2, direct-paid: the card, entered on the payment provider's page."""

from __future__ import annotations

from core.onboarding.views import RunView, Trouble
from ui.components import tag
from ui.pages.onboarding.fields import big_button
from ui.pages.onboarding.problems import trouble_card
from ui.pages.onboarding.screen import OpenPage, Screen
from ui.pages.onboarding.shell import draw_card


class CardStep(Screen):
    """The whole window goes to the provider and comes back to this page."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("Add your card"),
            say("You enter it on our payment provider’s page; we never see its number."),
        )
        with tag("ul", classes="ob-needed"):
            tag("li", say("Nothing is charged by adding it."), "i i-card")
            tag("li", say("Your bank may ask you to confirm that it is you."), "i i-shield")
            tag("li", say("Without a valid card there is no account."), "i i-info")
        self._shown: tuple[Trouble | None, bool, bool] | None = None
        self._place = tag("div", classes="ob-room")
        self.update(page.view)

    def update(self, view: RunView) -> None:
        now = (view.trouble, view.card_visited, bool(view.card))
        if now == self._shown:
            return
        self._shown = now
        self._place.clear()
        with self._place:
            self._ways_on(view)

    def _ways_on(self, view: RunView) -> None:
        say, service = self.say, self.page.hub.onboarding
        if view.card:
            big_button(say("Continue"), lambda: self.page.act(service.came_back))
            return
        if view.trouble is not None:
            draw_card(trouble_card(view.trouble, say, self.partner))
        elif view.card_visited:
            tag("p", say("You were on the page for the card. If you have entered it, it appears "
                         "here by itself."), "ob-note i i-hourglass", role="status")  # fmt: skip
        again = view.trouble is not None or view.card_visited
        big_button(say("Open the page for the card") if again else say("Add a card"), self.submit)
        if view.card_visited:
            big_button(say("Look again"), lambda: self.page.act(service.came_back), kind="side")

    async def submit(self) -> None:
        await self.page.leave_for(self.page.hub.onboarding.open_card_page)
