"""Step 2, direct-paid: what messages cost where, and the terms."""

from __future__ import annotations

from babel import dates
from nicegui import ui

from core.billing.price_list import PriceList, Step
from core.billing.prices import Category
from ui import format as words
from ui.components import tag
from ui.i18n import N_
from ui.pages.onboarding.fields import big_button, country_field
from ui.pages.onboarding.screen import OpenPage, Screen

_NAMES = {
    Category.MARKETING: N_("Marketing"),
    Category.UTILITY: N_("Utility"),
    Category.AUTHENTICATION: N_("Authentication"),
    Category.AUTHENTICATION_INTERNATIONAL: N_("Authentication from abroad"),
    Category.SERVICE: N_("Service"),
}


class PricesAndTerms(Screen):
    """The client's own country first; any other by its name."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("What your messages cost"),
            say("You pay in advance by card. These are the prices per delivered message."),
        )
        self._prices: PriceList | None = None
        self._locale = say.locale
        self._room = tag("div", classes="ob-room")
        ui.timer(0, self._load, once=True)

    async def _load(self) -> None:
        service = self.page.hub.onboarding
        prices = await self.page.ask(service.prices)
        form = await self.page.ask(service.billing_details)
        self._prices = prices
        with self._room:
            if prices is None:
                self.small(self.say("The prices are not set up yet. Please ask {partner}.",
                                    partner=self.partner))  # fmt: skip
                big_button(self.say("Look again"), self._again)
                return
            self._country = country_field(
                self.page,
                "price_country",
                self.say("Messages to people in"),
                form.country if form else "",
                self._show,
            )
            self._table = tag("dl", classes="ob-prices", aria_live="polite")
            self._show()
            self._small_print(prices)
            self._consent()

    async def _again(self) -> None:
        self._room.clear()
        await self._load()

    def _show(self) -> None:
        self._table.clear()
        if self._prices is None:
            return
        found = self._prices.of_country(str(self._country.value or ""))
        with self._table:
            for category, steps in found.items():
                self._line(self.say(_NAMES[category]), steps[0])
                for step in steps[1:]:
                    first = words.number(step.first, self._locale)
                    self._line(self.say("from message {n} of a month", n=first), step, "is-more")

    def _line(self, text: str, step: Step, classes: str = "") -> None:
        with tag("div", classes=classes):
            tag("dt", text)
            tag("dd", words.money(step.price, self._locale), "figure")

    def _small_print(self, prices: PriceList) -> None:
        day = dates.format_date(prices.effective_from, locale=self._locale)
        since = self.say("Prices in force since {day}, without VAT and card fee.", day=day)
        free = self.say("A part of the service messages is free each month.")
        self.small(f"{since} {free}")
        if prices.is_example:
            tag("p", self.say("These are example prices: nothing here is for real."),
                "ob-note i i-info")  # fmt: skip

    def _consent(self) -> None:
        say, settings = self.say, self.page.hub.settings
        link = tag("a", say("Read the terms"), "ob-terms", href=settings.terms_link,
                   target="_blank", rel="noopener")  # fmt: skip
        link.props["aria-label"] = say("Read the terms (opens in a new tab)")
        text = say("I accept the terms, version {version}", version=settings.terms_version)
        self._accepts = ui.checkbox(text, on_change=self._ticked).classes("ob-check")
        self._more = tag("p", "", "ob-more", role="alert")
        big_button(say("Accept and continue"), self.submit)

    def _ticked(self) -> None:
        self._say_wrong("")

    def _say_wrong(self, text: str) -> None:
        self._more.set_text(text)
        self._more.classes(add="is-wrong" if text else "", remove="" if text else "is-wrong")

    async def submit(self) -> None:
        """Consent is a tick by the client itself, never preset."""
        if not self._accepts.value:
            self._say_wrong(self.say("Please accept the terms to go on."))
            return
        version, address = self.page.hub.settings.terms_version, self.page.address
        await self.page.act(self.page.hub.onboarding.accept_terms, version, address)
