"""WhatsApp Accounts: what is chosen stands in the address, and the keyboard is enough."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME
from e2e.support.people import People, open_page, wait_connected

Contexts = Callable[..., BrowserContext]
MOST_TABS = 60


@pytest.fixture
def page(new_context: Contexts, people: People) -> Page:
    page = people.sign_in(new_context(), "Ada Martins")
    expect(page.locator("[data-id]").first).to_be_visible()
    return page


def test_search_filter_sort_and_view_are_in_the_address_and_survive_a_reload(
    page: Page, base_url: str
) -> None:
    page.evaluate("window.marked = true")
    page.get_by_role("searchbox").fill("marina")
    expect(page).to_have_url(f"{base_url}/accounts?search=marina")
    expect(page.locator("[data-id]")).to_have_count(2)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label(re.compile("^Quality")).select_option(label="Low")
    expect(page.locator("[data-id]")).to_have_count(1)
    page.get_by_label("Sort by").select_option("-name")
    page.get_by_role("button", name="Cards").click()
    assert page.evaluate("window.marked") is True
    for part in ("search=marina", "quality=low", "view=cards", "sort=-name"):
        expect(page).to_have_url(re.compile(rf"[?&]{part}(&|$)"))

    page.reload()
    wait_connected(page)

    expect(page.get_by_role("searchbox")).to_have_value("marina")
    expect(page.locator("ul.cl-grid [data-id]")).to_have_count(1)
    expect(page.locator("[data-id]")).to_contain_text("Marina Charter")


def test_back_undoes_a_filter_and_the_address_opens_elsewhere(page: Page, base_url: str) -> None:
    everything = page.locator("[data-id]").count()
    page.get_by_role("button", name="Live").first.click()
    page.wait_for_url("**/accounts?*group=*")
    address = page.url
    expect(page.get_by_role("button", name="Live").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-id]")).not_to_have_count(everything)
    filtered = page.locator("[data-id]").count()

    elsewhere = open_page(page.context, address)
    expect(elsewhere.locator("[data-id]")).to_have_count(filtered)
    page.go_back()

    expect(page).to_have_url(f"{base_url}/accounts")
    expect(page.locator("[data-id]")).to_have_count(everything)


def test_two_quick_choices_both_count(page: Page) -> None:
    page.get_by_text("Filters", exact=True).click()
    # In one task of the browser: no answer can come in between.
    page.evaluate(
        """() => {
          const choose = (label, value) => {
            const field = [...document.querySelectorAll(".cl-panel label")]
              .find((each) => each.textContent.startsWith(label)).querySelector("select");
            field.value = value;
            field.dispatchEvent(new Event("change"));
          };
          choose("Quality", "low");
          choose("Sort by", "-name");
        }"""
    )

    for part in ("quality=low", "sort=-name"):
        expect(page).to_have_url(re.compile(rf"[?&]{part}(&|$)"))


def test_sorting_by_a_heading_turns_around(page: Page) -> None:
    heading = page.get_by_role("columnheader", name="Name")
    page.get_by_role("columnheader").get_by_role("button", name="Name").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    page.wait_for_url("**sort=-name*")


def test_nothing_found_says_what_to_do(page: Page) -> None:
    page.get_by_role("searchbox").fill("zzzz")

    expect(page.get_by_role("heading", name="No number matches")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.locator("[data-id]").first).to_be_visible()


def test_the_export_holds_what_is_filtered(page: Page) -> None:
    page.get_by_role("searchbox").fill("okapi")
    expect(page.locator("[data-id]")).to_have_count(2)

    with page.expect_download() as loading:
        page.get_by_role("button", name="Export").click()

    text = loading.value.path().read_text("utf-8-sig")
    assert "Studio Okapi" in text
    assert "Nordlicht" not in text


def test_the_keyboard_leads_from_the_top_to_a_number_and_back(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "input[type=search]")
    page.keyboard.type("nordlicht")
    expect(page.locator("[data-id]")).to_have_count(2)
    tab_to(page, ".cl-link")
    page.keyboard.press("ArrowDown")
    second = page.locator("[data-id] .cl-link").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Nordlicht Service")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_palette_finds_a_number_by_keyboard_alone(page: Page, base_url: str) -> None:
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search: Number, client, invoice, page")
    expect(field).to_be_focused()
    page.keyboard.type("okapi kurse")
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("1555000114")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{base_url}/accounts/{ACME.row_id(14, 'CH')}")


def test_the_palette_finds_a_client_and_the_open_list_shows_its_numbers(
    page: Page, base_url: str
) -> None:
    client = ACME.row_id(1, "CL")
    page.keyboard.press("Control+k")
    page.keyboard.type(client)
    expect(page.locator("#palette-list [role=group]")).to_have_attribute("aria-label", "Clients")
    expect(page.locator(".palette [role=status]")).to_have_text("1 result")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{base_url}/accounts?client={client}")
    expect(page.locator("[data-id]")).to_have_count(2)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that fits has the focus, as somebody without a mouse would."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {MOST_TABS} times Tab")
