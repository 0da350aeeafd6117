"""Links that lead nowhere: each has a page that says why and what to do, with its status."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from core.demo.world import ACME
from e2e.support.client import ClientBrowser
from e2e.support.watch import Watch
from tests.support.hub_process import CommandProcess

Clients = Callable[..., ClientBrowser]


@pytest.mark.parametrize(
    "refusal",
    [
        ("/onboarding/NobodyPA", 404, "This link leads nowhere"),
        ("/dashboard/app/NobodyPA/permissions", 404, "This link leads nowhere"),
        (
            f"/onboarding/{ACME.id}?redirect_url=https://evil.example/back",
            400,
            "This link would lead you somewhere else",
        ),
        ("/onboarding/resume/nothing", 200, "Go on where you left off"),
    ],
)
def test_a_link_that_leads_nowhere_says_why(
    client_browser: Clients, base_url: str, watch: Watch, refusal: tuple[str, int, str]
) -> None:
    path, status, title = refusal
    watch.allow_status(status)
    page = client_browser().page

    answer = page.goto(base_url + path)

    assert answer is not None
    assert answer.status == status
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.url.startswith(base_url), "it led somewhere else"


def test_a_mailed_link_that_is_not_known_any_more_says_so(
    client_browser: Clients, base_url: str, watch: Watch
) -> None:
    watch.allow_status(404)
    client = client_browser()
    client.page.goto(f"{base_url}/onboarding/resume/nothing")
    client.press("Continue")

    client.expect_heading("This link does not work any more")


@pytest.fixture
def signed_links_only(hub: CommandProcess | None) -> Iterator[None]:
    """IO Signature is on for Acme; its page comes later, so the switch is turned in the row."""
    if hub is None:
        pytest.skip("IO Signature can only be switched on in a hub that this run started")
    turn = "UPDATE partner SET io_signature = ? WHERE id = ?"
    file = hub.var_dir / "hub.sqlite3"
    _write(file.as_posix(), turn, 1)
    yield
    _write(file.as_posix(), turn, 0)


def _write(file: str, statement: str, is_on: int) -> None:
    with sqlite3.connect(file, timeout=30) as connection:
        connection.execute(statement, (is_on, ACME.id))
    connection.close()


@pytest.mark.usefixtures("signed_links_only")
def test_a_badly_signed_link_is_refused(
    client_browser: Clients, base_url: str, watch: Watch
) -> None:
    watch.allow_status(403)
    page: Page = client_browser().page

    page.goto(f"{base_url}/onboarding/{ACME.id}?io_signature={'0' * 64}&io_timestamp=1700000000")

    expect(page.get_by_role("heading", level=1)).to_have_text("This link was changed on its way")
