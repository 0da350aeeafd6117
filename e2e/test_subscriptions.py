"""Upgrade and cancel in Chromium, each with two owners' browsers open, and by keyboard alone.

The plan changes for good, so the tests go on from one another: declined, then challenged, then
cancelled and taken back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from e2e.support.accessible import Accessibility
from e2e.support.at_once import limit, moment, note_moment
from e2e.support.focus import ring_of, tab_to
from e2e.support.money import PAID_MS, Till, cents_of
from e2e.support.payments import ASKS_ALWAYS, SAVED_THEN_DECLINED, Cardholder, Provider
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support.waiting import wait_for

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(300)
PAY = re.compile(r"Pay [\d,.]+ [A-Z]{3} and upgrade")
# What design.md asks of the ring around the focus; WCAG wants 3:1.
RING_WIDTH, RING_CONTRAST = 2, 3


@pytest.fixture
def provider(sandbox: Sandbox) -> Iterator[Provider]:
    """Nothing is armed before or after."""
    provider = Provider(sandbox)
    yield provider
    provider.heal()


@pytest.fixture
def axe() -> Iterator[Accessibility]:
    found = Accessibility()
    yield found
    assert not found.violations, "\n".join(found.violations)


@pytest.fixture
def ada(new_context: Contexts, people: People, base_url: str) -> Till:
    """An owner of Acme; nothing is topped up by itself."""
    till = Till(people.sign_in(new_context(), "Ada Martins"), base_url)
    till.pause_renewal()
    return till


@pytest.fixture
def fay(new_context: Contexts, people: People, base_url: str) -> Till:
    """Another owner of Acme, in a browser of her own."""
    return Till(people.sign_in(new_context(), "Fay Turner"), base_url)


def test_its_dialogs_and_menus_are_accessible(ada: Till, axe: Accessibility) -> None:
    page = ada.page
    ada.open("subscriptions/cancel")
    page.get_by_role("button", name=re.compile("Cancel as of")).click()
    axe.check(page, "cancel, with what is missing")
    page.set_viewport_size({"width": 1440, "height": 900})
    ada.open("subscriptions")
    ada.press("Manage")
    expect(page.get_by_role("menuitem").first).to_be_visible()
    axe.check(page, "menu Manage", in_menu=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    ada.open("subscriptions/licences")
    page.get_by_role("button", name=re.compile("Change the licence of")).first.click()
    dialog = page.get_by_role("dialog", name=re.compile("Licence of"))
    dialog.get_by_role("button", name="Premium", exact=True).click()
    expect(dialog.get_by_role("button", name="Change to Premium")).to_be_enabled()
    axe.check(page, "dialog Licence", in_dialog=True)


def test_a_declined_card_changes_nothing_on_either_owners_page(
    ada: Till, fay: Till, provider: Provider
) -> None:
    ada.add_card(SAVED_THEN_DECLINED)
    provider.decline_card(SAVED_THEN_DECLINED[-4:], "insufficient_funds")
    kept = provider.kept()
    fay.open("subscriptions")
    expect(figure_of(fay.page, "Plan")).to_have_text("Growth")
    ada.open("subscriptions")
    ada.page.get_by_role("link", name="Upgrade to Premium").click()
    expect(ada.page.get_by_role("button", name=PAY)).to_be_enabled()
    choose_card(ada.page, SAVED_THEN_DECLINED[-4:])

    ada.press(PAY)

    expect(ada.page.get_by_text("The card was declined")).to_be_visible(timeout=PAID_MS)
    expect(ada.page.get_by_text("Nothing was charged and you stay on Growth.")).to_be_visible()
    row = fay.page.get_by_role("row", name=re.compile("Upgrade to Premium")).first
    expect(row).to_contain_text("Declined", timeout=PAID_MS)
    expect(figure_of(fay.page, "Plan")).to_have_text("Growth")
    assert provider.kept() == kept
    ada.press("Try again")
    expect(ada.page.get_by_role("button", name=PAY)).to_be_enabled()


def test_the_bank_asks_and_the_plan_changes_at_once_on_both_owners_pages(
    ada: Till, fay: Till, provider: Provider, figures: Callable[[str], None]
) -> None:
    ada.add_card(ASKS_ALWAYS, approves=True)
    for till in (ada, fay):
        till.open("subscriptions/upgrade")
        expect(till.page.get_by_role("button", name=PAY)).to_be_enabled()
    shown, kept = ada.page.get_by_role("button", name=PAY).inner_text(), provider.kept()
    choose_card(ada.page, ASKS_ALWAYS[-4:])
    ada.press(PAY)
    for till in (ada, fay):
        asks = till.page.get_by_text("Your bank wants you to confirm the payment")
        expect(asks).to_be_visible(timeout=PAID_MS)
    assert provider.kept() == kept
    note_moment(fay.page, "You are on Premium")
    ada.press("Confirm with your bank")

    Cardholder(ada.page).approve()

    expect(ada.page.get_by_text("You are on Premium")).to_be_visible(timeout=PAID_MS)
    seen = time.time()
    expect(fay.page.get_by_text("You are on Premium")).to_be_visible(timeout=PAID_MS)
    assert provider.kept() == kept + cents_of(shown)
    late = max(0.0, moment(fay.page) - seen)
    figures(f"The bank's yes → the other owner's page: {late:.2f} s after the first one")
    assert late < limit()
    expect(ada.page.get_by_text("were charged. Invoice 2026-")).to_be_visible()
    pdf = wait_for(lambda: downloaded(ada.page), seconds=60, every=1)
    assert pdf.startswith(b"%PDF")
    fay.page.get_by_role("link", name="Back to Subscriptions").click()
    expect(figure_of(fay.page, "Plan")).to_have_text("Premium")
    row = fay.page.get_by_role("row", name=re.compile("Upgrade to Premium")).first
    expect(row).to_contain_text("Ada Martins")


def test_one_owner_cancels_and_the_other_takes_it_back_each_seeing_it_at_once(
    ada: Till, fay: Till, figures: Callable[[str], None]
) -> None:
    ada.add_card()
    fay.open("subscriptions")
    expect(figure_of(fay.page, "Plan")).to_be_visible()
    ada.open("subscriptions")
    ada.press("Manage")
    ada.page.get_by_role("menuitem", name="Cancel the subscription").click()
    do = ada.page.get_by_role("button", name=re.compile("Cancel as of"))
    expect(do).to_be_visible()
    pay_what_is_open(ada)
    ada.page.get_by_role("radio", name="Something is missing").click()
    ada.page.get_by_role("checkbox", name=re.compile("I know that")).click()
    expect(do).to_be_enabled()
    note_moment(fay.page, "Cancelled: everything works until")
    started = time.time()

    do.click()

    expect(ada.page.get_by_text("Cancelled: everything works until")).to_be_visible()
    cancelled = moment(fay.page) - started
    note_moment(ada.page, "Cancelled: everything works until", is_there=False)
    started = time.time()
    fay.press("Take it back")
    expect(fay.page.get_by_role("button", name="Take it back")).to_have_count(0)
    back = moment(ada.page) - started
    figures(f"Cancelled → the other owner's page: {cancelled:.2f} s; taken back: {back:.2f} s")
    assert max(cancelled, back) < limit()
    row = ada.page.get_by_role("row", name=re.compile("Cancellation")).first
    expect(row).to_contain_text("Taken back")


def test_an_upgrade_by_keyboard_alone(
    new_context: Contexts, people: People, base_url: str, provider: Provider
) -> None:
    carla = Till(people.sign_in(new_context(), "Carla Rossi"), base_url)
    carla.add_card()
    page = carla.page
    carla.open("subscriptions")
    upgrade = page.get_by_role("link", name="Upgrade to Premium")
    expect(upgrade).to_be_visible()
    tab_to(page, upgrade)
    page.keyboard.press("Enter")
    pay = page.get_by_role("button", name=PAY)
    expect(pay).to_be_enabled(timeout=PAID_MS)
    tab_to(page, pay)
    ring = ring_of(page)
    assert (ring.width >= RING_WIDTH, ring.contrast >= RING_CONTRAST) == (True, True), ring

    page.keyboard.press("Enter")

    expect(page.get_by_text("You are on Premium")).to_be_visible(timeout=PAID_MS)
    back = page.get_by_role("link", name="Back to Subscriptions")
    tab_to(page, back)
    page.keyboard.press("Enter")
    expect(figure_of(page, "Plan")).to_have_text("Premium")
    manage = page.get_by_role("button", name="Manage")
    tab_to(page, manage)
    page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name="Downgrade to Growth")
    expect(item).to_be_visible()
    tab_to(page, item)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Downgrade to Growth")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Downgrade to Growth")).to_be_hidden()


def pay_what_is_open(till: Till) -> None:
    """Invoices that stand against cancelling, one after the other."""
    rows = till.page.get_by_role("button", name=re.compile("^Pay .* now$"))
    while count := rows.count():
        rows.first.click()
        dialog = till.page.get_by_role("dialog")
        dialog.get_by_role("button", name=re.compile(r"Pay [\d,.]+ EUR")).click()
        expect(dialog.get_by_text("The invoice is paid.")).to_be_visible(timeout=PAID_MS)
        dialog.get_by_role("button", name="Close").click()
        expect(rows).to_have_count(count - 1)


def downloaded(page: Page) -> bytes:
    """The invoice's file; empty while the worker still draws it."""
    page.get_by_role("button", name="Download PDF").click()
    try:
        with page.expect_download(timeout=3_000) as download:
            pass
    except PlaywrightTimeout:
        return b""
    return download.value.path().read_bytes()


def choose_card(page: Page, last4: str) -> None:
    page.get_by_label("Card", exact=True).click()
    page.get_by_role("option", name=re.compile(f"ending in {last4}")).click()


def figure_of(page: Page, label: str) -> Locator:
    """What stands large in the tile of that name."""
    named = page.locator(".h-tile-label", has_text=re.compile(f"^{label}$"))
    return page.locator(".h-tile", has=named).locator(".h-tile-figure")
