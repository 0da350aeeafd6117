"""A cardholder at the payment provider, and the provider's controls, as e2e tests say them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from e2e.support.sandbox import Sandbox

GOOD, GERMAN = "4242424242424242", "4000002760000016"
ASKS_WHEN_SAVED, ASKS_ALWAYS = "4000002500003155", "4000002760003184"
SAVED_THEN_DECLINED, NEVER_SAVED = "4000000000000341", "4000000000000002"


class Cardholder:
    """Acts on the provider's hosted pages; each step ends where the hub takes over again."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def save_card(self, number: str = GOOD, expiry: str = "12 / 34") -> None:
        """Fill the hosted page that is open; a card that asks goes on to `approve` or `fail`."""
        self.expect_card_page()
        self.page.get_by_label("Card number").fill(number)
        self.page.get_by_label("Expiry (MM / YY)").first.fill(expiry)
        self.page.get_by_role("button", name="Save card").click()

    def leave(self) -> None:
        """Back to the hub without a card."""
        self.page.get_by_role("link", name="Cancel").click()

    def approve(self) -> None:
        """Yes, it is me: the browser goes back to the hub."""
        self._decide("Approve")

    def fail(self) -> None:
        """The check fails."""
        self._decide("Fail")

    def expect_card_page(self) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Save a card")

    def expect_refusal(self, words: str) -> None:
        """The hosted page says why the card was not saved."""
        expect(self.page.get_by_role("alert")).to_contain_text(words)

    def _decide(self, button: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Is this you?")
        self.page.get_by_role("button", name=button, exact=True).click()


class Provider:
    """The sandbox's payment controls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def read(self) -> dict[str, Any]:
        """Charges, cards, refunds, disputes, totals; newest first."""
        told: dict[str, Any] = self._sandbox.get("payments")
        return told

    def charges(self, reference: str = "") -> list[dict[str, Any]]:
        """All charges, or those of one of the hub's ids."""
        rows: list[dict[str, Any]] = self.read()["charges"]
        return [row for row in rows if not reference or row["reference"] == reference]

    def kept(self, currency: str = "eur") -> int:
        """Minor units that were charged and have not gone back."""
        totals = self.read()["totals"].get(currency, {"charged": 0, "refunded": 0})
        return int(totals["charged"]) - int(totals["refunded"])

    def decline_next(self, code: str = "insufficient_funds", times: int = 1) -> None:
        self._sandbox.post("payments/next", {"decline_code": code, "times": times})

    def ask_next(self) -> None:
        """The next charge needs its holder."""
        self._sandbox.post("payments/next", {"action": True})

    def decline_card(self, last4: str, code: str = "insufficient_funds") -> None:
        """The newest saved card that ends so is declined from now on; '' ends that."""
        card = next(row for row in self.read()["cards"] if row["last4"] == last4)
        self._sandbox.post(f"payments/cards/{card['id']}", {"decline_code": code})

    def expire_card(self, last4: str, year: int, month: int) -> None:
        """The bank gives the newest such card another expiry."""
        card = next(row for row in self.read()["cards"] if row["last4"] == last4)
        change = {"exp_year": year, "exp_month": month}
        self._sandbox.post(f"payments/cards/{card['id']}", change)

    def happens(self, charge_id: str, what: str) -> None:
        """approve, fail, dispute, dispute_won, dispute_lost, refund, refund_succeeds, ..."""
        self._sandbox.post(f"payments/charges/{charge_id}/{what}")

    def fault(self, kind: str, on: str = "any", **more: Any) -> None:
        """answer_lost, hangs_after, error_before, error_after, slow, unavailable, rate_limited."""
        self._sandbox.post("payments/faults", {"kind": kind, "on": on, **more})

    def webhooks(self, **switches: Any) -> None:
        """copies, delay_seconds, lose_next, hold, retry_delays; what is left out is normal."""
        self._sandbox.post("payments/webhooks", switches)

    def release(self, order: str = "as_sent") -> None:
        """Send what `hold` kept back."""
        self._sandbox.post("payments/webhooks/release", {"order": order})

    def heal(self) -> None:
        """Nothing is armed any more."""
        self._sandbox.delete("payments/faults")
