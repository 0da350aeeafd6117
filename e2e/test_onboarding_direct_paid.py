"""A client that pays for itself: prices, terms, card at the provider, credit, and its number."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from core.demo.world import BETA
from e2e.support.accessible import Accessibility
from e2e.support.paying import CARD, CREDIT, DETAILS, TERMS, PayingClient
from e2e.support.payments import ASKS_WHEN_SAVED, NEVER_SAVED, Cardholder
from e2e.support.people import People
from e2e.support.sandbox import Sandbox

Contexts = Callable[..., BrowserContext]
OWNER = "Carla Rossi"


@pytest.fixture
def paying(
    new_context: Contexts, base_url: str, sandbox: Sandbox, new_client_email: Callable[[], str]
) -> Callable[..., PayingClient]:
    def make(**options: object) -> PayingClient:
        page = new_context(**options).new_page()
        return PayingClient(page, base_url, sandbox, new_client_email())

    return make


def test_the_whole_way_with_a_card_that_asks_and_the_first_credit(
    paying: Callable[..., PayingClient], new_context: Contexts, people: People, base_url: str
) -> None:
    owner = people.sign_in(new_context(), OWNER)
    client = paying()
    client.to_card()
    client.open_card_page().save_card(ASKS_WHEN_SAVED)
    Cardholder(client.page).approve()
    client.expect_heading(CREDIT)
    client.buy("250")
    client.connect()
    query = urlsplit(client.arrive()).query
    found = re.fullmatch(r"client=(\w+CL)&channels=\[\w+CH\]", query)
    assert found, query

    owner.goto(f"{base_url}/billing/balance?client={found[1]}")
    expect(owner.get_by_text("250.00 USD").first).to_be_visible()
    owner.goto(f"{base_url}/billing/cards?client={found[1]}")
    expect(owner.get_by_text("First", exact=True)).to_be_visible()
    owner.goto(f"{base_url}/onboarding-runs")
    owner.get_by_role("link", name=client.company).click()
    for line in ("Terms accepted", "Billing details saved", "Card added", "First top-up paid"):
        expect(owner.get_by_text(line, exact=True)).to_be_visible()


def test_a_declined_card_leads_back_and_another_one_goes_on(
    paying: Callable[..., PayingClient],
) -> None:
    client = paying()
    client.to_card()
    holder = client.open_card_page()
    holder.save_card(NEVER_SAVED)
    holder.expect_refusal("declined")
    holder.leave()
    expect(client.page.get_by_text("Your bank did not accept the card")).to_be_visible()
    assert "visit" not in client.page.url
    client.open_card_page("Open the page for the card").save_card()
    client.expect_heading(CREDIT)
    client.press("Not now")
    client.goes_to_meta()


def test_who_leaves_the_card_page_is_told_what_to_do(
    paying: Callable[..., PayingClient],
) -> None:
    client = paying()
    client.to_card()
    client.open_card_page().leave()
    expect(client.page.get_by_text("No card was added")).to_be_visible()
    client.page.reload()
    client.expect_heading(CARD)


def test_the_step_goes_on_in_a_second_browser_after_the_card(
    paying: Callable[..., PayingClient], sandbox: Sandbox
) -> None:
    first, second = paying(), paying()
    first.to_credit()
    second.page.goto(sandbox.mailed_link(first.email, "/onboarding/resume/"))
    second.press("Continue")
    second.expect_heading(CREDIT)
    second.press("Not now")
    second.goes_to_meta()


def test_it_fits_into_the_button_s_window_and_every_page_is_accessible(
    paying: Callable[..., PayingClient],
) -> None:
    seen = Accessibility()
    client = paying(viewport={"width": 600, "height": 920})
    client.to_terms()
    expect(client.page.get_by_text("Marketing", exact=True)).to_be_visible()
    seen.check(client.page, TERMS)
    client.press("Accept and continue")
    expect(client.page.get_by_text("Please accept the terms to go on.")).to_be_visible()
    client.accept()
    seen.check(client.page, DETAILS)
    client.fill_details()
    seen.check(client.page, CARD)
    client.open_card_page().save_card()
    client.expect_heading(CREDIT)
    expect(client.page.get_by_text("Charged to the card")).to_be_visible()
    seen.check(client.page, CREDIT)
    assert seen.violations == []


def test_the_price_of_another_country_is_found_by_its_name(
    paying: Callable[..., PayingClient],
) -> None:
    client = paying()
    client.to_terms()
    prices = client.page.locator(".ob-prices")
    expect(prices).to_contain_text("Marketing")
    before = prices.inner_text()
    country = client.page.get_by_label("Messages to people in")
    country.fill("India")
    client.page.get_by_role("option", name="India", exact=True).click()
    expect(prices).not_to_have_text(before)
    assert BETA.currency in prices.inner_text()
