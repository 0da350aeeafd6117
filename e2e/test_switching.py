"""Who works for two partners: tabs follow a switch in their section, links lead to either."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME, BETA
from e2e.support.focus import tab_to
from e2e.support.people import People, open_page, wait_connected
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]
OTHER = {ACME.name: BETA, BETA.name: ACME}


@pytest.fixture
def first(new_context: Contexts, people: People) -> Page:
    """Eve's page: a member at Acme, an owner at Beta."""
    return people.sign_in(new_context(), "Eve Lindholm", own_session=True)


def at(page: Page) -> str:
    """The partner that is open."""
    return page.locator(".top .partner-name").inner_text()


def switch(page: Page) -> None:
    """By keyboard, to the other one."""
    tab_to(page, page.get_by_role("button", name="Switch partner"))
    page.keyboard.press("Enter")
    menu = page.locator("#switch-menu")
    expect(menu.get_by_text("Owner")).to_be_visible()
    expect(menu.get_by_text("Member")).to_be_visible()
    tab_to(page, menu.locator("button[name=partner_id]"))
    page.keyboard.press("Enter")


def test_tabs_stay_in_their_section_where_the_role_allows_it(first: Page, base_url: str) -> None:
    if at(first) == ACME.name:
        switch(first)
        expect(first.locator(".top .partner-name")).to_have_text(BETA.name)
    runs = open_page(first.context, f"{base_url}/onboarding-runs")
    money = open_page(first.context, f"{base_url}/billing/invoices")
    number = open_page(first.context, f"{base_url}/accounts/{BETA.row_id(1, 'CH')}")

    switch(first)

    for tab, path in ((first, "accounts"), (runs, "onboarding-runs"), (number, "accounts")):
        expect(tab.locator(".top .partner-name")).to_have_text(ACME.name)
        expect(tab).to_have_url(f"{base_url}/{path}")
    expect(money).to_have_url(f"{base_url}/accounts")  # a member sees no invoices


def test_a_link_to_the_other_partners_number_offers_to_go_there(
    first: Page, base_url: str, watch: Watch
) -> None:
    watch.allow_status(409)
    second = open_page(first.context, f"{base_url}/accounts")
    other = OTHER[at(first)]
    link = f"{base_url}/accounts/{other.row_id(1, 'CH')}"
    answer = first.goto(link)
    assert answer is not None
    assert answer.status == 409
    expect(first.get_by_role("heading", name=f"This belongs to {other.name}").last).to_be_visible()
    wait_connected(first)
    tab_to(first, first.get_by_role("button", name=f"Switch to {other.name}"))
    first.keyboard.press("Enter")

    expect(first.locator(".top .partner-name")).to_have_text(other.name)
    expect(first).to_have_url(link)
    expect(second.locator(".top .partner-name")).to_have_text(other.name)
