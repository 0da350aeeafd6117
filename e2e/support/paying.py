"""A client of a direct-paid partner: prices, terms, details, card and credit before Meta."""

from __future__ import annotations

from playwright.sync_api import expect

from core.demo.world import BETA
from e2e.support.client import SET_UP_MS, ClientBrowser
from e2e.support.payments import GOOD, Cardholder

TERMS, DETAILS = "What your messages cost", "Who are your invoices made out to?"
CARD, CREDIT = "Add your card", "Your card is saved. Add credit?"


class PayingClient(ClientBrowser):
    """Each method is one part of the step and waits for the next."""

    partner = BETA

    def expect_confirmed(self) -> None:
        self.expect_heading(TERMS)

    def to_terms(self) -> None:
        self.open()
        self.sign_up()
        self.confirm_code()

    def accept(self) -> None:
        """Reads the prices of the own country, ticks the terms."""
        expect(self.page.get_by_text("Marketing", exact=True)).to_be_visible()
        self.page.get_by_role("checkbox", name="I accept the terms").click()
        self.press("Accept and continue")
        self.expect_heading(DETAILS)

    def fill_details(self) -> None:
        """An American company: no VAT."""
        self.page.get_by_label("Street and number").fill("1 High Street")
        self.page.get_by_label("Postal code").fill("10001")
        self.page.get_by_label("City").fill("New York")
        self.press("Save and continue")
        self.expect_heading(CARD)

    def to_card(self) -> None:
        self.to_terms()
        self.accept()
        self.fill_details()

    def open_card_page(self, button: str = "Add a card") -> Cardholder:
        """The provider's page, in this window."""
        self.press(button)
        holder = Cardholder(self.page)
        holder.expect_card_page()
        return holder

    def to_credit(self, number: str = GOOD) -> None:
        self.to_card()
        self.open_card_page().save_card(number)
        self.expect_heading(CREDIT)

    def permit(self) -> None:
        """Direct-paid asks: nothing is preset."""
        self.page.get_by_role("switch").click()
        super().permit()

    def goes_to_meta(self) -> None:
        self.expect_heading("Now connect your WhatsApp account")

    def buy(self, amount: str) -> None:
        """The first credit with what is preset; ends before Meta."""
        self.page.get_by_label("Amount of credit").fill(amount)
        self.page.get_by_role("button", name="Pay 2").click()
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Now connect your WhatsApp account", timeout=SET_UP_MS)
