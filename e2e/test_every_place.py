"""Each place of the hub: no violation that axe sees, light and dark, and it fits into any window.

At 320 pixels and at twice the size nothing scrolls sideways and nothing is cut off; with less
motion asked for, nothing moves. Whatever place the navigation gets is looked at here by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME
from e2e.support.accessible import Accessibility
from e2e.support.desk import desk_of
from e2e.support.fitting import look_at
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from e2e.support.watch import Watch
from ui.sections import all_sections

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(600)

# Where the first one of a kind is found.
ONE_OF = {
    "/accounts/{channel_id}": "/accounts?view=table",
    "/billing/balance/entries/{key}": "/billing/balance/statement",
}
# None of them in the demo world: test_integration and test_accessible make one and look at it.
LOOKED_AT_ELSEWHERE = {
    "/integration/webhooks/deliveries/{delivery_id}",
    "/onboarding-runs/{run_id}",
}
PLACES = [section.path for section in all_sections()]


@pytest.fixture
def axe() -> Iterator[Accessibility]:
    found = Accessibility()
    yield found
    assert not found.violations, "\n".join(found.violations)


@pytest.mark.parametrize("part", ["accounts", "billing", "others"])
def test_every_place_of_the_dashboard(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str, part: str
) -> None:
    context = new_context()
    page = people.sign_in(context, "Ada Martins")
    for path in _places_of(part):
        address = _first_of(page, base_url, path) if "{" in path else path
        if not address and path in LOOKED_AT_ELSEWHERE:
            continue
        assert address, path
        page.goto(base_url + address)
        settled(page)
        look_at(page, path, axe)


def _places_of(part: str) -> list[str]:
    named = {
        "accounts": [path for path in PLACES if path.startswith(("/accounts", "/integration"))],
        "billing": [path for path in PLACES if path.startswith("/billing")],
    }
    known = [path for paths in named.values() for path in paths]
    return named.get(part, [path for path in PLACES if path not in known])


def _first_of(page: Page, base_url: str, path: str) -> str:
    """The address of the first thing in the list above it."""
    start = path.partition("{")[0]
    page.goto(base_url + ONE_OF.get(path, start.rstrip("/")))
    settled(page)
    if path == "/accounts/{channel_id}":
        return f"/accounts/{ACME.row_id(1, 'CH')}"
    link = page.locator(f"main a[href^='{start}']:not([href$='.csv'])").first
    return str(link.get_attribute("href")) if link.count() else ""


def settled(page: Page) -> None:
    """Connected, drawn, and no longer loading."""
    expect(page.locator("html[data-connection=live]")).to_be_attached()
    expect(page.get_by_role("heading", level=1).first).to_be_attached()
    expect(page.locator("[aria-busy=true], .skeleton")).to_have_count(0)


def test_the_doors_and_what_is_not_allowed(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str, watch: Watch
) -> None:
    watch.allow_status(404)
    watch.allow_status(403)
    page = new_context().new_page()
    for path in ("/login", "/signed-out", "/nowhere"):
        page.goto(base_url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        look_at(page, path, axe)
    member = people.sign_in(new_context(), "Ben Okafor")
    for path in ("/users", "/nowhere"):
        member.goto(base_url + path)
        settled(member)
        look_at(member, f"a member at {path}", axe)


def test_the_desk(new_context: Contexts, axe: Accessibility, base_url: str) -> None:
    page = desk_of(new_context(), base_url).page
    settled(page)
    look_at(page, "desk", axe)
    row = page.locator("a[href^='/desk/']").first
    expect(row).to_be_visible()
    page.goto(base_url + str(row.get_attribute("href")))
    settled(page)
    look_at(page, "desk, a conversation", axe)


def test_a_push_leaves_the_focus_where_it_is(
    new_context: Contexts, people: People, sandbox: Sandbox
) -> None:
    """Whoever goes through the list by keyboard is not thrown back to its beginning."""
    page = people.sign_in(new_context(), "Ada Martins")
    number, row = ACME.meta_id(2, 1), page.locator(f"[data-id={ACME.row_id(1, 'CH')}]")
    link = row.get_by_role("link")
    expect(link).to_be_visible()
    link.focus()
    try:
        sandbox.happens("number_flagged", phone_number_id=number)
        expect(row).to_contain_text("Low")
        expect(link).to_be_focused()
    finally:
        sandbox.happens("quality_recovers", phone_number_id=number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    try:
        sandbox.happens("number_flagged", phone_number_id=number)
        expect(page.locator("main dl").filter(has_text="Quality").first).to_contain_text("Low")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
    finally:
        sandbox.happens("quality_recovers", phone_number_id=number)
