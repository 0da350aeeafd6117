"""A partner's support page and the desk of staff, as their people use them."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Locator, Page, expect

from e2e.support.people import choose_person, open_page, start_sign_in, wait_connected

SAM = "Sam Patel"


class Chat:
    """What both sides have: a list, a conversation, a composer."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url

    def choose(self, title: str) -> None:
        """Open it from the list."""
        self.page.locator(".cv-row").get_by_role("link", name=title, exact=True).click()
        self.expect_open(title)

    def expect_open(self, title: str) -> None:
        expect(self.page.locator(".ch-title h2")).to_have_text(title)

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^(Message|Note)$"))

    def say(self, text: str) -> None:
        """Written and sent by Enter."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def expect_said(self, text: str, times: int = 1) -> None:
        said = self.page.locator(".ch-row .ch-text").get_by_text(text, exact=True)
        expect(said).to_have_count(times)
        expect(said.last).to_be_visible()

    def expect_card(self, word: str) -> None:
        """How the request stands."""
        expect(self.page.locator(".rq .h-badge")).to_have_text(word)


class SupportPage(Chat):
    """An owner's."""

    def open(self, query: str = "") -> SupportPage:
        self.page.goto(f"{self.base_url}/support{query}")
        wait_connected(self.page)
        return self

    def write(self, subject: str, text: str) -> None:
        """A new conversation."""
        self.page.get_by_role("button", name="New message").click()
        dialog = self.page.get_by_role("dialog", name="New message")
        dialog.get_by_label("Subject").fill(subject)
        dialog.get_by_label("Message", exact=True).fill(text)
        dialog.get_by_role("button", name="Send", exact=True).click()
        expect(dialog).to_be_hidden()


class DeskPage(Chat):
    """Of somebody of staff."""

    def accept(self, word: str = "Accept the request") -> None:
        """The open request, with what it does in view."""
        expect(self.page.get_by_text("What accepting it does")).to_be_visible()
        self.page.get_by_role("button", name="Accept…").click()
        self.page.get_by_role("button", name=word).click()


def support_of(page: Page, base_url: str) -> SupportPage:
    """The support page of whoever is signed in on this page."""
    return SupportPage(page, base_url).open()


def desk_of(context: BrowserContext, base_url: str, name: str = SAM) -> DeskPage:
    """Signed in as one of staff, who lands at the desk."""
    page = context.new_page()
    page.goto(f"{base_url}/login")
    start_sign_in(page)
    choose_person(page, name)
    page.wait_for_url(f"{base_url}/desk")
    wait_connected(page)
    return DeskPage(page, base_url)


def another_tab(desk: DeskPage, path: str = "/desk") -> DeskPage:
    """The same person's."""
    return DeskPage(open_page(desk.page.context, desk.base_url + path), desk.base_url)
