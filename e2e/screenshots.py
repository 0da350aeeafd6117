"""Takes every page, light and dark, wide and narrow, into screenshots/; `make screenshots`.

    python -m e2e.screenshots [BASE_URL] [--sandbox-url URL] [--only NAME …] [--for-docs]

Without an address it starts a hub of its own on free ports. A new page of the dashboard is one
line in PAGES; the steps of an onboarding are walked once in `e2e.screenshots_onboarding`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.demo.world import ACME
from e2e.screenshots_onboarding import STEPS, walk
from e2e.screenshots_paying import STEPS as PAYING_STEPS
from e2e.screenshots_paying import walk as walk_paying
from e2e.support.accessible import SETTLED, SIZES, THEMES, looks
from e2e.support.desk import desk_of
from e2e.support.people import People, wait_connected
from e2e.support.sandbox import Sandbox
from tests.support.chromium import launch_options
from tests.support.hub_process import Ports, whole_hub

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "screenshots"
FOR_DOCS = ROOT / "docs" / "images" / "accounts.png"
PERSON = "Ada Martins"
_COLOURS = 256  # as many as a palette holds


@dataclass(frozen=True)
class Shot:
    """One page; `link` is followed from `path`, `keys` and `click` come last."""

    name: str
    path: str
    link: str = ""
    keys: str = ""
    click: str = ""
    stranger: bool = False  # nobody is signed in
    staff: bool = False  # somebody of staff is


PAGES = (
    Shot("accounts", "/accounts"),
    Shot("accounts-cards", "/accounts?view=cards"),
    Shot("accounts-filters", "/accounts?quality=low", click=".cl-menu summary"),
    Shot("accounts-no-match", "/accounts?search=zzzz"),
    Shot("account", f"/accounts/{ACME.row_id(2, 'CH')}"),
    Shot("account-restricted", f"/accounts/{ACME.row_id(18, 'CH')}"),
    Shot("account-cancelled", f"/accounts/{ACME.row_id(3, 'CH')}"),
    Shot("onboarding-runs", "/onboarding-runs"),
    Shot("onboarding-run", "/onboarding-runs", link="#main a[href^='/onboarding-runs/']"),
    Shot("balance", "/billing/balance"),
    Shot("balance-top-up", "/billing/balance", click="header .h-btn-primary"),
    Shot("balance-statement", "/billing/balance/statement"),
    Shot("balance-entry", "/billing/balance/statement", link="#main a.dt-open"),
    Shot("balance-messages", "/billing/balance/messages"),
    Shot("balance-parked", "/billing/balance/parked"),
    Shot("auto-renewal", "/billing/auto-renewal"),
    Shot("auto-renewal-modify", "/billing/auto-renewal", click="header .h-btn-primary"),
    Shot("payments", "/billing/payments"),
    Shot("payments-no-match", "/billing/payments?status=failed&for=plan"),
    Shot("payment", "/billing/payments", link="#main a.dt-open"),
    Shot("cards", "/billing/cards"),
    Shot("invoices", "/billing/invoices"),
    Shot("invoices-no-match", "/billing/invoices?q=zzzz"),
    Shot("invoice", "/billing/invoices", link="#main a.dt-open"),
    Shot("billing-details", "/billing/details"),
    Shot("billing-details-faults", "/billing/details", click="#main .h-btn-primary"),
    Shot("subscriptions", "/billing/subscriptions"),
    Shot("subscriptions-manage", "/billing/subscriptions", click="header .h-btn-quiet"),
    Shot("subscriptions-upgrade", "/billing/subscriptions/upgrade"),
    Shot("subscriptions-licences", "/billing/subscriptions/licences"),
    Shot("subscriptions-licences-change", "/billing/subscriptions/licences", click=".dt-act"),
    Shot("subscriptions-licences-no-match", "/billing/subscriptions/licences?q=zzzz"),
    Shot("subscriptions-cancel", "/billing/subscriptions/cancel"),
    Shot(
        "subscriptions-cancel-faults", "/billing/subscriptions/cancel", click="#main .h-btn-danger"
    ),
    Shot("integration", "/integration"),
    Shot("integration-webhooks", "/integration/webhooks"),
    Shot("integration-endpoint", "/integration/webhooks", click="header .h-btn-secondary"),
    Shot("integration-deliveries", "/integration/webhooks/deliveries"),
    Shot("integration-no-match", "/integration/webhooks/deliveries?event=plan_changed"),
    Shot("integration-delivery", "/integration/webhooks/deliveries", link="#main a.dt-open"),
    Shot("integration-keys", "/integration/keys"),
    Shot("integration-new-key", "/integration/keys", click="header .h-btn-primary"),
    Shot("users", "/users"),
    Shot("users-invite", "/users", click="text=Invite somebody"),
    Shot("me", "/me"),
    Shot("support", "/support"),
    Shot("support-none", "/support?show=closed"),
    Shot("support-chat", "/support", link="#main .cv-top a"),
    Shot("support-message", "/support", click="header .h-btn-secondary"),
    Shot("support-ask", "/support?ask=what"),
    Shot("support-ask-downgrade", "/support?ask=downgrade"),
    Shot("support-ask-remove", "/support?ask=remove_user"),
    Shot("support-ask-company", "/support?ask=company_data"),
    Shot("support-ask-delete", f"/support?ask=delete_number&channel={ACME.row_id(2, 'CH')}"),
    Shot("desk", "/desk", staff=True),
    Shot("desk-no-match", "/desk?q=zzzz", staff=True),
    Shot("desk-request", "/desk?kind=open", link="#main .cv-top a", staff=True),
    Shot(
        "desk-refuse",
        "/desk?kind=open",
        "#main .cv-top a",
        click=".rq-acts > :last-child",
        staff=True,
    ),
    Shot("desk-note", "/desk?to=me", "#main .cv-top a", click=".ch-modes > .i-lock", staff=True),
    Shot("desk-canned", "/desk", "#main .cv-top a", click=".ch-canned summary", staff=True),
    Shot("desk-not-for-owners", "/desk"),
    Shot("not-found", "/there/is/nothing"),
    Shot("search", "/accounts", keys="/"),
    Shot("person-menu", "/accounts", click=".avatar"),
    Shot("sign-in", "/login", stranger=True),
    Shot("signed-out", "/signed-out", stranger=True),
    Shot("refusal-unknown", "/onboarding/NobodyPA", stranger=True),
    Shot("example-terms", "/onboarding/example-terms", stranger=True),
    Shot("onboarding-log-in", f"/onboarding/{ACME.id}?next=login", stranger=True),
)

_WALKS = ((STEPS, walk), (PAYING_STEPS, walk_paying))


def main() -> None:
    asked = parse()
    expect.set_options(timeout=30_000)
    if not asked.only:
        shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(exist_ok=True)
    with hub_at(asked.base_url, asked.sandbox_url) as (base_url, sandbox):
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            take_all(browser, base_url, sandbox, frozenset(asked.only))
            browser.close()
    if asked.for_docs:
        for_docs()
    print(f"{len(list(TARGET.glob('*.png')))} screenshots in {TARGET}")  # noqa: T201


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("base_url", nargs="?", default="")
    parser.add_argument("--sandbox-url", default="http://localhost:8083")
    names = ", ".join([*(shot.name for shot in PAGES), *STEPS, *PAYING_STEPS])
    parser.add_argument("--only", action="append", default=[], help=f"pages by name: {names}")
    parser.add_argument("--for-docs", action="store_true", help=f"also write {FOR_DOCS.name}")
    return parser.parse_args()


@contextmanager
def hub_at(base_url: str, sandbox_url: str) -> Iterator[tuple[str, Sandbox]]:
    """The hub that was named, or one of our own for the length of the block."""
    if base_url:
        sandbox = Sandbox(sandbox_url)
        yield base_url.rstrip("/"), sandbox
        sandbox.close()
        return
    with tempfile.TemporaryDirectory() as folder:
        hub = whole_hub(Ports.free(), Path(folder))
        try:
            hub.start()
            with hub_at(hub.base_url, hub.ports.sandbox_url) as found:
                yield found
        except RuntimeError as error:
            sys.exit(str(error))
        finally:
            hub.stop()


def take_all(browser: Browser, base_url: str, sandbox: Sandbox, only: frozenset[str]) -> None:
    """The onboarding first: the partner's pages then have something to show."""
    for steps, walks in _WALKS:
        if only and not only & set(steps):
            continue
        for name, page in walks(browser, base_url, sandbox):
            if not only or name in only:
                in_every_look(page, name)
    context = browser.new_context()
    People(base_url).sign_in(context, PERSON)
    session: Any = context.cookies()
    context.close()
    context = browser.new_context()
    desk_of(context, base_url)
    staff: Any = context.cookies()
    context.close()
    for shot in PAGES:
        if not only or shot.name in only:
            take(browser, base_url, staff if shot.staff else session, shot)


def in_every_look(page: Page, name: str) -> None:
    """A page that may not be loaded again: only the window and the theme change."""
    for look in looks(page):
        theme, size = look.split(", ")
        page.screenshot(path=TARGET / f"{name}-{theme}-{size}.png")


def take(browser: Browser, base_url: str, session: Any, shot: Shot) -> None:
    """A page of its own for each look: some choose table or cards when they are drawn."""
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,  # type: ignore[arg-type]
                reduced_motion="reduce",
                locale="en-GB",
            )
            if not shot.stranger:
                context.add_cookies(session)
            page = context.new_page()
            show(page, base_url, shot)
            page.screenshot(path=TARGET / f"{shot.name}-{theme}-{size}.png")
            context.close()


def show(page: Page, base_url: str, shot: Shot) -> None:
    page.goto(base_url + shot.path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if shot.link:
        page.goto(base_url + str(page.locator(shot.link).first.get_attribute("href")))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    if not shot.stranger:
        wait_connected(page)
        expect(page.locator(".h-skeleton")).to_have_count(0)
    if shot.keys:
        page.keyboard.press(shot.keys)
    if shot.click:
        page.locator(shot.click).first.click()
    page.evaluate(SETTLED)


def for_docs() -> None:
    """The README's picture: its most used colours stay as they are, so that it is small."""
    FOR_DOCS.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(TARGET / "accounts-light-1440.png") as file:
        picture = file.convert("RGB")
    used = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette([shade for _, colour in used[:_COLOURS] for shade in colour])
    small = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    small.save(FOR_DOCS, optimize=True)


if __name__ == "__main__":
    main()
