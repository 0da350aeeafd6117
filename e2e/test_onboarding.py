"""A client comes by the partner's direct link and goes back with a number that is live."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from core.demo.world import ACME
from e2e.support.client import PARTNER, SET_UP_MS, ClientBrowser
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from e2e.support.watch import Watch

Clients = Callable[..., ClientBrowser]
Contexts = Callable[..., BrowserContext]
EXACT = re.compile(r"client=(?P<client>[A-Za-z0-9]+CL)&channels=\[(?P<channel>[A-Za-z0-9]+CH)\]")


def test_a_client_comes_back_by_the_exact_redirect_with_a_live_number(
    client_browser: Clients, new_context: Contexts, people: People, sandbox: Sandbox
) -> None:
    partner = people.sign_in(new_context(), "Ada Martins")
    client = client_browser()
    client.to_meta(lang="en")
    popup = client.open_popup()
    ticks = client.watch_ticks()
    client.finish_popup(popup)
    client.expect_permission()
    seen = ticks()
    channel = dashboard_number(client, sandbox)
    address = client.arrive()

    found = EXACT.fullmatch(urlsplit(address).query)
    assert found, address
    assert address.startswith(f"{sandbox.url}/partner-site/redirect?")
    expect(client.page.get_by_test_id("query")).to_have_text(f"?{urlsplit(address).query}")
    expect(client.page.get_by_test_id("welcome")).to_be_visible()
    assert len(seen) > 2, f"the steps were not ticked off one by one: {seen}"
    # The partner's page was open all the time, and nobody touched it but this button.
    partner.get_by_role("button", name="1 new number").click()
    partner.get_by_role("searchbox").fill(channel)
    row = partner.locator(f"[data-id={found['channel']}]")
    expect(row).to_contain_text(client.company)
    expect(row).to_contain_text("Live")


def dashboard_number(client: ClientBrowser, sandbox: Sandbox) -> str:
    """The last digits of the new number."""
    shown = client.page.locator(".ob-numbers strong").inner_text()
    return re.sub(r"\D", "", shown)[-6:]


@pytest.mark.parametrize(
    "path", [f"/dashboard/app/{ACME.id}", f"/dashboard/app/{ACME.id}/permissions"]
)
def test_the_old_paths_lead_to_the_same_first_step(client_browser: Clients, path: str) -> None:
    client = client_browser()

    client.open(path, email="zoe@client.example", name="Zoë Example")

    client.expect_heading(f"Connect WhatsApp with {PARTNER}")
    expect(client.page.get_by_label("E-mail")).to_have_value("zoe@client.example")
    expect(client.page.get_by_label("Your name")).to_have_value("Zoë Example")


def test_state_and_own_redirect_come_back_behind_the_ids(
    client_browser: Clients, sandbox: Sandbox
) -> None:
    client = client_browser()
    target = f"{sandbox.url}/partner-site/redirect?shop=7"
    client.to_meta(redirect_url=target, state="a b&c=é")
    client.connect()

    query = urlsplit(client.arrive()).query

    assert re.fullmatch(
        rf"shop=7&{EXACT.pattern}&state={re.escape(quote('a b&c=é', safe=''))}", query
    ), query


def test_the_mailed_link_goes_on_in_a_second_browser(
    client_browser: Clients, sandbox: Sandbox, base_url: str
) -> None:
    first, second = client_browser(), client_browser()
    first.to_meta()

    link = sandbox.mailed_link(first.email, "/onboarding/resume/")
    assert link.startswith(base_url)
    second.page.goto(link)
    second.press("Continue")

    second.expect_heading("Now connect your WhatsApp account")
    second.connect()
    assert EXACT.fullmatch(urlsplit(second.arrive()).query)


def test_the_first_browser_is_told_at_once_that_the_client_went_on_elsewhere(
    client_browser: Clients, sandbox: Sandbox, watch: Watch
) -> None:
    watch.allow_status(409)
    first, second = client_browser(), client_browser()
    first.to_meta()
    second.page.goto(sandbox.mailed_link(first.email, "/onboarding/resume/"))
    second.press("Continue")
    second.expect_heading("Now connect your WhatsApp account")

    expect(first.page.get_by_text("You went on in another browser")).to_be_visible()
    first.page.reload()
    first.expect_heading("You went on in another browser")

    first.press("Mail me a link")
    first.expect_heading("A link is on its way to you")
    first.page.goto(sandbox.mailed_link(first.email, "/onboarding/resume/"))
    first.press("Continue")
    first.expect_heading("Now connect your WhatsApp account")


def test_previews_of_the_link_are_no_runs_and_a_visitor_is_one(
    client_browser: Clients, people: People, new_context: Contexts, base_url: str
) -> None:
    name = "Preview Visitor"
    link = f"{base_url}/onboarding/{ACME.id}?name={quote(name)}"
    for _ in range(50):
        assert httpx.get(link, follow_redirects=True).status_code == 200
    partner = people.sign_in(new_context(), "Ada Martins")
    partner.goto(f"{base_url}/onboarding-runs?q={quote(name)}")
    expect(partner.get_by_role("heading", name="No match")).to_be_visible()

    client_browser().open(name=name)

    expect(partner.get_by_role("link", name=name)).to_have_count(1)
    partner.get_by_role("link", name=name).click()
    expect(partner.get_by_text("Link opened")).to_be_visible()


def test_without_the_window_message_the_hub_finds_the_account_itself(
    client_browser: Clients, meta: Sandbox
) -> None:
    meta.behave(order="message_lost")
    client = client_browser()
    client.to_meta()

    client.connect()

    assert EXACT.fullmatch(urlsplit(client.arrive()).query)


def test_the_message_may_come_before_the_code(client_browser: Clients, meta: Sandbox) -> None:
    meta.behave(order="message_first")
    client = client_browser()
    client.to_meta()

    client.connect()

    assert EXACT.fullmatch(urlsplit(client.arrive()).query)


def test_a_withheld_permission_comes_back_as_revoked(client_browser: Clients) -> None:
    client = client_browser()
    client.to_meta()
    client.connect()
    client.page.get_by_role("switch").click()

    query = urlsplit(client.arrive()).query

    assert re.fullmatch(r"client=\w+CL&channels=\[\]&revoked=\[\w+CH\]", query), query


def test_the_page_says_in_the_clients_language_what_to_do(client_browser: Clients) -> None:
    client = client_browser(locale="de-DE")
    client.open()

    expect(client.page.locator("html")).to_have_attribute("lang", "de")
    client.page.get_by_role("button", name="Español").click()
    expect(client.page.locator("html")).to_have_attribute("lang", "es")
    client.page.get_by_role("button", name="English").click()
    client.sign_up()
    client.confirm_code()


def test_a_reload_in_the_middle_goes_on_where_it_stood(client_browser: Clients) -> None:
    client = client_browser()
    client.to_meta()
    client.page.reload()
    client.expect_heading("Now connect your WhatsApp account")
    popup = client.open_popup()
    client.finish_popup(popup)
    client.page.reload()

    client.page.get_by_role("heading", name=f"May {PARTNER}").wait_for(timeout=SET_UP_MS)
