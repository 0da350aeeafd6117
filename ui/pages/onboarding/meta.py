"""Step 3: what will happen in Meta's popup, then the popup itself."""

from __future__ import annotations

from core.onboarding.views import RunView, Turn
from ui import format as words
from ui.components import tag
from ui.pages.onboarding.advice import advice_of
from ui.pages.onboarding.fields import big_button
from ui.pages.onboarding.problems import trouble_card, turn_text
from ui.pages.onboarding.screen import OpenPage, Screen
from ui.pages.onboarding.shell import draw_card


class Meta(Screen):
    """Before the popup: what is needed, and the button that opens it."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("Now connect your WhatsApp account"),
            say(
                "A window by Meta opens. You log in with Facebook, choose your business and your "
                "number, and allow {partner} to use it.",
                partner=self.partner,
            ),
        )
        self._needed()
        page.browser.opens(big_button(say("Continue with Meta")))
        self.small(say("You can stop at any time: this page waits for you."))

    def _needed(self) -> None:
        say, hint = self.say, self.page.view.number_hint
        number = (
            say("{number}, able to receive a text message or a call", number=words.phone(hint))
            if hint
            else say("A phone number that can receive a text message or a call")
        )
        tag("h2", say("Have ready"), "ob-label")
        with tag("ul", classes="ob-needed"):
            tag("li", say("Facebook login with admin access to your business"), "i i-key")
            tag("li", number, "i i-phone")
            tag(
                "li",
                say("Number in the WhatsApp Business app? Meta lets you keep it there."),
                "i i-chat",
            )


class NoRoom(Screen):
    """The partner lets this client bring no (more) numbers; said before Meta is asked."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        title, text = advice_of(page.view.no_room)
        self.heading(
            self.say(title, partner=self.partner),
            self.say(text, partner=self.partner),
            self.say("Everything you did is kept. As soon as it is changed, this page goes on."),
        )
        tag("p", turn_text(Turn.PARTNER, self.say, self.partner), "ob-turn")
        big_button(self.say("Look again"), page.look_again)


class MetaOpen(Screen):
    """While the popup is open, here or in another window."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("Go on in Meta’s window"),
            say("When you are done there, this page continues by itself."),
        )
        tag("div", classes="ob-wait", aria_hidden="true")
        self.small(say("You do not see it? It may be behind this one, or your browser blocked it."))
        page.browser.opens(big_button(say("Open the window again"), kind="side"))


class MetaTrouble(Screen):
    """The popup ended without success."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        self.heading(self.say("Not connected yet"))
        self._place = tag("div", classes="ob-room")
        self.update(page.view)

    def update(self, view: RunView) -> None:
        if view.trouble is None:
            return
        self._place.clear()
        with self._place, draw_card(trouble_card(view.trouble, self.say, self.partner)):
            self.page.browser.opens(big_button(self.say("Open Meta’s window again")))
