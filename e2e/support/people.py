"""Demo people sign in, through the pages that real people see."""

from __future__ import annotations

from time import monotonic
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import PEOPLE

CONNECTED = "html[data-connection=live]"
# *Seconds* after which a session is not used again: it is too old for what tests do about money.
_YOUNG = 15 * 60


class People:
    """Signs people in; a session is used again where a test does not need its own."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._cookies: dict[str, Any] = {}
        self._since: dict[str, float] = {}

    def sign_in(self, context: BrowserContext, name: str, *, own_session: bool = False) -> Page:
        """An open page of WhatsApp Accounts, connected."""
        is_old = monotonic() - self._since.get(name, 0) > _YOUNG
        if name not in self._cookies or own_session or is_old:
            page = self._walk(context, name)
            if not own_session:
                self._cookies[name] = context.cookies()
                self._since[name] = monotonic()
            return page
        context.add_cookies(self._cookies[name])
        return open_page(context, f"{self._base_url}/accounts")

    def forget(self, name: str) -> None:
        """Their session ended in a test."""
        self._cookies.pop(name, None)

    def _walk(self, context: BrowserContext, name: str) -> Page:
        page = context.new_page()
        page.goto(f"{self._base_url}/login?next=/accounts")
        start_sign_in(page)
        choose_person(page, name)
        page.wait_for_url(f"{self._base_url}/accounts")
        wait_connected(page)
        return page


def start_sign_in(page: Page) -> None:
    """From the hub's door to the provider's page."""
    page.locator("form[action='/login/start'] button").click()
    expect(page.get_by_role("button", name="Deny")).to_be_visible()


def choose_person(page: Page, name: str) -> None:
    """On the provider's page."""
    page.get_by_role("button", name=email_of(name)).click()


def open_page(context: BrowserContext, url: str) -> Page:
    """A new tab at a dashboard address, connected."""
    page = context.new_page()
    page.goto(url)
    wait_connected(page)
    return page


def wait_connected(page: Page) -> None:
    """The page's socket is there: clicks are heard and pushes arrive."""
    expect(page.locator(CONNECTED)).to_be_attached()


def email_of(name: str) -> str:
    """The address that the demo world gives somebody."""
    return next(person.email for person in PEOPLE if person.name == name)
