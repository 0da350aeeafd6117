"""Requests asked by a partner and carried out at the desk, with what follows, in Chromium.

A person is removed and the clock moves to the next month, so these tests have a hub of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.support.at_once import limit
from e2e.support.desk import DeskPage, SupportPage, desk_of, support_of
from e2e.support.money import PAID_MS
from e2e.support.people import People, open_page, wait_connected
from e2e.support.sandbox import Sandbox
from tests.support.hub_process import CommandProcess

Contexts = Callable[..., BrowserContext]
pytestmark = [pytest.mark.timeout(600)]
# The schedule looks every minute; the clock's leap is noticed within seconds.
RENEWED_MS = 150_000


@pytest.fixture
def sam(new_context: Contexts, own_hub: CommandProcess) -> DeskPage:
    return desk_of(new_context(), own_hub.base_url)


def owner(new_context: Contexts, own_hub: CommandProcess) -> SupportPage:
    """Signed in now: sessions do not outlive a month."""
    page = People(own_hub.base_url).sign_in(new_context(), "Ada Martins")
    return support_of(page, own_hub.base_url)


def test_a_removed_users_open_page_stops_within_a_second(
    new_context: Contexts,
    own_hub: CommandProcess,
    sam: DeskPage,
    figures: Callable[[str], None],
) -> None:
    ben = People(own_hub.base_url).sign_in(new_context(), "Ben Okafor")
    expect(ben.locator("[data-id]").first).to_be_visible()
    ada = owner(new_context, own_hub)
    ada.page.get_by_role("button", name="Ask for something").click()
    ada.page.get_by_role("button", name=re.compile("Remove a user")).click()
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_label("Person").click()
    ada.page.get_by_role("option", name=re.compile("Ben Okafor")).click()
    dialog.get_by_role("button", name="Send the request").click()
    ada.expect_open("Remove Ben Okafor")
    ada.expect_card("Waits for a decision")

    sam.choose("Remove Ben Okafor")
    expect(sam.page.get_by_text("Their open pages stop within a second.")).to_be_visible()
    sam.page.get_by_role("button", name="Accept…").click()
    sam.page.get_by_role("button", name="Accept the request").click()
    sam.expect_card("Accepted")
    decided = monotonic()

    ben.wait_for_url(re.compile(r"/(login|signed-out|$)"), timeout=15_000)
    stopped = monotonic() - decided
    ada.expect_card("Accepted")
    expect(ada.page.get_by_text("The request was accepted by Sam Patel.").first).to_be_visible()
    expect(ben.locator("[data-id]")).to_have_count(0)
    figures(f"Removed at the desk → the open page stops: {stopped:.2f} s after the desk shows it")
    assert stopped < limit(), stopped


def test_a_downgrade_is_asked_for_accepted_and_takes_effect_with_the_next_month(
    new_context: Contexts, own_hub: CommandProcess, sam: DeskPage, own_world: Sandbox
) -> None:
    ada = owner(new_context, own_hub)
    _upgrade(ada.page, own_hub.base_url)
    ada.open("?ask=downgrade")
    dialog = ada.page.get_by_role("dialog")
    expect(dialog.get_by_text("Growth")).to_be_visible()
    dialog.get_by_role("button", name="Send the request").click()
    ada.expect_card("Waits for a decision")

    sam.page.locator(".cv-row", has_text="Acme Messaging").get_by_role(
        "link", name="Downgrade", exact=True
    ).click()
    expect(sam.page.get_by_text("Plan: Premium → Growth.")).to_be_visible()
    sam.accept()
    ada.expect_card("Accepted")
    assert _plan(ada.page, own_hub.base_url) == "Premium"

    own_world.next_month()
    again = owner(new_context, own_hub).page
    again.goto(f"{own_hub.base_url}/billing/subscriptions")
    tile = again.locator(".h-tile", has_text="Plan").locator(".h-tile-figure")
    expect(tile.first).to_have_text("Growth", timeout=RENEWED_MS)


def _upgrade(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/billing/subscriptions/upgrade")
    wait_connected(page)
    pay = page.get_by_role("button", name=re.compile(r"Pay [\d,.]+ EUR and upgrade"))
    expect(pay).to_be_enabled()
    pay.click()
    other = open_page(page.context, f"{base_url}/billing/subscriptions")
    tile = other.locator(".h-tile", has_text="Plan").locator(".h-tile-figure")
    expect(tile.first).to_have_text("Premium", timeout=PAID_MS)
    other.close()


def _plan(page: Page, base_url: str) -> str:
    page.goto(f"{base_url}/billing/subscriptions")
    wait_connected(page)
    return page.locator(".h-tile", has_text="Plan").locator(".h-tile-figure").first.inner_text()
