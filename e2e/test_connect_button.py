"""The unmodified npm button on a partner's site, against the hub at the address built into it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME
from e2e.support.client import SET_UP_MS, ClientBrowser
from e2e.support.sandbox import Sandbox

Contexts = Callable[..., BrowserContext]
# What env="local" means to the button.
LOCAL = "http://localhost:8082"


@pytest.fixture
def site(new_context: Contexts, sandbox: Sandbox) -> Callable[[str], Page]:
    """The partner's site in a browser of its own."""

    def open_site(query: str = "") -> Page:
        page = new_context().new_page()
        page.goto(f"{sandbox.url}/partner-site/?partner={ACME.id}{query}")
        return page

    return open_site


@pytest.mark.node
def test_the_real_button_gets_client_and_channel_in_its_callback(
    site: Callable[[str], Page],
    base_url: str,
    sandbox: Sandbox,
    new_client_email: Callable[[], str],
) -> None:
    if base_url != LOCAL:
        pytest.skip(f'env="local" of the npm button is {LOCAL}, and this hub is at {base_url}')
    page = site("&state=order-7")
    expect(page.get_by_test_id("which-button")).to_have_text("360dialog-connect-button")

    with page.expect_popup() as opening:
        page.get_by_role("button", name="Connect WhatsApp").click()
    assert_called_back(page, opening.value, base_url, sandbox, new_client_email())


def test_our_own_lines_do_the_same(
    site: Callable[[str], Page],
    base_url: str,
    sandbox: Sandbox,
    new_client_email: Callable[[], str],
) -> None:
    page = site("&button=own")
    expect(page.get_by_test_id("which-button")).to_have_text("own lines")

    with page.expect_popup() as opening:
        page.get_by_role("button", name="Connect WhatsApp").click()
    assert_called_back(page, opening.value, base_url, sandbox, new_client_email())


def assert_called_back(
    page: Page, popup: Page, base_url: str, sandbox: Sandbox, email: str
) -> None:
    """Through the onboarding in the popup, which closes; the callback had both ids."""
    client = ClientBrowser(popup, base_url, sandbox, email)
    client.sign_up()
    client.confirm_code()
    client.connect()
    with popup.expect_event("close", timeout=SET_UP_MS):
        client.permit()

    expect(page.get_by_test_id("result")).to_contain_text('"client"')
    result = json.loads(page.get_by_test_id("result").inner_text())
    assert re.fullmatch(r"\w+CL", result["client"])
    assert [bool(re.fullmatch(r"\w+CH", channel)) for channel in result["channels"]] == [True]
