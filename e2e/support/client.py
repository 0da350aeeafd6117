"""A client walking through its onboarding, step by step, as the page words it in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from playwright.sync_api import Page, expect

from core.demo.world import ACME, DemoPartner
from e2e.support.sandbox import Sandbox

PARTNER = ACME.name
SET_UP_MS = 30_000  # the server's sequence asks Meta nine times or so
_EXIT = re.compile(r"/partner-site/redirect\?")


class ClientBrowser:
    """One page of a client; every method is one step and waits for its end."""

    partner: DemoPartner = ACME

    def __init__(self, page: Page, base_url: str, sandbox: Sandbox, email: str) -> None:
        self.page = page
        self.email = email
        self.company = f"Café Ätna {email.partition('@')[0]}"
        self._base_url = base_url
        self._sandbox = sandbox

    def open(self, path: str = "", **query: str) -> None:
        """The partner's link."""
        told = urlencode(query, quote_via=quote)
        path = path or f"/onboarding/{self.partner.id}"
        self.page.goto(f"{self._base_url}{path}" + (f"?{told}" if told else ""))

    def sign_up(self) -> None:
        """Step 1: who I am."""
        self.expect_heading(f"Connect WhatsApp with {self.partner.name}")
        self.page.get_by_label("Company").fill(self.company)
        self.page.get_by_label("Your name").fill("Zoë Example")
        self.page.get_by_label("E-mail").fill(self.email)
        self.press("Continue")

    def confirm_code(self) -> None:
        """The six digits that were mailed."""
        self.expect_heading("Enter the code from our e-mail")
        self.page.get_by_label("Six-digit code").fill(self._sandbox.mailed_code(self.email))
        self.press("Confirm")
        self.expect_confirmed()

    def expect_confirmed(self) -> None:
        """What comes after the code."""
        self.expect_heading("Now connect your WhatsApp account")

    def to_meta(self, **query: str) -> None:
        """From the link to the button that opens Meta's window."""
        self.open(**query)
        self.sign_up()
        self.confirm_code()

    def open_popup(self, button: str = "Continue with Meta") -> Page:
        """Meta's window, loaded."""
        with self.page.expect_popup() as opening:
            self.press(button)
        popup = opening.value
        expect(popup.get_by_role("heading", level=1)).to_be_visible()
        return popup

    def finish_popup(self, popup: Page) -> None:
        """One click; Meta's window closes by itself."""
        with popup.expect_event("close"):
            popup.get_by_role("button", name="Finish with these details").click()

    def connect(self) -> None:
        """Through Meta's window, and wait for the server's work to end."""
        self.finish_popup(self.open_popup())
        self.expect_permission()

    def expect_permission(self) -> None:
        expect(
            self.page.get_by_role("heading", name=f"May {self.partner.name} use your number?")
        ).to_be_visible(timeout=SET_UP_MS)

    def expect_heading(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def permit(self) -> None:
        """Step 5, as it is preset."""
        self.press("Continue")

    def arrive(self) -> str:
        """The address at the partner where the client ends, as the browser asked for it."""
        with self.page.expect_request(_EXIT, timeout=SET_UP_MS) as leaving:
            self.permit()
        self.page.wait_for_url(_EXIT)
        return leaving.value.url

    def watch_ticks(self) -> Callable[[], list[Any]]:
        """Keeps every text that the list of the server's steps ever showed."""
        self.page.evaluate(
            """() => {
              window.seenTicks = [];
              const look = () => {
                const now = [...document.querySelectorAll('.ob-ticks .ob-tick')]
                  .map((tick) => tick.innerText.replace(/\\s+/g, ' ').trim());
                const text = JSON.stringify(now);
                if (now.length && window.seenTicks.at(-1) !== text) window.seenTicks.push(text);
              };
              new MutationObserver(look)
                .observe(document.body, {subtree: true, childList: true, characterData: true});
            }"""
        )
        return lambda: list(self.page.evaluate("window.seenTicks.map((text) => JSON.parse(text))"))
