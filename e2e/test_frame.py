"""One page with real addresses: sections change without a reload, back and deep links work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME
from e2e.support.people import People, open_page
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]


@pytest.fixture
def page(new_context: Contexts, people: People) -> Page:
    """Ada's open page of accounts, marked: a reload would lose the mark."""
    page = people.sign_in(new_context(), "Ada Martins")
    page.evaluate("window.marked = true")
    return page


def test_sections_change_in_place_and_back_leads_back(page: Page, base_url: str) -> None:
    main = page.get_by_role("navigation", name="Main")
    main.get_by_role("link", name="Onboarding").click()
    expect(page).to_have_url(f"{base_url}/onboarding-runs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Onboarding")
    main.get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Onboarding")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("WhatsApp accounts")
    expect(page.get_by_text("Nordlicht Reisen").first).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("Onboarding")

    assert page.evaluate("window.marked") is True


def test_a_row_leads_to_its_number_and_back_to_the_same_list(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/accounts?search=okapi&sort=-name")
    expect(page.locator("html[data-connection=live]")).to_be_attached()
    page.evaluate("window.marked = true")
    page.locator(f"[data-id={ACME.row_id(13, 'CH')}] a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Okapi")

    page.go_back()

    expect(page).to_have_url(f"{base_url}/accounts?search=okapi&sort=-name")
    expect(page.get_by_role("searchbox")).to_have_value("okapi")
    expect(page.locator("[data-id]")).to_have_count(2)
    assert page.evaluate("window.marked") is True


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "WhatsApp accounts"),
        (f"/accounts/{ACME.row_id(1, 'CH')}", "Nordlicht Reisen"),
        ("/onboarding-runs", "Onboarding"),
        ("/users", "Users"),
        ("/billing/balance", "Balance"),
    ],
)
def test_deep_links_open_their_section(page: Page, base_url: str, path: str, title: str) -> None:
    deep = open_page(page.context, base_url + path)

    expect(deep.get_by_role("heading", level=1)).to_have_text(title)
    expect(deep.locator("html")).to_have_attribute("lang", "en-GB")


def test_an_unknown_address_says_so_inside_the_frame(
    page: Page, base_url: str, watch: Watch
) -> None:
    watch.allow_status(404)
    answer = page.goto(f"{base_url}/there/is/nothing")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_another_partners_number_is_nowhere(page: Page, base_url: str, watch: Watch) -> None:
    watch.allow_status(404)
    answer = page.goto(f"{base_url}/accounts/Bet001CH")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_text("Green Valley")).to_have_count(0)


def test_the_theme_is_chosen_and_stays(page: Page) -> None:
    page.get_by_role("button", name="Your menu:").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_who_belongs_to_two_partners_switches_in_every_tab(
    new_context: Contexts, people: People, base_url: str
) -> None:
    context = new_context()
    first = people.sign_in(context, "Eve Lindholm", own_session=True)
    second = open_page(context, f"{base_url}/accounts")
    name = first.locator(".partner-name").inner_text()
    first.get_by_role("button", name="Switch partner").click()
    first.locator("#switch-menu button[name=partner_id]").click()

    for tab in (first, second):
        expect(tab.locator(".partner-name")).not_to_have_text(name)
    other = "Green Valley" if name == ACME.name else "Nordlicht Reisen"
    for tab in (first, second):
        expect(tab.get_by_text(other).first).to_be_visible()
