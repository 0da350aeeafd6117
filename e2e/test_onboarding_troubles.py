"""What can go wrong around Meta's window, and how the client goes on without help."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from e2e.support.client import SET_UP_MS, ClientBrowser
from e2e.support.sandbox import Sandbox

Clients = Callable[..., ClientBrowser]
AGAIN = "Open Meta’s window again"
# Longer than the thirty seconds that Meta's code lives.
TOO_LATE = 31


def test_a_late_code_asks_for_the_window_again_and_then_works(
    client_browser: Clients, meta: Sandbox
) -> None:
    client = client_browser()
    client.to_meta()
    meta.behave(code_delay_seconds=TOO_LATE)
    client.finish_popup(client.open_popup())
    client.expect_heading("One thing needs attention")
    expect(client.page.get_by_text("Meta’s confirmation came too late")).to_be_visible()

    meta.behave(code_delay_seconds=0)
    client.finish_popup(client.open_popup(AGAIN))

    client.expect_permission()
    assert "&channels=[" in client.arrive()


def test_who_leaves_metas_window_may_come_back(client_browser: Clients) -> None:
    client = client_browser()
    client.to_meta()
    leave(client.open_popup())
    expect_trouble(client, "You left Meta’s window before the end")

    client.finish_popup(client.open_popup(AGAIN))

    client.expect_permission()


def test_closing_metas_window_is_no_dead_end(client_browser: Clients) -> None:
    client = client_browser()
    client.to_meta()
    client.open_popup().close()

    expect_trouble(client, "Meta’s window was closed before the end")
    client.finish_popup(client.open_popup(AGAIN))
    client.expect_permission()


def test_a_blocked_window_is_explained_and_opens_on_the_next_click(
    client_browser: Clients,
) -> None:
    client = client_browser()
    client.to_meta()
    # What window.open gives where the browser blocks the popup.
    client.page.evaluate("() => { window.allowed = window.open; window.open = () => null; }")
    client.press("Continue with Meta")
    expect_trouble(client, "Your browser blocked Meta’s window")

    client.page.evaluate("() => { window.open = window.allowed; }")
    client.finish_popup(client.open_popup(AGAIN))

    client.expect_permission()


def test_an_error_that_meta_reports_is_put_into_words(client_browser: Clients) -> None:
    client = client_browser()
    client.to_meta()
    popup = client.open_popup()
    popup.get_by_role("button", name="Report an error").click()
    popup.get_by_label("Error code").select_option("2388098")
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Send report").click()

    expect_trouble(client, "Meta allows no more WhatsApp accounts for your business")


def test_an_account_without_a_number_comes_back_without_channels(client_browser: Clients) -> None:
    client = client_browser()
    client.to_meta()

    with client.page.expect_request(re.compile("/partner-site/redirect"), timeout=SET_UP_MS) as end:
        finish_by(client.open_popup(), "Finish without a number")
        client.expect_heading("Your WhatsApp account is connected")

    query = urlsplit(end.value.url).query
    assert re.fullmatch(r"client=\w+CL&channels=\[\]", query), query


def test_a_number_of_the_business_app_is_connected_without_registering_it(
    client_browser: Clients, sandbox: Sandbox
) -> None:
    registered = len(sandbox.graph_calls("/register"))
    client = client_browser()
    client.to_meta()
    finish_by(client.open_popup(), "Use the WhatsApp Business app")

    client.expect_permission()
    assert re.search(r"client=\w+CL&channels=\[\w+CH\]", client.arrive())
    assert len(sandbox.graph_calls("/register")) == registered


def test_a_number_with_a_pin_of_its_own_asks_for_it(client_browser: Clients, meta: Sandbox) -> None:
    meta.behave(fail=[{"path_pattern": "/register$", "code": 133005, "times": 1}])
    client = client_browser()
    client.to_meta()
    client.finish_popup(client.open_popup())
    client.expect_heading("One thing needs attention")
    expect(client.page.get_by_text("Your number has a PIN of its own")).to_be_visible()

    client.page.get_by_label("Six-digit PIN").fill("123456")
    client.press("Use this PIN")

    client.expect_permission()


def test_a_wrong_code_is_told_at_its_field(client_browser: Clients, sandbox: Sandbox) -> None:
    client = client_browser()
    client.open()
    client.sign_up()
    client.expect_heading("Enter the code from our e-mail")
    right = sandbox.mailed_code(client.email)
    field = client.page.get_by_label("Six-digit code")
    field.fill("000000" if right != "000000" else "111111")
    client.press("Confirm")

    expect(client.page.get_by_text("This code is not right. 4 tries left.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()


def expect_trouble(client: ClientBrowser, title: str) -> None:
    client.expect_heading("Not connected yet")
    expect(client.page.get_by_role("heading", name=title)).to_be_visible()


def leave(popup: Page) -> None:
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Leave", exact=True).click()


def finish_by(popup: Page, ending: str) -> None:
    """Another ending of Meta's window, and its last screen."""
    popup.get_by_role("button", name=ending).click()
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Done", exact=True).click()
