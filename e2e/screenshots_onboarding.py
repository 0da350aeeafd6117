"""One client walks through the onboarding and stops at each step for its picture."""

from __future__ import annotations

import os
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect

from e2e.support.client import ClientBrowser
from e2e.support.sandbox import Sandbox

STEPS = (
    "onboarding-1-sign-up",
    "onboarding-1-sign-up-wrong",
    "onboarding-1-code",
    "onboarding-3-meta",
    "onboarding-3-meta-open",
    "onboarding-3-meta-cancelled",
    "onboarding-4-stopped",
    "onboarding-4-working",
    "onboarding-5-permission",
    "onboarding-6-done",
)
_HELD_SECONDS = 9


def walk(browser: Browser, base_url: str, sandbox: Sandbox) -> Iterator[tuple[str, Page]]:
    """Each step's name and the page that shows it; go on after the picture."""
    before = sandbox.get("meta/behaviour")
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    client = ClientBrowser(
        context.new_page(), base_url, sandbox, f"shots-{os.urandom(3).hex()}@client.example"
    )
    client.company = "Blumen Kastner"
    names = iter(STEPS)
    for page in _pages(client, sandbox):
        yield next(names), page
    sandbox.behave(**before)
    context.close()


def _pages(client: ClientBrowser, sandbox: Sandbox) -> Iterator[Page]:
    page = client.page
    yield from _sign_up(client)
    yield from _metas_window(client)
    fault = {"path_pattern": "/register$", "times": 1}
    sandbox.behave(fail=[fault | {"code": 133005}])
    client.finish_popup(client.open_popup("Open Meta’s window again"))
    client.expect_heading("One thing needs attention")
    yield page
    sandbox.behave(fail=[fault | {"hang_seconds": _HELD_SECONDS}])
    page.get_by_label("Six-digit PIN").fill("123456")
    client.press("Use this PIN")
    client.expect_heading("We are setting up your number")
    yield page
    client.expect_permission()
    yield page
    # Without this the browser would leave for the partner's site before the picture.
    page.evaluate(
        "() => sessionStorage.setItem(`hub-onboarding:${location.pathname.split('/').pop()}:left`,"
        " '1')"
    )
    client.permit()
    client.expect_heading("Done! Your number is connected")
    yield page


def _sign_up(client: ClientBrowser) -> Iterator[Page]:
    client.open(number="+49 1555 0001234")
    client.expect_heading("Connect WhatsApp with Acme Messaging")
    yield client.page
    client.press("Continue")
    expect(client.page.locator("[aria-invalid=true]").first).to_be_visible()
    yield client.page
    client.sign_up()
    client.expect_heading("Enter the code from our e-mail")
    yield client.page


def _metas_window(client: ClientBrowser) -> Iterator[Page]:
    client.confirm_code()
    yield client.page
    popup = client.open_popup()
    client.expect_heading("Go on in Meta’s window")
    yield client.page
    popup.close()
    client.expect_heading("Not connected yet")
    yield client.page
