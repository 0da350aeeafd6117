"""An owner on the pages of money: cards, top-ups, auto-renewal, and the figures on the balance."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from playwright.sync_api import Locator, Page, expect

from e2e.support.payments import GOOD, Cardholder
from e2e.support.people import wait_connected
from tests.support.waiting import wait_for

# A payment is work of a queue, on a machine that has other things to do.
PAID_MS = 45_000
_FIGURE = re.compile(r"(-?)([\d,]+\.\d{2,6}) [A-Z]{3}")
_COUNT = re.compile(r"([\d,]+) messages?,")


class Till:
    """One page of an owner; `client` is the one that pays, where clients pay for themselves."""

    def __init__(self, page: Page, base_url: str, client: str = "") -> None:
        self.page = page
        self._base_url = base_url
        self._client = client

    def open(self, place: str) -> None:
        """`balance`, `cards`, `invoices` ... of this payer, connected."""
        query = f"?client={self._client}" if self._client else ""
        self.page.goto(f"{self._base_url}/billing/{place}{query}")
        wait_connected(self.page)

    def press(self, name: str | re.Pattern[str]) -> None:
        exact = isinstance(name, str)
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def add_card(self, number: str = GOOD, *, approves: bool = False) -> None:
        """Through the provider's hosted page and back; `approves`: the bank asks the holder."""
        self.open("cards")
        self.press("Add a card")
        holder = Cardholder(self.page)
        holder.save_card(number)
        if approves:
            holder.approve()
        expect(self.page.get_by_text(f"ending in {number[-4:]} is added.")).to_be_visible()

    def pause_renewal(self) -> None:
        """Nothing is topped up by itself while a test counts."""
        self.open("auto-renewal")
        start = self.page.get_by_role("button", name="Start it again")
        pause = self.page.get_by_role("button", name="Pause", exact=True)
        expect(self.page.locator("main [role=status] p").first).not_to_be_empty()
        if pause.is_visible():
            pause.click()
            self.press("Pause it")
        expect(start).to_be_visible()

    def start_renewal(self) -> None:
        """On again; it looks at the balance at once."""
        self.open("auto-renewal")
        self.press("Start it again")
        expect(self.page.get_by_role("button", name="Pause", exact=True)).to_be_visible()

    def ask(self, amount: str) -> Locator:
        """The open dialog, with the amount typed and priced."""
        self.press("Top up")
        dialog = self.page.get_by_role("dialog", name="Top up")
        dialog.get_by_label("Amount of credit").fill(amount)
        expect(dialog.get_by_role("button", name=re.compile(r"Pay \d"))).to_be_enabled()
        return dialog

    def top_up(self, amount: str, last4: str = "") -> Locator:
        """The amount is being charged to the primary card, or to that one."""
        dialog = self.ask(amount)
        if last4:
            dialog.get_by_label("Card").click()
            self.page.get_by_role("option", name=re.compile(f"ending in {last4}")).click()
        dialog.get_by_role("button", name=re.compile(r"Pay \d")).click()
        return dialog

    def topped_up(self, amount: str) -> None:
        """The same, until it is on the balance."""
        dialog = self.top_up(amount)
        expect(dialog.get_by_text(" are on the balance.")).to_be_visible(timeout=PAID_MS)
        dialog.get_by_role("button", name="Done").click()

    @property
    def available(self) -> Locator:
        """The figure of what can be spent."""
        tile = self.page.locator(".h-tile", has_text="Available")
        return tile.locator(".h-tile-figure")

    @property
    def outbound(self) -> Locator:
        """Whether template messages go out."""
        return self.page.locator(".h-tile", has_text="Template messages")

    def cents(self) -> int:
        """What can be spent now, as the page says; parts of a cent are rounded."""
        expect(self.available).to_have_text(_FIGURE)
        return cents_of(self.available.inner_text())

    def messages(self) -> int:
        """How many the page counts in its days."""
        tile = self.page.locator(".h-tile", has_text="Spent in")
        expect(tile).to_contain_text(_COUNT)
        found = _COUNT.search(tile.inner_text())
        assert found
        return int(found[1].replace(",", ""))

    def expect_messages(self, wanted: int) -> None:
        """The open page comes to count that many by itself; its balance is the one after them.

        Meta tells in several webhooks, and the figures move with each of them.
        """
        wait_for(lambda: self.messages() >= wanted, seconds=PAID_MS / 1000, every=0.1)
        # The count may be one booking ahead of the balance beside it.
        self.open("balance")

    def expect_cents(self, wanted: int, *, timeout: int = PAID_MS) -> None:
        """The page comes to say so by itself."""
        wait_for(lambda: self.cents() == wanted, seconds=timeout / 1000, every=0.1)


def cents_of(text: str) -> int:
    """`-1,234.50 EUR` as -123450, half a cent away from zero."""
    found = _FIGURE.search(text)
    assert found, text
    exact = Decimal(found[1] + found[2].replace(",", "")) * 100
    return int(exact.to_integral_value(ROUND_HALF_UP))
