"""People come, are limited, confirm who they are, and go, in real browsers.

People are removed and the clock moves, so these tests have a hub of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.support.at_once import limit
from e2e.support.desk import desk_of
from e2e.support.focus import tab_to
from e2e.support.people import People, open_page, wait_connected
from e2e.support.sandbox import Sandbox
from e2e.support.watch import Watch
from tests.support.hub_process import CommandProcess
from tests.support.waiting import wait_for

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(300)
NIA, HER_ADDRESS = "Nia New", "nia@new.example"


@pytest.fixture
def ada(new_context: Contexts, own_hub: CommandProcess) -> Page:
    """On the Users page, signed in a moment ago."""
    page = People(own_hub.base_url).sign_in(new_context(), "Ada Martins")
    page.goto(f"{own_hub.base_url}/users")
    wait_connected(page)
    return page


def test_invited_accepted_limited_and_removed_while_the_page_is_open(
    own_world: Sandbox,
    ada: Page,
    new_context: Contexts,
    watch: Watch,
    figures: Callable[[str], None],
) -> None:
    url = ada.url.removesuffix("/users")
    invite_by_keyboard(ada)
    waiting = ada.get_by_role("table", name="Invitations").get_by_role("row", name=re.compile(NIA))
    expect(waiting).to_contain_text("Open")
    link = own_world.mailed_link(HER_ADDRESS, "/invitations/")

    nia = accepted(new_context(), link)
    expect(nia).to_have_url(f"{url}/accounts")
    # The owner's page has heard of it.
    expect(waiting).to_have_count(0)
    people = ada.get_by_role("table", name="Users")
    expect(people.get_by_role("row", name=re.compile(NIA))).to_contain_text("Member")

    # What is not hers is not shown, and refused when she goes there.
    wait_connected(nia)
    expect(nia.get_by_role("link", name="Users")).to_have_count(0)
    watch.allow_status(403)
    for path in ("/users", "/integration/keys", "/billing/balance", "/audit"):
        nia.goto(url + path)
        expect(nia.get_by_text("Your role does not allow this.")).to_be_visible()
    watch.allow_status(410)
    again = new_context().new_page()
    again.goto(link)
    expect(again.get_by_role("heading", level=1)).to_have_text("This invitation was used already")

    nia.goto(f"{url}/accounts")
    wait_connected(nia)
    took = removed(new_context(), ada, nia)
    figures(f"Removed by Support → the open page stops: {took:.2f} s after the desk shows it")
    assert took < limit(), took
    expect(people.get_by_role("row", name=re.compile(NIA))).to_have_count(0)


def test_an_old_sign_in_is_confirmed_in_a_second_tab_and_nothing_typed_is_lost(
    own_hub: CommandProcess, own_world: Sandbox, ada: Page
) -> None:
    own_world.post("clock", {"advance_seconds": 31 * 60})
    # The hub follows the sandbox's clock within seconds.
    wait_for(lambda: not is_fresh(ada.context, own_hub.base_url), every=0.2)
    fill_in(ada, "Otto Old", "otto@new.example")
    ada.get_by_role("button", name="Send the invitation", exact=True).click()
    dialog = ada.get_by_role("dialog", name="Confirm that it is you")
    with ada.context.expect_page() as opened:
        dialog.get_by_role("button", name="Confirm at the provider").click()
    provider = opened.value
    provider.get_by_role("button", name="ada@acme.example").click()
    expect(provider.get_by_role("heading", level=1)).to_have_text("It is you")
    expect(dialog).to_be_hidden()
    expect(ada.get_by_role("row", name=re.compile("Otto Old"))).to_contain_text("Open")
    expect(ada.get_by_role("dialog")).to_have_count(0)


def test_another_browser_of_ones_own_is_signed_out_and_its_page_stops(
    new_context: Contexts, own_hub: CommandProcess
) -> None:
    people = People(own_hub.base_url)
    lost = people.sign_in(new_context(), "Ben Okafor", own_session=True)
    here = people.sign_in(new_context(), "Ben Okafor", own_session=True)
    here.get_by_role("button", name="Your menu:").click()
    here.get_by_role("link", name="Your sign-ins").click()
    expect(here.get_by_text("This one")).to_be_visible()
    third = people.sign_in(new_context(), "Ben Okafor", own_session=True)
    expect(here.get_by_role("button", name=re.compile("^Sign out Chrome"))).to_have_count(2)
    third.close()
    here.get_by_role("button", name="Sign out everywhere else").click()
    here.get_by_role("button", name="Sign out the others").click()
    expect(lost.get_by_text("You are signed out")).to_be_visible()
    expect(here.get_by_role("button", name=re.compile("^Sign out Chrome"))).to_have_count(0)


def invite_by_keyboard(page: Page) -> None:
    tab_to(page, page.get_by_role("button", name="Invite somebody"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type(NIA)
    page.keyboard.press("Tab")
    page.keyboard.type(HER_ADDRESS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


def is_fresh(context: BrowserContext, base_url: str) -> bool:
    return "It is you" in context.request.get(f"{base_url}/confirmed").text()


def fill_in(page: Page, name: str, email: str) -> None:
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(email)


def accepted(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Acme Messaging invites you")
    page.get_by_role("button", name="Sign in and accept").click()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value(HER_ADDRESS)
    page.get_by_label("Name").fill(NIA)
    page.get_by_role("button", name="Sign in as someone else").click()
    return page


def removed(desk: BrowserContext, ada: Page, nia: Page) -> float:
    """By Support, whom the owner has asked; *seconds* until her page stopped."""
    ada.get_by_role("button", name=f"Ask Support to remove {NIA}").click()
    ada.get_by_role("button", name="Ask Support", exact=True).click()
    expect(ada.get_by_text(f"Support was asked to remove {NIA}")).to_be_visible()
    there = ada.get_by_role("link", name="Open the conversation").get_attribute("href") or ""
    url = ada.url.removesuffix("/users")
    desk_of(desk, url)
    page = open_page(desk, f"{url}{there.replace('/support', '/desk')}")
    expect(page.get_by_text("What accepting it does")).to_be_visible()
    page.get_by_role("button", name="Accept…").click()
    page.get_by_role("button", name="Accept the request").click()
    expect(page.get_by_text("Accepted").first).to_be_visible()
    started = monotonic()
    expect(nia.get_by_role("button", name="Sign in")).to_be_visible()
    return monotonic() - started
