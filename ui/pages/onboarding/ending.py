"""Steps 5 and 6: the permission per number, and the way back to the partner."""

from __future__ import annotations

from nicegui import ui

from core.onboarding.entities import RunStatus
from core.onboarding.views import Number, RunKey, RunView
from ui import format as words
from ui.components import tag
from ui.pages.onboarding.fields import big_button
from ui.pages.onboarding.screen import OpenPage, Screen


class Permission(Screen):
    """A switch per number: partner-paid hubs grant by default, direct-paid ones ask."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say, view = self.say, page.view
        self.heading(
            say.count(
                "May {partner} use your number?",
                "May {partner} use your numbers?",
                len(view.numbers),
                partner=self.partner,
            ),
            say(
                "{partner} then sends and receives WhatsApp messages for you. You can take this "
                "back at any time.",
                partner=self.partner,
            ),
        )
        self._switches: dict[str, ui.switch] = {}
        with tag("ul", classes="ob-numbers"):
            for number in view.numbers:
                self._number(number, is_on=number.granted or not view.asks_permission)
        big_button(say("Continue"), self.submit)

    async def submit(self) -> None:
        granted = [id_ for id_, switch in self._switches.items() if switch.value]
        await self.page.act(self._consent, granted)

    def _consent(self, key: RunKey, granted: list[str]) -> None:
        service = self.page.hub.onboarding
        service.permission(key, granted)
        service.finish(key)

    def _number(self, number: Number, *, is_on: bool) -> None:
        shown = words.phone(number.display)
        with tag("li"):
            with tag("span", classes="ob-who"):
                tag("strong", shown)
                tag("span", number.name, "quiet cut", title=number.name)
            switch = ui.switch(value=is_on)
            switch.props["aria-label"] = self.say("Allow for {number}", number=shown)
            self._switches[number.channel_id] = switch


class Done(Screen):
    """It worked: a sentence, then the partner's site or our own page."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        view = page.view
        tag("span", classes="ob-mark i i-check tone-success", aria_hidden="true")
        self.heading(self._title(view), *self._sentences(view))
        if view.numbers:
            with tag("ul", classes="ob-numbers"):
                for number in view.numbers:
                    self._number(number)
        self._way = tag("div", classes="ob-room")
        self.update(view)

    def update(self, view: RunView) -> None:
        """The way back is there as soon as the run is ended."""
        self._way.clear()
        say = self.say
        with self._way:
            if view.exit_url is None:
                self.small(say("You can close this page now."))
            elif view.status is RunStatus.FINISHED:
                self.small(say("You are taken back to {partner} now.", partner=self.partner))
                link = big_button(say("Back to {partner}", partner=self.partner))
                link.props["href"] = view.exit_url

    def _title(self, view: RunView) -> str:
        if not view.numbers:
            return self.say("Your WhatsApp account is connected")
        if not any(number.granted for number in view.numbers):
            return self.say("Saved: {partner} may not use your number", partner=self.partner)
        return self.say.count(
            "Done! Your number is connected", "Done! Your numbers are connected", len(view.numbers)
        )

    def _sentences(self, view: RunView) -> list[str]:
        if "add_number" in view.tasks:
            return [
                self.say(
                    "It has no number yet. {partner} helps you to add one.", partner=self.partner
                )
            ]
        granted = [number for number in view.numbers if number.granted]
        if granted and not all(number.live for number in granted):
            return [self.say("Meta confirms it within the next minutes; we send you a mail.")]
        if granted:
            return [self.say("{partner} can use it from now on.", partner=self.partner)]
        return []

    def _number(self, number: Number) -> None:
        with tag("li"), tag("span", classes="ob-who"):
            tag("strong", words.phone(number.display))
            tag("span", number.name, "quiet cut", title=number.name)


class PutAside(Screen):
    """Nothing happened for a long time."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("This was put aside"),
            say("Nothing happened here for a long time. Your details are kept."),
        )
        link = big_button(say("Begin again"))
        link.props["href"] = f"/onboarding/{page.view.brand.partner_id}"
        self.small(say("Or open the link in our newest mail to go on where you left off."))
