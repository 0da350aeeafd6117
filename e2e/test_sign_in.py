"""Signing in and out in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from e2e.support.people import People, choose_person, start_sign_in
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]


def test_a_partner_signs_in_and_sees_the_accounts(new_context: Contexts, people: People) -> None:
    page = people.sign_in(new_context(), "Ada Martins", own_session=True)

    expect(page.get_by_role("heading", level=1)).to_have_text("WhatsApp accounts")
    expect(page.get_by_text("Nordlicht Service").first).to_be_visible()
    expect(page.get_by_role("button", name="Your menu: Ada Martins")).to_be_visible()


def test_after_signing_out_the_other_tab_stops_and_back_shows_nothing(
    new_context: Contexts, people: People, base_url: str
) -> None:
    context = new_context()
    page = people.sign_in(context, "Ben Okafor", own_session=True)
    other = context.new_page()
    other.goto(f"{base_url}/accounts")
    expect(other.locator("html[data-connection=live]")).to_be_attached()

    started = time.monotonic()
    sign_out(page)
    expect(other.get_by_text("You are signed out")).to_be_visible()
    took = time.monotonic() - started

    expect(other.get_by_text("Nordlicht")).to_have_count(0)
    assert_signed_out(page)
    page.go_back()
    assert_signed_out(page)
    assert took < 5, f"the other tab went on for {took:.1f} s"


def test_the_door_leads_to_the_page_that_was_asked_for(
    new_context: Contexts, base_url: str
) -> None:
    page = new_context().new_page()
    page.goto(f"{base_url}/accounts?search=okapi")

    expect(page).to_have_url(f"{base_url}/login?next=%2Faccounts%3Fsearch%3Dokapi")
    start_sign_in(page)
    choose_person(page, "Ada Martins")

    expect(page).to_have_url(f"{base_url}/accounts?search=okapi")
    expect(page.get_by_text("Studio Okapi").first).to_be_visible()


def test_somebody_who_is_not_invited_reads_how_to_be(
    new_context: Contexts, watch: Watch, base_url: str
) -> None:
    watch.allow_status(403)
    page = new_context().new_page()
    page.goto(f"{base_url}/login")
    start_sign_in(page)
    choose_person(page, "Una Nowak")

    expect(page.get_by_role("heading", level=1)).to_have_text("This address is not invited yet")
    expect(page.get_by_text("una@nowhere.example")).to_be_visible()
    page.goto(f"{base_url}/accounts")
    assert_signed_out(page)


def test_who_denies_at_the_provider_is_not_signed_in(
    new_context: Contexts, watch: Watch, base_url: str
) -> None:
    watch.allow_status(403)
    page = new_context().new_page()
    page.goto(f"{base_url}/login")
    start_sign_in(page)
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You did not sign in")
    page.goto(f"{base_url}/accounts")
    assert_signed_out(page)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your menu:").click()
    page.get_by_role("button", name="Sign out").click()


def assert_signed_out(page: Page) -> None:
    """A page that offers to sign in and shows nothing of the hub."""
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    expect(page.get_by_text("Nordlicht")).to_have_count(0)
