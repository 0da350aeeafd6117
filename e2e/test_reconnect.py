"""The hub goes down and comes back: open pages say so, and go on by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from core.demo.world import ACME
from e2e.support.client import ClientBrowser
from e2e.support.desk import support_of
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support.hub_process import CommandProcess, Ports, hub_alone, sandbox_alone

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(240)
BACK_MS = 30_000
NUMBER = ACME.meta_id(2, 2)
ROW = f"[data-id={ACME.row_id(2, 'CH')}]"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandProcess]:
    """A world outside that stays when this file's hub goes."""
    process = sandbox_alone(Ports.free(), tmp_path_factory.mktemp("world"))
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def mortal_hub(world: CommandProcess) -> Iterator[CommandProcess]:
    """A hub that only these tests kill; its folder holds the secrets that the world knows."""
    process = hub_alone(world.ports, Path(world.var_dir).parent)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def outside(mortal_hub: CommandProcess) -> Iterator[Sandbox]:
    sandbox = Sandbox(mortal_hub.ports.sandbox_url)
    yield sandbox
    sandbox.close()


def test_a_page_says_that_the_hub_is_gone_and_goes_on_when_it_is_back(
    new_context: Contexts, mortal_hub: CommandProcess, outside: Sandbox
) -> None:
    page = People(mortal_hub.base_url).sign_in(new_context(), "Ada Martins")
    expect(page.locator(".conn-word")).to_have_text("Live")
    mortal_hub.kill()
    expect(page.locator(".conn-word")).to_have_text("Reconnecting…")
    expect(page.locator(ROW)).to_be_visible()
    # The world moves on meanwhile; Meta tells again until somebody listens.
    outside.behave(retry_delays=[1.0] * 60)
    outside.happens("quality_falls", phone_number_id=NUMBER)

    mortal_hub.start()

    expect(page.locator(".conn-word")).to_have_text("Live", timeout=BACK_MS)
    expect(page.locator(ROW)).to_contain_text("Low", timeout=BACK_MS)
    outside.happens("quality_recovers", phone_number_id=NUMBER)
    expect(page.locator(ROW)).to_contain_text("High")


def test_a_client_goes_on_after_a_restart_with_what_it_typed(
    new_context: Contexts, mortal_hub: CommandProcess, outside: Sandbox
) -> None:
    page = new_context().new_page()
    client = ClientBrowser(page, mortal_hub.base_url, outside, "restart@client.example")
    client.open()
    page.get_by_label("Company").fill("Kept & Sons")
    page.get_by_label("Your name").fill("Zoë Example")
    mortal_hub.kill()
    expect(page.get_by_text("Connecting again")).to_be_visible()

    mortal_hub.start()

    expect(page.get_by_text("Connecting again")).to_be_hidden(timeout=BACK_MS)
    expect(page.get_by_label("Company")).to_have_value("Kept & Sons")
    client.sign_up()
    client.confirm_code()


def test_what_was_written_to_support_meanwhile_is_offered_again_and_sent_once(
    new_context: Contexts, mortal_hub: CommandProcess
) -> None:
    page = People(mortal_hub.base_url).sign_in(new_context(), "Ada Martins")
    support = support_of(page, mortal_hub.base_url)
    support.write("Over a break", "Before it")
    support.expect_open("Over a break")
    mortal_hub.kill()
    expect(page.locator(".conn-word")).to_have_text("Reconnecting…")
    support.say("Into the void")
    support.composer.fill("And half a sen")

    mortal_hub.start()

    expect(page.locator(".conn-word")).to_have_text("Live", timeout=BACK_MS)
    again = page.get_by_role("button", name="Send again")
    expect(again).to_be_visible(timeout=BACK_MS)
    expect(support.composer).to_have_value("And half a sen")
    again.click()
    expect(again).to_be_hidden()
    page.reload()
    support.expect_open("Over a break")
    expect(page.locator(".ch-row .ch-text")).to_have_text(["Before it", "Into the void"])
    expect(support.composer).to_have_value("And half a sen")
