"""A client that pays for itself stops at each part of the payment step for its picture."""

from __future__ import annotations

import os
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect

from e2e.support.paying import CARD, CREDIT, PayingClient
from e2e.support.payments import NEVER_SAVED
from e2e.support.sandbox import Sandbox

STEPS = (
    "onboarding-2-terms",
    "onboarding-2-terms-wrong",
    "onboarding-2-details",
    "onboarding-2-details-wrong",
    "onboarding-2-card",
    "onboarding-2-card-declined",
    "onboarding-2-credit",
    "onboarding-2-credit-declined",
    "onboarding-2-credit-bank",
)


def walk(browser: Browser, base_url: str, sandbox: Sandbox) -> Iterator[tuple[str, Page]]:
    """Each part's name and the page that shows it; go on after the picture."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    email = f"shots-{os.urandom(3).hex()}@client.example"
    client = PayingClient(context.new_page(), base_url, sandbox, email)
    client.company = "Prairie Flowers"
    yield from zip(STEPS, _pages(client, sandbox), strict=True)
    context.close()


def _pages(client: PayingClient, sandbox: Sandbox) -> Iterator[Page]:
    page = client.page
    client.to_terms()
    expect(page.get_by_text("Marketing", exact=True)).to_be_visible()
    yield page
    client.press("Accept and continue")
    expect(page.get_by_text("Please accept the terms to go on.")).to_be_visible()
    yield page
    client.accept()
    expect(page.get_by_label("City")).to_be_visible()
    yield page
    client.press("Save and continue")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    yield page
    client.fill_details()
    yield page
    yield from _card(client)
    yield from _credit(client, sandbox)


def _card(client: PayingClient) -> Iterator[Page]:
    holder = client.open_card_page()
    holder.save_card(NEVER_SAVED)
    holder.expect_refusal("declined")
    holder.leave()
    client.expect_heading(CARD)
    yield client.page


def _credit(client: PayingClient, sandbox: Sandbox) -> Iterator[Page]:
    page = client.page
    client.open_card_page("Open the page for the card").save_card()
    client.expect_heading(CREDIT)
    expect(page.get_by_text("Charged to the card")).to_be_visible()
    yield page
    sandbox.post("payments/next", {"decline_code": "insufficient_funds", "times": 1})
    page.get_by_role("button", name="Pay 2").click()
    expect(page.get_by_text("Your bank declined the payment")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Charged to the card")).to_be_visible()
    yield page
    sandbox.post("payments/next", {"action": True})
    page.get_by_role("button", name="Pay 2").click()
    expect(page.get_by_text("Your bank wants to know that it is you")).to_be_visible(timeout=30_000)
    yield page
