"""What stands around every step: brand, progress, the card for problems, the language switch."""

from __future__ import annotations

from collections.abc import Callable

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from core.onboarding.views import Brand
from ui.components import Tag, tag
from ui.frame_parts import logo_url
from ui.i18n import LANGUAGES, N_, Said, Texts, texts
from ui.pages.onboarding import brand as colours
from ui.pages.onboarding.faces import Face
from ui.pages.onboarding.problems import Card
from ui.pages.onboarding.screen import OpenPage

_SIGN_UP, _META, _REGISTER = N_("Your details"), N_("Meta"), N_("Setting up")
_STEP_NAMES = {
    Face.SIGN_UP: _SIGN_UP,
    Face.LOG_IN: _SIGN_UP,
    Face.CODE: _SIGN_UP,
    Face.TERMS: N_("Prices"),
    Face.DETAILS: N_("Billing details"),
    Face.CARD: N_("Card"),
    Face.CREDIT: N_("Credit"),
    Face.META: _META,
    Face.NO_ROOM: _META,
    Face.META_OPEN: _META,
    Face.META_TROUBLE: _META,
    Face.WORKING: _REGISTER,
    Face.STOPPED: _REGISTER,
    Face.PERMISSION: N_("Permission"),
    Face.DONE: N_("Done"),
    Face.PUT_ASIDE: N_("Paused"),
}


class Shell:
    """Drawn once; `fresh_room` is where a step goes."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        # The page is as wide as its room, not as the window: the partner's preview is smaller.
        with tag("div", classes="ob-page"):
            self.root = tag("div", classes="ob")
        with self.root:
            with tag("header", classes="ob-head"):
                self._logo = tag("img", classes="ob-logo", alt="")
                self._name = tag("span", classes="ob-brand cut", title="")
            with tag("div", classes="ob-steps"):
                self._step = tag("p", classes="ob-step")
                self._bar = tag("div", classes="ob-bar", aria_hidden="true")
            self._lost = tag("p", classes="ob-lost i i-refresh", aria_hidden="true")
            with tag("section", classes="ob-card"):
                self._problem = tag("div", classes="ob-problem", role="alert")
                self._room = tag("div", classes="ob-room")
            self._told = tag("p", classes="only-read", role="status")
            self._switch = tag("nav", classes="ob-languages")
        self.brand(page.view.brand)
        self.speak()

    def brand(self, brand: Brand, logo: str = "") -> None:
        """Logo, name and colour, and the name in every text around and within the step.

        Nothing is drawn anew, so what is being typed stays. `logo` is an address of its own.
        """
        logo = logo or (logo_url(brand.logo_hash) if brand.logo_hash else "")
        self._logo.props["src"] = logo
        self._logo.set_visibility(bool(logo))
        self._logo.update()
        self._name.set_text(brand.name)
        self._name.props["title"] = brand.name
        self.root.style(replace=colours.style(brand.color))
        for element in self.root.descendants():
            if isinstance(element, TextElement) and isinstance(element.text, Said):
                if element.text.values.get("partner", brand.name) != brand.name:
                    element.set_text(element.text.again(partner=brand.name))

    def fresh_room(self) -> Element:
        """An empty room for the next face; whatever was wrong before is over."""
        self.card(None)
        self._room.clear()
        return self._room

    def progress(self, face: Face) -> None:
        """`Step 2 of 5 · Meta`."""
        view, say = self._page.view, self._page.say
        n, count = view.step_number, view.step_count
        name = say(_STEP_NAMES[face])
        self._step.set_text(say("Step {n} of {count} · {name}", n=n, count=count, name=name))
        self._bar.style(f"--done:{n / count:.3f}")

    def card(self, card: Card | None) -> None:
        """Say that something went wrong, without touching what was typed; None takes it away."""
        self._problem.clear()
        if card is not None:
            with self._problem:
                draw_card(card)

    def tell(self, text: str) -> None:
        """For screen readers: what just happened."""
        self._told.set_text(text)

    def speak(self) -> None:
        """The words around the step, in the page's language."""
        say = self._page.say
        self._lost.set_text(say("Connecting again … What you typed is kept."))
        self._switch.clear()
        self._switch.props["aria-label"] = say("Language")
        with self._switch:
            for code, name in LANGUAGES.items():
                _language(code, name, say, lambda code=code: self._page.speak(code))  # type: ignore[misc]


def draw_card(card: Card, classes: str = "") -> Element:
    """A problem as a card; returns the slot for its buttons."""
    tone = "info" if card.is_calm else "warning"
    with tag("div", classes=f"ob-trouble tone-{tone} {classes}"):
        tag("h2", card.title, f"i i-{'hourglass' if card.is_calm else 'alert'}")
        tag("p", card.text)
        if card.turn:
            tag("p", card.turn, "ob-turn")
        if card.small:
            tag("p", card.small, "ob-small")
        return tag("div", classes="ob-actions")


def _language(code: str, name: str, say: Texts, choose: Callable[[], object]) -> Tag:
    button = tag("button", name, type="button", lang=texts(code).page_language)
    if code == say.language:
        button.props["aria-current"] = "true"
    button.on("click", choose, args=[])
    return button
