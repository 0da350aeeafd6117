"""Step 2, direct-paid: who the invoices are made out to."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from core.billing.invoices.details import DetailsForm
from core.errors import HubError
from ui.components import tag
from ui.pages.onboarding.fields import Field, big_button, country_field
from ui.pages.onboarding.problems import field_text
from ui.pages.onboarding.screen import OpenPage
from ui.pages.onboarding.sign_up import FormScreen

_TEXTS = ("legal_name", "email", "address", "postal_code", "city", "vat_id")


class Details(FormScreen):
    """Filled in with what is known; errors stand at their fields."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("Who are your invoices made out to?"),
            say("You find this on every invoice. You can change it later with {partner}.",
                partner=self.partner),
        )  # fmt: skip
        self._country: ui.select | None = None
        self._room = tag("div", classes="ob-room")
        ui.timer(0, self._load, once=True)

    async def _load(self) -> None:
        form = await self.page.ask(self.page.hub.onboarding.billing_details)
        if form is None:
            return
        for name in (*_TEXTS, "country"):
            self.page.drafts.setdefault(f"bill_{name}", str(getattr(form, name)))
        with self._room:
            self._draw()

    def _draw(self) -> None:
        say = self.say
        self._text("legal_name", say("Legal name"), autocomplete="organization", maxlength="200")
        self._text("email", say("E-mail for invoices"), type="email", inputmode="email",
                   autocomplete="email", maxlength="320")  # fmt: skip
        self._text("address", say("Street and number"), autocomplete="street-address",
                   maxlength="400")  # fmt: skip
        with tag("div", classes="ob-pair"):
            self._text("postal_code", say("Postal code"), autocomplete="postal-code",
                       maxlength="20")  # fmt: skip
            self._text("city", say("City"), autocomplete="address-level2", maxlength="120")
        chosen = self.page.drafts["bill_country"]
        self._country = country_field(
            self.page, "bill_country", say("Country"), chosen, self._chosen
        )
        self._country_more = tag("p", "", "ob-more", id="ob-bill_country-more", role="alert")
        self._country.props["aria-describedby"] = "ob-bill_country-more"
        self._text("vat_id", say("VAT ID (optional)"), help_text=say("We check it with the "
                   "European register. It decides about VAT."), maxlength="40")  # fmt: skip
        big_button(say("Save and continue"), self.submit)

    def _text(self, name: str, label: str, *, help_text: str = "", **attributes: str) -> None:
        self.fields[name] = Field(
            self.page, f"bill_{name}", label, self.submit, help_text=help_text, **attributes
        )

    def _chosen(self) -> None:
        if self._country is not None:
            self.page.drafts["bill_country"] = str(self._country.value or "")
            self._say_country("")

    def _say_country(self, text: str) -> None:
        self._country_more.set_text(text)
        self._country_more.classes(
            add="is-wrong" if text else "", remove="" if text else "is-wrong"
        )

    async def submit(self) -> None:
        form = DetailsForm(
            **{name: self.value(name) for name in _TEXTS},
            country=self.page.drafts.get("bill_country", ""),
        )
        await self.page.act(self.page.hub.onboarding.save_details, form)

    def wrong(self, fields: Sequence[str], error: HubError) -> bool:
        if "country" in fields:
            self._say_country(field_text("country", error, self.say))
        return super().wrong(fields, error) or "country" in fields
