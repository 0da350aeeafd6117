"""What outsiders and colleagues have written does nothing on any page, and stands there as written.

Every payload of the corpus, in every name that the demo world has, put there behind the hub's
back: whatever a form or Meta would let through. This hub is its own; nobody else could read it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.demo.world import ACME
from e2e.support.people import People, wait_connected
from e2e.support.watch import Watch
from tests.support.hub_process import CommandProcess
from ui.sections import all_sections

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(300)
_CORPUS = Path(__file__).parents[1] / "tests" / "corpora" / "xss.json"
PAYLOADS = [each["v"] for each in json.loads(_CORPUS.read_text("utf-8"))["payloads"]]
NAMES = {
    "channel": ("name", "requested_name", "client_name"),
    "client": ("name", "organisation", "full_name"),
    "waba_account": ("name", "owner_business_name"),
    "template": ("name", "rejected_reason"),
    "webhook_endpoint": ("name",),
    "api_key": ("name",),
    "api_user": ("name",),
    "invitation": ("name",),
    "person": ("name",),
    "user_session": ("user_agent",),
    "support_conversation": ("subject", "last_text"),
    "event_origin": ("agent",),
}
PLACES = [section.path for section in all_sections() if "{" not in section.path]
# A part of them: each is a page of its own, and names have had all.
FEW = PAYLOADS[::5]


@pytest.fixture
def url(own_hub: CommandProcess) -> str:
    return own_hub.base_url


def test_names_stand_on_every_page_as_they_are(
    own_hub: CommandProcess, url: str, new_context: Contexts
) -> None:
    page = trapped(People(url).sign_in(new_context(), "Ada Martins"))
    names = planted(own_hub)
    for path in PLACES:
        page.goto(url + path)
        wait_connected(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        require_harmless(page)
    page.goto(f"{url}/accounts?view=table")
    expect(page.locator("[data-id]").nth(len(ACME.channels) - 1)).to_be_visible()
    shown = plain(page.locator("main").inner_text())
    assert [name for name in names if plain(name) not in shown] == []


def test_a_brand_stands_on_the_clients_page_as_it_is(
    own_hub: CommandProcess, url: str, new_context: Contexts
) -> None:
    page = trapped(new_context().new_page())
    for payload in PAYLOADS:
        write(own_hub, "UPDATE partner SET brand_name = ? WHERE id = ?", payload, ACME.id)
        page.goto(f"{url}/onboarding/{ACME.id}")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_be_visible()
        assert plain(payload) in plain(heading.inner_text())
        assert plain(payload) in plain(page.title())
        require_harmless(page)


def test_addresses_do_nothing(url: str, new_context: Contexts, watch: Watch) -> None:
    for status in (400, 404):
        watch.allow_status(status)
    page = trapped(People(url).sign_in(new_context(), "Ada Martins"))
    for payload in FEW:
        told = urlencode({"search": payload, "filter": payload, "after": payload, "month": payload})
        client = urlencode({"state": payload, "lang": payload, "error_description": payload})
        for address in (
            f"/accounts?{told}",
            f"/audit?{told}",
            f"/billing/payments?{told}",
            f"/integration/webhooks/deliveries?{urlencode({'event': payload})}",
            f"/onboarding/{ACME.id}?{client}",
            f"/nowhere/{quote(payload, safe='')}",
        ):
            page.goto(url + address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            require_harmless(page)


def trapped(page: Page) -> Page:
    """No dialog opens and nothing leaves for elsewhere; either ends the test."""
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.route("**://evil.example/**", lambda route: pytest.fail(f"left for {route.request.url}"))
    return page


def require_harmless(page: Page) -> None:
    assert page.evaluate("window.PWN") is None, page.url
    assert page.evaluate("document.baseURI") == page.evaluate("location.href")


def plain(text: str) -> str:
    """Without what a browser makes of white space."""
    return "".join(text.split())


def planted(hub: CommandProcess) -> list[str]:
    """Every name of the world is a payload now; those of Acme's numbers."""
    payloads = cycle(PAYLOADS)
    for table, columns in NAMES.items():
        for row in write(hub, f"SELECT rowid FROM {table}"):  # noqa: S608 - our own words
            told = ", ".join(f"{column} = ?" for column in columns)
            values = [next(payloads) for _ in columns]
            write(hub, f"UPDATE {table} SET {told} WHERE rowid = ?", *values, row)  # noqa: S608
    return write(hub, "SELECT name FROM channel WHERE partner_id = ?", ACME.id)


def write(hub: CommandProcess, statement: str, *values: object) -> list[str]:
    """Straight into the hub's database; the first column of what comes back."""
    with closing(sqlite3.connect(hub.var_dir / "hub.sqlite3", timeout=30)) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return [row[0] for row in rows]
