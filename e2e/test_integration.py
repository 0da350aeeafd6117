"""Integration in Chromium: every control, two owners' browsers at once, and by keyboard alone.

What is changed for good is put back: other tests of this hub need its redirect URL.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from core.demo.world import ACME
from e2e.support.accessible import Accessibility
from e2e.support.client import ClientBrowser
from e2e.support.focus import ring_of, tab_to
from e2e.support.integration import Office, Program, Receiver
from e2e.support.people import People, wait_connected
from e2e.support.sandbox import Sandbox
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(240)
RING_WIDTH = 2  # pixels; design.md
WAY_TO_LIVE = [
    "client_created",
    "channel_created",
    "channel_submitted",
    "channel_permission_granted",
    "channel_ready",
    "channel_running",
    "channel_live",
]


@pytest.fixture
def ada(new_context: Contexts, people: People, base_url: str) -> Office:
    """An owner of Acme."""
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    return Office(people.sign_in(context, "Ada Martins"), base_url)


@pytest.fixture
def fay(new_context: Contexts, people: People, base_url: str) -> Office:
    """Another owner of Acme, in a browser of her own."""
    return Office(people.sign_in(new_context(), "Fay Turner"), base_url)


@pytest.fixture
def program(base_url: str) -> Iterator[Program]:
    """Acme's program; what the pages change is as before afterwards."""
    program = Program(base_url)
    before = program.partner()
    yield program
    program.change(
        webhook_url=before["webhook_url"], partner_redirect_url=before["partner_redirect_url"]
    )


@pytest.fixture
def axe() -> Iterator[Accessibility]:
    found = Accessibility()
    yield found
    assert not found.violations, "\n".join(found.violations)


def test_every_part_is_accessible(ada: Office, axe: Accessibility) -> None:
    page = ada.page
    wide = {"width": 1440, "height": 900}
    ada.open("/webhooks")
    ada.press("Send test")
    expect(page.get_by_role("region", name="Answer")).to_be_visible()
    axe.check(page, "a test with its answer")
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    page.get_by_role("link", name="In the log").click()
    expect(page.locator(".it-attempt")).to_be_visible()
    axe.check(page, "one delivery")
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    ada.open("/webhooks")
    ada.press("Add an endpoint")
    expect(page.get_by_role("dialog", name="Add an endpoint")).to_be_visible()
    axe.check(page, "dialog of an endpoint", in_dialog=True)
    page.set_viewport_size(wide)  # type: ignore[arg-type]
    ada.open("/keys")
    ada.press("New API key")
    expect(page.get_by_role("dialog", name="New API key")).to_be_visible()
    axe.check(page, "dialog of a key", in_dialog=True)


def test_each_setting_is_saved_alone_and_is_on_the_other_owners_page(
    ada: Office, fay: Office, program: Program, sandbox: Sandbox
) -> None:
    ada.open()
    fay.open()
    url = f"{sandbox.url}/partner-site/redirect?e2e=1"

    ada.field("Redirect URL").fill("https://10.0.0.1/done")
    expect(ada.page.get_by_text("The host has to be a public name")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Save Redirect URL")).to_be_disabled()
    ada.save("Redirect URL", url)
    expect(fay.field("Redirect URL")).to_have_value(url)
    assert program.partner()["partner_redirect_url"] == url
    ada.press("Test the redirect URL")
    expect(ada.page.get_by_text("HTTP 200")).to_be_visible()

    ada.save("More origins (optional)", "https://test.example.com/")
    expect(fay.field("More origins (optional)")).to_have_value("https://test.example.com")
    ada.page.get_by_role("combobox", name="Region of new numbers").click()
    ada.page.get_by_role("option", name=re.compile("Canada")).click()
    ada.press("Save Region of new numbers")
    expect(fay.page.get_by_role("combobox", name="Region of new numbers")).to_have_value(
        re.compile("Canada")
    )
    ada.press("Ask Meta again")
    expect(ada.page.get_by_text("Meta says: Active.")).to_be_visible()
    ada.field("Solution ID").fill("123")
    expect(ada.page.get_by_text("A solution ID has 14 to 18 digits.")).to_be_visible()
    back_to_normal(ada)


def test_what_a_toast_says_can_be_read(ada: Office) -> None:
    ada.open()
    ada.press("Ask Meta again")
    said = ada.page.locator(".q-notification__message")
    expect(said).to_be_visible()
    for scheme in ("light", "dark"):
        ada.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        text = ada.page.locator("h1").evaluate("it => getComputedStyle(it).color")
        expect(said).to_have_css("color", text)


def back_to_normal(ada: Office) -> None:
    """Region and origins as the demo has them."""
    ada.open()
    ada.save("More origins (optional)", "")
    ada.page.get_by_role("combobox", name="Region of new numbers").click()
    ada.page.get_by_role("option", name="Meta's default").click()
    ada.press("Save Region of new numbers")
    expect(ada.page.get_by_role("button", name="Save Region of new numbers")).to_be_disabled()


def test_what_somebody_types_is_kept_when_the_other_owner_saves(
    ada: Office, fay: Office, program: Program, sandbox: Sandbox
) -> None:
    ada.open()
    fay.open()
    mine, theirs = "https://mine.example.com/x", f"{sandbox.url}/partner-site/redirect?theirs=1"
    fay.field("Redirect URL").fill(mine)
    ada.save("Redirect URL", theirs)
    expect(fay.page.get_by_text("What you type is kept")).to_be_visible()
    expect(fay.field("Redirect URL")).to_have_value(mine)
    fay.press("Take it over")
    expect(fay.field("Redirect URL")).to_have_value(theirs)
    ada.save("Redirect URL", "")
    expect(fay.page.get_by_role("alert").filter(has_text="No redirect URL is set")).to_be_visible()


def test_ids_link_and_button_lines_are_copied(ada: Office, base_url: str) -> None:
    ada.open()
    assert ada.copied("Partner ID") == ACME.id
    link = f"{base_url}/onboarding/{ACME.id}"
    assert ada.copied("onboarding link") == link
    for kind in ("Link", "HTML", "React"):
        ada.press(kind)
        expect(ada.page.get_by_role("button", name=kind, exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        lines = ada.copied("button lines")
        assert ACME.id in lines
    assert f'href="{link}"' in first_lines(ada)
    docs = ada.page.get_by_role("link", name="Read and try").get_attribute("href") or ""
    assert httpx.get(docs, trust_env=False).status_code == httpx.codes.OK


def first_lines(ada: Office) -> str:
    ada.press("Link")
    return ada.copied("button lines")


def test_the_platform_secret_is_rotated_with_an_overlap_and_signs_links(
    ada: Office, fay: Office, base_url: str
) -> None:
    ada.open()
    fay.open()
    ada.press("Show")
    ada.confirm("Show the platform secret?", "Show it")
    before = ada.shown_once()
    ada.press("Rotate")
    ada.confirm("Rotate the platform secret?", "Rotate it")
    after = ada.shown_once()
    assert after != before
    expect(fay.page.get_by_text("Rotating")).to_be_visible()

    ada.page.get_by_role("switch", name="IO Signature").click()
    ada.confirm("Switch IO Signature on?", "Switch it on")
    expect(fay.page.get_by_role("switch", name="IO Signature")).to_be_checked()
    assert opens(base_url, "") is False
    assert opens(base_url, before)
    assert opens(base_url, after)
    fay.press("End the old one now")
    fay.confirm("End the old platform secret now?", "End it now")
    expect(ada.page.get_by_role("button", name="Rotate", exact=True)).to_be_visible()
    assert opens(base_url, before) is False
    fay.page.get_by_role("switch", name="IO Signature").click()
    fay.confirm("Switch IO Signature off?", "Switch it off")
    expect(ada.page.get_by_role("switch", name="IO Signature")).not_to_be_checked()
    assert opens(base_url, "")


def opens(base_url: str, secret: str) -> bool:
    """Whether a link that is signed with this secret ('' for none) lets a client in."""
    with httpx.Client(base_url=base_url, trust_env=False, follow_redirects=True) as http:
        told = http.get("/login").text
        stamp = re.search(r'name="hub-now" content="([^"]+)"', told)
        now = datetime.fromisoformat(stamp[1]) if stamp else datetime.now(UTC)
        moment = str(int(now.timestamp()))
        signed = hmac.new(secret.encode(), f"{ACME.id}|{moment}".encode(), hashlib.sha256)
        query = {"io_signature": signed.hexdigest(), "io_timestamp": moment} if secret else {}
        return (
            f"Connect WhatsApp with {ACME.name}"
            in http.get(f"/onboarding/{ACME.id}", params=query).text
        )


def test_webhooks_are_tested_filtered_paused_and_replayed(
    ada: Office, fay: Office, program: Program, sandbox: Sandbox
) -> None:
    main, extra = Receiver(sandbox, "e2e-main"), Receiver(sandbox, "e2e-extra")
    ada.open("/webhooks")
    fay.open("/webhooks")
    ada.save("URL", main.url)
    expect(fay.field("URL")).to_have_value(main.url)
    ada.press("Change headers")
    dialog = ada.page.get_by_role("dialog", name="Headers of your own")
    dialog.get_by_label("Headers (optional)").fill("X-Tenant: 7")
    dialog.get_by_role("button", name="Save the headers").click()
    expect(fay.page.get_by_text("X-Tenant")).to_be_visible()
    ada.press("Send test")
    expect(ada.page.get_by_role("region", name="Answer")).to_contain_text("HTTP 200")
    assert main.got()[-1]["headers"]["x-tenant"] == "7"

    main.answers(500)
    ada.press("Send test")
    expect(ada.page.get_by_role("region", name="Answer")).to_contain_text("HTTP 500")
    main.answers(200)

    ada.press("Add an endpoint")
    form = ada.page.get_by_role("dialog", name="Add an endpoint")
    form.get_by_label("URL", exact=True).fill("http://10.0.0.1/")
    expect(form.get_by_text("It has to begin with https://.")).to_be_visible()
    form.get_by_label("URL", exact=True).fill(extra.url)
    form.get_by_label("Name (optional)").fill("Warehouse")
    form.get_by_role("button", name="Add it").click()
    expect(fay.page.get_by_role("link", name="Warehouse")).to_be_visible()
    ada.press("Pause")
    expect(ada.page.get_by_text("What happens collects until you resume.")).to_be_visible()
    fay.page.get_by_role("link", name="Warehouse").click()
    fay.press("Resume")
    expect(ada.page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    ada.press("Switch off")
    ada.confirm("Switch Warehouse off?", "Switch it off")
    expect(fay.page.get_by_text("Somebody here has switched it off.")).to_be_visible()
    fay.press("Switch on")
    expect(ada.page.get_by_role("button", name="Pause", exact=True)).to_be_visible()

    ada.open("/webhooks/deliveries?state=gave_up")
    ada.page.get_by_role("link", name="channel_live").first.click()
    count = len(main.got())
    ada.press("Replay")
    expect(ada.page.get_by_text("Delivered", exact=True)).to_be_visible()
    again = main.got(count + 1)
    assert again[-1]["body"] == again[count - 1]["body"]
    assert again[-1]["headers"]["webhook-id"] == again[count - 1]["headers"]["webhook-id"]

    ada.open("/webhooks")
    ada.page.get_by_role("link", name="Warehouse").click()
    ada.press("Remove")
    ada.confirm("Remove Warehouse?", "Remove it")
    expect(fay.page.get_by_role("link", name="Warehouse")).to_have_count(0)


def test_keys_and_system_users_open_the_api_until_they_are_ended(
    ada: Office, fay: Office, base_url: str
) -> None:
    ada.open("/keys")
    fay.open("/keys")
    ada.press("New API key")
    form = ada.page.get_by_role("dialog", name="New API key")
    form.get_by_label("Name", exact=True).fill("e2e service")
    form.get_by_role("button", name="Make the key").click()
    expect(ada.page.get_by_role("button", name="Copy API key")).to_be_visible()
    assert ada.copied("API key").startswith("phk_")
    program = Program(base_url, ada.shown_once())
    assert program.status() == httpx.codes.OK
    row = fay.page.get_by_role("row").filter(has_text="e2e service")
    expect(row).to_contain_text("Good")
    row.get_by_role("button", name="Revoke").click()
    fay.confirm("Revoke the key e2e service?", "Revoke it")
    expect(ada.page.get_by_role("row").filter(has_text="e2e service")).to_contain_text("Revoked")
    assert program.status() == httpx.codes.UNAUTHORIZED

    ada.press("New system user")
    form = ada.page.get_by_role("dialog", name="New system user")
    form.get_by_label("User name", exact=True).fill("e2e@acme.example")
    form.get_by_role("button", name="Make the user").click()
    password = ada.shown_once()
    assert program.token_status("e2e@acme.example", password) == httpx.codes.OK
    ada.page.get_by_role("switch", name="Token login").click()
    ada.confirm("Switch token login off?", "Switch it off")
    expect(fay.page.get_by_role("switch", name="Token login")).not_to_be_checked()
    assert program.token_status("e2e@acme.example", password) == httpx.codes.UNAUTHORIZED
    fay.page.get_by_role("switch", name="Token login").click()
    expect(ada.page.get_by_role("switch", name="Token login")).to_be_checked()
    ada.press("Delete e2e@acme.example")
    ada.confirm("Delete e2e@acme.example?", "Delete it")
    expect(fay.page.get_by_role("row").filter(has_text="e2e@acme.example")).to_have_count(0)


def test_a_setting_is_changed_by_keyboard_alone(ada: Office, program: Program) -> None:
    ada.open()
    field = ada.field("Redirect URL")
    tab_to(ada.page, field)
    ring = ring_of(ada.page)
    assert ring.width >= RING_WIDTH or not ring.contrast  # a field's ring is its border
    ada.page.keyboard.press("Control+a")
    ada.page.keyboard.type("https://keyboard.example.com/done")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_text("The redirect URL is saved.")).to_be_visible()
    assert program.partner()["partner_redirect_url"] == "https://keyboard.example.com/done"
    tab_to(ada.page, ada.page.get_by_role("button", name="Test the redirect URL"))
    assert ring_of(ada.page).width >= RING_WIDTH
    tab_to(ada.page, ada.page.get_by_role("button", name="Copy onboarding link"))
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("[data-done]")).to_be_visible()


def test_a_numbers_key_is_made_and_replaced_by_a_member(
    new_context: Contexts, people: People, base_url: str, watch: Watch
) -> None:
    watch.allow_status(403)  # the page that is for owners
    ben = Office(people.sign_in(new_context(), "Ben Okafor"), base_url)
    ben.page.goto(f"{base_url}/accounts/{ACME.row_id(2, 'CH')}")
    ben.press("Make a key")
    first = ben.shown_once()
    ben.press("Replace the key")
    ben.page.get_by_role("dialog").get_by_role("button", name="Replace it").click()
    assert ben.shown_once() != first
    ben.press("Remove it")
    ben.page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    expect(ben.page.get_by_text("There is no key yet.")).to_be_visible()
    ben.page.goto(f"{base_url}/integration")
    expect(ben.page.get_by_text("Your role does not allow this.")).to_be_visible()


def test_what_a_customer_writes_reaches_the_numbers_webhook(
    ada: Office, fay: Office, base_url: str, sandbox: Sandbox, axe: Accessibility
) -> None:
    receiver = Receiver(sandbox, "e2e-number")
    for office in (ada, fay):
        office.page.goto(f"{base_url}/accounts/{ACME.row_id(2, 'CH')}")
        wait_connected(office.page)
    ada.press("Set a webhook")
    dialog = ada.page.get_by_role("dialog", name="Webhook of")
    expect(dialog).to_be_visible()
    axe.check(ada.page, "the webhook of a number", in_dialog=True)
    ada.page.set_viewport_size({"width": 1440, "height": 900})
    dialog.get_by_label("URL", exact=True).fill(receiver.url)
    dialog.get_by_role("button", name="Save it").click()
    expect(fay.page.get_by_text(receiver.url)).to_be_visible()

    phone, waba = ACME.meta_id(2, 2), ACME.meta_id(1, 2)
    message = {"from": "447700900123", "id": "wamid.e2e", "type": "text", "text": {"body": "Hi"}}
    value = {"metadata": {"phone_number_id": phone}, "messages": [message]}
    sandbox.post("meta/events", {"field": "messages", "value": value, "waba_id": waba})
    got = json.loads(receiver.got()[0]["body"])
    assert got["entry"][0]["changes"] == [{"field": "messages", "value": value}]
    expect(fay.page.get_by_text("The last one was taken")).to_be_visible()

    ada.page.get_by_role("link", name="Test, log, settings").click()
    ada.press("Send test")
    expect(ada.page.get_by_role("region", name="Answer")).to_contain_text("HTTP 200")
    assert len(receiver.got(2)) == 2
    ada.press("Remove")
    ada.confirm("Remove Webhook of", "Remove it")
    expect(fay.page.get_by_role("button", name="Set a webhook")).to_be_visible()


def test_the_receiver_hears_of_an_onboarding_in_its_order(
    ada: Office,
    program: Program,
    client_browser: Callable[..., ClientBrowser],
    sandbox: Sandbox,
) -> None:
    receiver = Receiver(sandbox, f"e2e-{os.urandom(4).hex()}")
    program.change(webhook_url=receiver.url)
    ada.open("/webhooks/deliveries")
    client = client_browser()
    client.to_meta(lang="en")
    client.connect()
    client.arrive()

    told = receiver.events(len(WAY_TO_LIVE))
    assert [event for event, _ in told if event in WAY_TO_LIVE] == WAY_TO_LIVE
    created, live = told[0][1], told[-1][1]
    assert created["client"]["name"] == client.company
    assert (live["status"], live["client"]["name"]) == ("ready", client.company)
    # The log was open all the time, and nobody touched it.
    row = ada.page.get_by_role("row").filter(has_text="channel_live").first
    expect(row).to_contain_text("Delivered")
