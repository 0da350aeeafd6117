"""No state of a page has a violation that axe-core can see, light and dark.

Pages as they open are looked at in `test_every_place`; here are dialogs, menus, faults and steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from core.demo.world import ACME, BETA
from e2e.support.accessible import Accessibility
from e2e.support.client import ClientBrowser
from e2e.support.fitting import look_at
from e2e.support.focus import ring_of, tab_to
from e2e.support.people import People, open_page
from e2e.support.sandbox import Sandbox
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]
Clients = Callable[..., ClientBrowser]
# What design.md asks of the ring around the focus; WCAG wants 3:1.
RING_WIDTH, RING_CONTRAST = 2, 3
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def axe() -> Iterator[Accessibility]:
    found = Accessibility()
    yield found
    assert not found.violations, "\n".join(found.violations)


def test_accounts_in_every_state(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    for name, query in (("table", "view=table"), ("cards", "view=cards")):
        page = open_page(context, f"{base_url}/accounts?{query}")
        expect(page.locator("[data-id]").first).to_be_visible()
        axe.check(page, name)
        page.close()
    page = open_page(context, f"{base_url}/accounts?search=zzzz")
    expect(page.get_by_role("heading", name="No number matches")).to_be_visible()
    axe.check(page, "no match")


def test_the_dialogs_and_menus_of_the_accounts(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    page = open_page(context, f"{base_url}/accounts?view=table")
    expect(page.locator("[data-id]").first).to_be_visible()
    for menu in ("Filters", "Views"):
        page.locator("summary", has_text=menu).click()
        axe.check(page, f"menu {menu}")
        page.keyboard.press("Escape")
        page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Add a number").click()
    expect(page.get_by_role("dialog", name="Add a number")).to_be_visible()
    axe.check(page, "dialog Add a number", in_dialog=True)
    page.close()
    page = open_page(context, f"{base_url}/accounts/{ACME.row_id(1, 'CH')}")
    page.get_by_role("button", name="Create a template").first.click()
    expect(page.get_by_role("dialog", name="Create a template")).to_be_visible()
    axe.check(page, "dialog Create a template", in_dialog=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_shows_on_the_first_controls_of_the_accounts(
    new_context: Contexts, people: People, base_url: str, theme: str, tmp_path: Path
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    page = open_page(context, f"{base_url}/accounts?view=table")
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    expect(page.locator("[data-id]").first).to_be_visible()
    add = page.get_by_role("button", name="Add a number")
    search = page.get_by_role("searchbox", name="Number, name, client or ID")
    for name, control in (("add", add), ("search", search)):
        tab_to(page, control)
        ring = ring_of(page)
        page.screenshot(path=tmp_path / f"focus-{name}-{theme}.png")
        assert ring.width >= RING_WIDTH, (name, ring)
        assert ring.contrast >= RING_CONTRAST, (name, ring)


def test_a_number(new_context: Contexts, people: People, axe: Accessibility, base_url: str) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    # Restricted, declined, live: badges of every tone.
    for number in (1, 13, 19):
        page = open_page(context, f"{base_url}/accounts/{ACME.row_id(number, 'CH')}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        axe.check(page, f"number {number}")
        page.close()


def test_users_and_own_sign_ins(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    page = open_page(context, f"{base_url}/me")
    expect(page.get_by_text("This one")).to_be_visible()
    axe.check(page, "own sign-ins")
    page.goto(f"{base_url}/users")
    expect(page.get_by_text("Leila Haddad")).to_be_visible()
    axe.check(page, "users")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("button", name="Send the invitation", exact=True).click()
    expect(page.get_by_text("Type a name of up to 120 characters.")).to_be_visible()
    axe.check(page, "dialog Invite somebody, with a fault", in_dialog=True)
    page.goto(f"{base_url}/confirmed")
    expect(page.get_by_role("heading", name="It is you")).to_be_visible()
    axe.check(page, "confirmed")


def test_the_record_and_one_event_of_it(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    page = open_page(context, f"{base_url}/audit")
    opens = page.locator("a.dt-open").first
    expect(opens).to_be_visible()
    axe.check(page, "audit")
    page.goto(base_url + str(opens.get_attribute("href")))
    expect(page.get_by_text("As it is kept")).to_be_visible()
    axe.check(page, "one event")
    page.goto(f"{base_url}/audit?search=zzzz")
    expect(page.get_by_role("heading", name="No match")).to_be_visible()
    axe.check(page, "audit, no match")


def test_the_profile_in_every_state(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str, tmp_path: Path
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    page = open_page(context, f"{base_url}/profile")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
    axe.check(page, "profile")
    page.get_by_label("Brand name", exact=True).fill(" ")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    Image.new("RGB", (400, 200), "blue").save(tmp_path / "logo.png")
    page.set_input_files("input.lc-picker", tmp_path / "logo.png")
    expect(page.get_by_role("button", name="Save logo")).to_be_visible()
    axe.check(page, "profile with a fault and a crop")


def test_the_offer_to_switch(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str, watch: Watch
) -> None:
    watch.allow_status(409)
    page = people.sign_in(new_context(), "Eve Lindholm", own_session=True)
    name = page.locator(".top .partner-name").inner_text()
    other = BETA if name == ACME.name else ACME
    page.goto(f"{base_url}/accounts/{other.row_id(1, 'CH')}")
    expect(page.get_by_role("button", name=f"Switch to {other.name}")).to_be_visible()
    axe.check(page, "another partner's number")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Switch partner").click()
    axe.check(page, "menu of partners")


def test_the_dialogs_of_money(
    new_context: Contexts, people: People, axe: Accessibility, base_url: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    for place, name, dialog in (
        ("balance", "Top up", "Top up"),
        ("balance", "Cap a client", "Cap a client"),
        ("auto-renewal", "Modify", "Modify auto-renewal"),
    ):
        page = open_page(context, f"{base_url}/billing/{place}")
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        axe.check(page, f"dialog {dialog}", in_dialog=True)
        page.close()
    page = open_page(context, f"{base_url}/billing/details")
    page.get_by_role("button", name="Save details").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    axe.check(page, "details with faults")


def test_the_steps_of_an_onboarding_and_what_the_partner_sees_of_it(
    new_context: Contexts,
    people: People,
    client_browser: Clients,
    axe: Accessibility,
    meta: Sandbox,
) -> None:
    client = client_browser()
    page = client.page
    client.open()
    client.expect_heading("Connect WhatsApp with Acme Messaging")
    look_at(page, "sign up", axe)
    client.press("Continue")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    look_at(page, "sign up, empty", axe)
    client.sign_up()
    client.expect_heading("Enter the code from our e-mail")
    look_at(page, "code", axe)
    client.confirm_code()
    look_at(page, "before Meta", axe)
    popup = client.open_popup()
    client.expect_heading("Go on in Meta’s window")
    look_at(page, "Meta’s window is open", axe)
    popup.close()
    client.expect_heading("Not connected yet")
    look_at(page, "Meta’s window was closed", axe)
    meta.behave(fail=[{"path_pattern": "/register$", "code": 133005, "times": 1}])
    client.finish_popup(client.open_popup("Open Meta’s window again"))
    client.expect_heading("One thing needs attention")
    look_at(page, "stopped", axe)
    meta.behave(fail=[{"path_pattern": "/register$", "hang_seconds": 8, "times": 1}])
    page.get_by_label("Six-digit PIN").fill("123456")
    client.press("Use this PIN")
    client.expect_heading("We are setting up your number")
    look_at(page, "setting up", axe)
    client.expect_permission()
    look_at(page, "permission", axe)
    the_partners_side(people, new_context(), client, axe)


def the_partners_side(
    people: People, context: BrowserContext, client: ClientBrowser, axe: Accessibility
) -> None:
    """The list of runs, and this run's flight record with an error in it."""
    page = people.sign_in(context, "Ada Martins")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Onboarding").click()
    link = page.get_by_role("link", name=client.company)
    expect(link).to_be_visible()
    axe.check(page, "runs")
    page.set_viewport_size({"width": 1440, "height": 900})
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(client.company)
    axe.check(page, "one run")


def test_the_ends_of_an_onboarding(
    client_browser: Clients, axe: Accessibility, base_url: str, watch: Watch
) -> None:
    watch.allow_status(403)
    watch.allow_status(404)
    page = client_browser().page
    for path in (
        f"/onboarding/{ACME.id}?next=login",
        f"/onboarding/{BETA.id}",
        "/onboarding/NobodyPA",
        "/onboarding/resume/nothing",
    ):
        page.goto(base_url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        look_at(page, path, axe)
