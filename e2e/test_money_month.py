"""A month ends by the sandbox's clock: closed, not paid by a card that is declined, paid by hand.

The clock moves for everybody, so this test has a hub and a sandbox of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from core.demo.outside import demo_card
from core.demo.world import ACME
from e2e.support.money import PAID_MS, Till, cents_of
from e2e.support.payments import Provider
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support.hub_process import CommandProcess

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(420)

_CARD = demo_card(ACME)["number"][-4:]
NUMBER = ACME.meta_id(2, 1)
# The schedule looks every minute; the clock's leap is noticed within seconds.
CLOSED_MS = 150_000
_ORDERED = 800


def test_a_month_ends_is_closed_and_its_overdraft_is_paid_by_hand(
    own_hub: CommandProcess, own_world: Sandbox, new_context: Contexts
) -> None:
    people, provider = People(own_hub.base_url), Provider(own_world)
    ada = Till(people.sign_in(new_context(), "Ada Martins"), own_hub.base_url)
    ada.pause_renewal()
    ada.open("balance")
    _overdraw(own_world, ada)
    left = ada.cents()
    provider.decline_card(_CARD)
    own_world.next_month()
    # Sessions end after twelve hours without a click.
    ada = Till(People(own_hub.base_url).sign_in(new_context(), "Ada Martins"), own_hub.base_url)
    ada.open("invoices")

    row = ada.page.get_by_role("row", name=re.compile("Month closing.*Unpaid"))
    expect(row.first).to_be_visible(timeout=CLOSED_MS)
    provider.decline_card(_CARD, "")
    row.first.get_by_role("link").first.click()
    page = ada.page
    expect(page.get_by_role("heading", name="The month's credit")).to_be_visible()
    start, added, used, refunded, corrected, end = (_fact(ada, each) for each in _IDENTITY)
    assert start + added + used + refunded + corrected == end == left
    total = cents_of(page.locator(".h-sum div", has_text="Total").inner_text())
    ada.press("Pay now")
    page.get_by_role("dialog").get_by_role("button", name=re.compile(r"Pay \d")).click()
    expect(page.get_by_text("The invoice is paid.")).to_be_visible(timeout=PAID_MS)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text(re.compile("Paid on"))).to_be_visible()
    assert provider.kept() == total
    ada.open("balance")
    ada.expect_cents(0)


_IDENTITY = ("Start", "Added", "Used", "Refunded", "Corrected", "End")


def _fact(till: Till, label: str) -> int:
    term = till.page.locator("section", has_text="The month's credit").locator("dt")
    row = term.filter(has_text=re.compile(f"^{label}$")).locator("..")
    return cents_of(row.inner_text())


def _overdraw(own_world: Sandbox, till: Till) -> None:
    """More messages than the credit is good for, while the page looks on."""
    order = {"numbers": [NUMBER], "messages": _ORDERED, "categories": "marketing", "markets": "DE"}
    for _ in range(10):
        if till.cents() < 0:
            return
        counted = till.messages()
        own_world.post("meta/traffic", order | {"failed": 0, "types": "regular", "statuses": 100})
        till.expect_messages(counted + _ORDERED)
    raise AssertionError("the credit has no end")
