"""Cards and top-ups in Chromium: challenge, two owners, declines, a page that was tampered with.

Auto-renewal is paused for the tests that count, so that nobody else pays meanwhile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from facturx import get_xml_from_pdf
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from e2e.support.money import PAID_MS, Till
from e2e.support.payments import (
    ASKS_ALWAYS,
    ASKS_WHEN_SAVED,
    NEVER_SAVED,
    SAVED_THEN_DECLINED,
    Cardholder,
    Provider,
)
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support import einvoice
from tests.support.waiting import wait_for

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def provider(sandbox: Sandbox) -> Iterator[Provider]:
    """Nothing is armed before or after."""
    provider = Provider(sandbox)
    yield provider
    provider.heal()


@pytest.fixture
def ada(new_context: Contexts, people: People, base_url: str) -> Till:
    """An owner of Acme; nothing is topped up by itself."""
    till = Till(people.sign_in(new_context(), "Ada Martins"), base_url)
    till.pause_renewal()
    return till


def test_a_card_is_added_after_the_banks_check_and_one_that_fails_it_is_not(
    ada: Till, provider: Provider
) -> None:
    before = _saved(provider)
    ada.open("cards")
    ada.press("Add a card")
    holder = Cardholder(ada.page)
    holder.save_card(NEVER_SAVED)
    holder.expect_refusal("declined")
    holder.save_card(ASKS_WHEN_SAVED)
    holder.fail()
    holder.expect_refusal("The check failed")
    holder.leave()
    expect(ada.page.get_by_text("No card was added.")).to_be_visible()

    ada.add_card(ASKS_WHEN_SAVED, approves=True)

    row = ada.page.get_by_role("row", name=re.compile("Visa ending in 3155"))
    expect(row).to_be_visible()
    assert _saved(provider) == before + 1


def _saved(provider: Provider) -> int:
    """Cards that belong to somebody."""
    return sum(bool(card["customer"]) for card in provider.read()["cards"])


def test_a_top_up_is_on_the_balance_of_two_owners_browsers_at_once(
    ada: Till, new_context: Contexts, people: People, base_url: str, provider: Provider
) -> None:
    ada.add_card()
    fay = Till(people.sign_in(new_context(), "Fay Turner"), base_url)
    for till in (ada, fay):
        till.open("balance")
    before, kept = ada.cents(), provider.kept()
    assert fay.cents() == before

    ada.topped_up("100")

    for till in (ada, fay):
        till.expect_cents(before + 100_00)
    # 4 % fee, and 19 % VAT on both.
    assert provider.kept() == kept + 123_76
    expect(ada.page.get_by_text("Books agree")).to_be_visible()


def test_the_bank_that_asks_is_answered_on_its_own_page(ada: Till, provider: Provider) -> None:
    ada.add_card(ASKS_ALWAYS, approves=True)
    ada.open("balance")
    before, kept = ada.cents(), provider.kept()
    dialog = ada.top_up("25", ASKS_ALWAYS[-4:])
    expect(dialog.get_by_text("Your bank wants you to confirm")).to_be_visible(timeout=PAID_MS)
    assert provider.kept() == kept
    dialog.get_by_role("button", name="Confirm with your bank").click()

    Cardholder(ada.page).approve()

    expect(ada.page.get_by_text("It is paid.")).to_be_visible(timeout=PAID_MS)
    assert provider.kept() == kept + 30_94
    ada.open("balance")
    ada.expect_cents(before + 25_00)


def test_a_declined_card_says_why_and_nothing_is_charged(ada: Till, provider: Provider) -> None:
    ada.add_card(SAVED_THEN_DECLINED)
    provider.decline_card(SAVED_THEN_DECLINED[-4:], "insufficient_funds")
    ada.open("balance")
    before, kept = ada.cents(), provider.kept()

    dialog = ada.top_up("50", SAVED_THEN_DECLINED[-4:])

    said = dialog.get_by_text("The card does not have enough funds.")
    expect(said).to_be_visible(timeout=PAID_MS)
    dialog.get_by_role("button", name="Try another way").click()
    expect(dialog.get_by_label("Amount of credit")).to_be_visible()
    assert (ada.cents(), provider.kept()) == (before, kept)


class Tampering:
    """Stands between the page and the hub, and changes an amount on its way."""

    def __init__(self, page: Page, typed: str, forged: str) -> None:
        # The page puts JSON into JSON.
        self._typed, self._forged = f'\\"{typed}\\"', json.dumps(forged)[1:-1]
        self._frame = ""
        self.sends_before_next = False
        self.replaces = False
        page.route_web_socket(re.compile("/_nicegui_ws/"), self._stand)

    def _stand(self, socket: WebSocketRoute) -> None:
        hub = socket.connect_to_server()

        def passed_on(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else ""
            if self._typed in text:
                self._frame = text
                if self.replaces:
                    frame = text.replace(self._typed, self._forged)
            elif self.sends_before_next and '"event"' in text:
                self.sends_before_next = False
                hub.send(self._frame.replace(self._typed, self._forged))
            hub.send(frame)

        socket.on_message(passed_on)


@pytest.mark.parametrize("forged", ['"-77"', '"0.001"', '"1e9"', '"77 USD"', "[77]", '{"net":1}'])
def test_an_amount_that_was_changed_on_its_way_is_refused(
    ada: Till, provider: Provider, forged: str
) -> None:
    ada.add_card()
    wire = Tampering(ada.page, "77", forged)
    wire.replaces = True
    ada.open("balance")
    charges = provider.charges()
    ada.press("Top up")
    dialog = ada.page.get_by_role("dialog", name="Top up")
    dialog.get_by_label("Amount of credit").fill("77")
    expect(dialog.get_by_role("alert").first).to_be_visible()

    pay = dialog.get_by_role("button", name="Pay")
    pay.evaluate("button => { button.disabled = false; button.click(); }")

    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert provider.charges() == charges


def test_an_amount_that_was_changed_after_the_quote_is_not_charged(
    ada: Till, provider: Provider
) -> None:
    ada.add_card()
    wire = Tampering(ada.page, "78", '"9000"')
    ada.open("balance")
    before, charges = ada.cents(), provider.charges()
    dialog = ada.ask("78")
    wire.sends_before_next = True

    # No pointer, no focus: the click is the next thing that the page tells.
    pay = dialog.get_by_role("button", name=re.compile("Pay 96.53"))
    pay.evaluate("button => button.click()")

    # The sum that would be charged is shown first; nobody has agreed to it yet.
    expect(dialog.get_by_role("button", name=re.compile("Pay 11,138.40"))).to_be_visible()
    assert (ada.cents(), provider.charges()) == (before, charges)


def test_the_invoice_of_a_top_up_is_mailed_and_downloaded_with_its_xml(
    ada: Till, sandbox: Sandbox
) -> None:
    ada.add_card()
    ada.open("balance")
    ada.topped_up("40")
    ada.open("invoices")
    row = ada.page.get_by_role("row", name=re.compile("49.50 EUR")).first
    expect(row).to_contain_text("Top-up")
    expect(row).to_contain_text("Paid")
    number = row.get_by_role("link").first.inner_text()
    # The worker draws the file before it mails it.
    mailed = wait_for(lambda: _attachment(sandbox, number), seconds=60, every=0.5)

    with ada.page.expect_download() as download:
        row.get_by_role("button", name=f"Download the PDF of {number}").click()

    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF")
    assert content == mailed
    name, xml = get_xml_from_pdf(BytesIO(content), check_xsd=False)
    assert name == "factur-x.xml"
    assert einvoice.faults(xml) == []


def _attachment(sandbox: Sandbox, number: str) -> bytes:
    """The invoice's file as it was mailed; empty until it was."""
    for mail in sandbox.get("mail")["mails"]:
        for index, file in enumerate(mail["attachments"]):
            if number in file["filename"]:
                return sandbox.read(f"mail/{mail['id']}/attachments/{index}")
    return b""
