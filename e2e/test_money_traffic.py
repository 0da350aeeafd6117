"""Messages consume the balance on open pages; at zero outbound stops; top-ups start it again.

Clients of Beta pay for themselves, each test has one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from core.demo.world import BETA
from e2e.support.money import Till
from e2e.support.payments import GOOD, SAVED_THEN_DECLINED, Provider
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support.waiting import wait_for

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(300)

# Channels of the clients 2 and 4.
SUNSET, NORTHSIDE = BETA.meta_id(2, 3), BETA.meta_id(2, 5)
STOPPED, SENDING = re.compile("Stopped"), re.compile("Sending")
# Auto-renewal looks at low balances every minute, and a queue does the rest.
RENEWED_MS = 120_000
# The rule's figures for a payer who has hardly spent anything, in cents.
THRESHOLD, TOP_UP = 200_00, 100_00


@pytest.fixture
def provider(sandbox: Sandbox) -> Iterator[Provider]:
    """Nothing is armed before or after."""
    provider = Provider(sandbox)
    yield provider
    provider.heal()


def till_of(contexts: Contexts, people: People, base_url: str, client: int) -> Till:
    page = people.sign_in(contexts(), "Carla Rossi")
    return Till(page, base_url, BETA.row_id(client, "CL"))


def send(sandbox: Sandbox, till: Till, number: str, messages: int) -> None:
    """That many messages of a number, all of a kind that costs, until the open page has them."""
    counted = till.messages()
    order = {"numbers": [number], "messages": messages, "categories": "marketing", "markets": "US"}
    sandbox.post("meta/traffic", order | {"failed": 0, "types": "regular"})
    till.expect_messages(counted + messages)


def drain(sandbox: Sandbox, till: Till, number: str) -> None:
    """Messages until nothing is left, as the open page sees it by itself."""
    for _ in range(10):
        before = till.cents()
        if before <= 0:
            return
        # A cent and a half or more each.
        send(sandbox, till, number, max(20, before // 2))
    raise AssertionError(f"{till.cents()} cents are left")


def test_messages_consume_the_balance_outbound_stops_at_zero_and_a_top_up_starts_it_again(
    new_context: Contexts, people: People, base_url: str, sandbox: Sandbox, provider: Provider
) -> None:
    till = till_of(new_context, people, base_url, 2)
    till.pause_renewal()
    till.add_card(GOOD)
    till.open("balance")
    before = till.cents()
    assert before > 0
    expect(till.outbound).to_contain_text(SENDING)
    send(sandbox, till, SUNSET, 20)
    assert 0 < till.cents() < before

    drain(sandbox, till, SUNSET)

    expect(till.outbound).to_contain_text(STOPPED)
    expect(till.page.get_by_text("template messages have stopped").first).to_be_visible()
    kept = provider.kept("usd")
    till.topped_up("500")
    expect(till.outbound).to_contain_text(SENDING)
    # Not taxed where the client is; the fee is 4 %.
    assert provider.kept("usd") == kept + 520_00


def test_auto_renewal_fires_by_itself_and_when_a_card_is_declined_the_next_one_pays(
    new_context: Contexts, people: People, base_url: str, sandbox: Sandbox, provider: Provider
) -> None:
    till = till_of(new_context, people, base_url, 4)
    till.pause_renewal()
    till.add_card(SAVED_THEN_DECLINED)
    till.add_card(GOOD)
    till.open("balance")
    drain(sandbox, till, NORTHSIDE)
    expect(till.outbound).to_contain_text(STOPPED)
    left, known = till.cents(), {charge["id"] for charge in provider.charges()}

    till.start_renewal()

    till.open("balance")
    expect(till.outbound).to_contain_text(SENDING, timeout=RENEWED_MS)
    # As often as it takes to be above the threshold.
    times = (THRESHOLD - left) // TOP_UP + 1
    wanted = left + times * TOP_UP
    # A tenth of a cent may be rounded the other way below zero.
    wait_for(lambda: abs(till.cents() - wanted) <= 1, seconds=RENEWED_MS / 1000, every=0.5)
    new = [charge for charge in provider.charges() if charge["id"] not in known]
    renewals = [charge for charge in new if charge["description"].startswith("auto_renewal")]
    assert len(renewals) == times
    for charge in renewals:
        assert [one["status"] for one in charge["tries"]] == ["failed", "succeeded"]
