"""A direct-paid client's own page in Chromium: from the mail to the bank's check and the PDF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, ViewportSize, expect

from core.demo.world import BETA
from e2e.support.accessible import Accessibility
from e2e.support.money import PAID_MS, Till
from e2e.support.payments import ASKS_ALWAYS, GOOD, Cardholder, Provider
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support.waiting import wait_for

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(300)
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture
def provider(sandbox: Sandbox) -> Iterator[Provider]:
    provider = Provider(sandbox)
    yield provider
    provider.heal()


def mailed_page(sandbox: Sandbox) -> str:
    """The link in the newest mail that asks a client to confirm a payment."""

    def newest() -> str:
        mails = sandbox.get("mail")["mails"]
        asking = [mail for mail in mails if mail["subject"].startswith("Please confirm")]
        links = [link for mail in asking for link in mail["links"] if "/pay/" in link]
        return links[0] if links else ""

    return wait_for(newest, seconds=60, every=1)


def test_a_client_confirms_tops_up_and_gets_its_invoice_without_a_dashboard(
    new_context: Contexts, people: People, base_url: str, sandbox: Sandbox, provider: Provider
) -> None:
    carla = Till(people.sign_in(new_context(), "Carla Rossi"), base_url, BETA.row_id(1, "CL"))
    carla.pause_renewal()
    carla.add_card(ASKS_ALWAYS, approves=True)
    carla.open("balance")
    carla.top_up("40", ASKS_ALWAYS[-4:])

    page = new_context(viewport=PHONE).new_page()
    page.goto(f"{mailed_page(sandbox)}")
    expect(page).to_have_url(re.compile(r"/pay/at/\w+"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Your bank wants to know")).to_be_visible()
    before = provider.kept("usd")
    page.get_by_role("button", name="Confirm at your bank").click()
    Cardholder(page).approve()
    expect(page.get_by_role("heading", name="Balance")).to_be_visible(timeout=PAID_MS)
    expect(page.get_by_role("heading", name="Your bank wants to know")).to_have_count(0)
    assert provider.kept("usd") > before

    page.get_by_role("button", name="Add a card").click()
    Cardholder(page).save_card(GOOD)
    expect(page.get_by_text("The card is saved.")).to_be_visible()
    axe = Accessibility()
    axe.check(page, "client's page")
    assert not axe.violations, "\n".join(axe.violations)
    kept = provider.kept("usd")
    page.get_by_label("Amount of credit").fill("25")
    page.get_by_label("Card", exact=True).select_option(label=f"Visa ending in {GOOD[-4:]}")
    page.get_by_role("button", name="Top up", exact=True).click()
    expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Pay \d")).click()
    # The page looks again by itself until the charge is through.
    expect(page.get_by_text("A payment is under way.")).to_have_count(0, timeout=PAID_MS)
    assert provider.kept("usd") > kept
    page.reload()
    with page.expect_download() as file:
        page.get_by_role("link", name=re.compile("^PDF")).first.click()
    assert file.value.suggested_filename.startswith("invoice-")
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
