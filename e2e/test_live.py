"""What Meta tells is on every open page of that partner within a second, and on no other's.

The time is taken by the browsers themselves: from the moment before Meta's webhook is sent to
the mutation of the row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME, BETA
from e2e.support.at_once import limit, moment, note_moment
from e2e.support.people import People
from e2e.support.sandbox import Sandbox

Contexts = Callable[..., BrowserContext]
NUMBER = ACME.meta_id(2, 1)
ROW = f"[data-id={ACME.row_id(1, 'CH')}]"
ROUNDS = 5


@pytest.fixture
def number(sandbox: Sandbox) -> Iterator[str]:
    """A number that is well before and after the test."""
    yield NUMBER
    sandbox.happens("quality_recovers", phone_number_id=NUMBER)


def test_two_browsers_of_a_partner_see_a_status_within_a_second_and_no_other_partner(
    new_context: Contexts,
    people: People,
    sandbox: Sandbox,
    number: str,
    figures: Callable[[str], None],
) -> None:
    ada = people.sign_in(new_context(), "Ada Martins")
    ben = people.sign_in(new_context(), "Ben Okafor")
    carla = people.sign_in(new_context(), "Carla Rossi")
    expect(carla.locator(f"[data-id={BETA.row_id(1, 'CH')}]")).to_be_visible()
    for page in (ada, ben):
        expect(page.locator(ROW)).to_be_visible()
    note_changes(carla)
    took = []
    for turn in range(ROUNDS):
        name, word = ("number_flagged", "Low") if turn % 2 == 0 else ("quality_recovers", "High")
        took += [change(sandbox, name, word, number, (ada, ben))]

    told = ", ".join(f"{seconds * 1000:.0f} ms" for seconds in took)
    figures(f"Meta's webhook → the row in both browsers: {told}")
    assert carla.evaluate("window.changes") == 0
    expect(ada.locator(ROW)).to_contain_text("Low")
    assert max(took) < limit(), told


def change(sandbox: Sandbox, name: str, word: str, number: str, pages: tuple[Page, Page]) -> float:
    """*Seconds* until the slower of the pages showed the word."""
    for page in pages:
        note_moment(page, word, within=ROW)
    started = time.time()
    sandbox.happens(name, phone_number_id=number)
    return max(moment(page) for page in pages) - started


def note_changes(page: Page) -> None:
    """`changes`: how often anything in the list moved."""
    page.evaluate(
        """() => {
          window.changes = 0;
          new MutationObserver((all) => { window.changes += all.length; }).observe(
            document.querySelector('[data-id]').parentElement,
            {subtree: true, childList: true, characterData: true, attributes: true});
        }"""
    )


def test_a_number_that_moves_moves_on_its_own_page_too(
    new_context: Contexts, people: People, sandbox: Sandbox, base_url: str, number: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins")
    page = context.new_page()
    page.goto(f"{base_url}/accounts/{ACME.row_id(1, 'CH')}")
    expect(page.locator("dd", has_text="High")).to_be_visible()

    sandbox.happens("quality_falls", phone_number_id=number)

    expect(page.locator("dd", has_text="Low")).to_be_visible()
