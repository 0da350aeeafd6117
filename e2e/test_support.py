"""A partner and the desk chat in Chromium: live, with files, by keyboard, whatever is typed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from e2e.support.accessible import Accessibility
from e2e.support.desk import DeskPage, SupportPage, desk_of, support_of
from e2e.support.people import People
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]
pytestmark = pytest.mark.timeout(300)
_CORPUS = Path(__file__).parents[1] / "tests" / "corpora" / "xss.json"
PAYLOADS = [each["v"] for each in json.loads(_CORPUS.read_text("utf-8"))["payloads"]]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def ada(new_context: Contexts, people: People, base_url: str) -> SupportPage:
    """An owner of Acme on the support page."""
    return support_of(people.sign_in(new_context(), "Ada Martins"), base_url)


@pytest.fixture
def sam(new_context: Contexts, base_url: str) -> DeskPage:
    """Staff at the desk."""
    return desk_of(new_context(), base_url)


@pytest.fixture
def axe() -> Iterator[Accessibility]:
    found = Accessibility()
    yield found
    assert not found.violations, "\n".join(found.violations)


@pytest.fixture
def subject() -> str:
    """One that no other test has."""
    return f"Question {os.urandom(3).hex()}"


def both_open(ada: SupportPage, sam: DeskPage, subject: str) -> None:
    """A new conversation, open on both sides."""
    ada.write(subject, "Is anybody there?")
    ada.expect_open(subject)
    sam.choose(subject)


def test_both_sides_see_each_other_write_read_and_come(
    ada: SupportPage, sam: DeskPage, new_context: Contexts, people: People, subject: str
) -> None:
    fay = people.sign_in(new_context(), "Fay Turner")
    both_open(ada, sam, subject)
    expect(ada.page.get_by_text("Support is here")).to_be_visible()
    expect(sam.page.get_by_text("Partner is here")).to_be_visible()
    expect(ada.page.get_by_text("Read by Support")).to_be_visible()

    sam.composer.press_sequentially("We look")
    expect(ada.page.get_by_text("Support is typing…")).to_be_visible()
    sam.say("We look at it.")

    ada.expect_said("We look at it.")
    expect(ada.page.get_by_text("Support is typing…")).to_be_hidden()
    expect(sam.page.get_by_text("Read by the partner")).to_be_visible()
    waiting = fay.get_by_role("navigation", name="Main").locator(".waiting")
    expect(waiting).to_be_visible()


def test_notes_are_seen_by_staff_and_never_sent_to_the_partner(
    ada: SupportPage, sam: DeskPage, subject: str
) -> None:
    heard: list[str] = []
    ada.page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))),
    )
    ada.open()
    both_open(ada, sam, subject)
    sam.page.get_by_role("button", name="Note", exact=True).click()
    sam.say("Watch out: a note")
    expect(sam.page.locator(".ch-row.note", has_text="Watch out: a note")).to_be_visible()
    sam.page.get_by_role("button", name="Answer", exact=True).click()
    sam.say("All good.")
    ada.expect_said("All good.")
    assert not [frame for frame in heard if "Watch out" in frame]


def test_pictures_and_pdfs_arrive_and_others_are_refused_in_words(
    ada: SupportPage, sam: DeskPage, subject: str, watch: Watch
) -> None:
    watch.allow_status(400)
    both_open(ada, sam, subject)
    files: list[Any] = [
        {"name": "screen.png", "mimeType": "image/png", "buffer": _picture()},
        {"name": "register.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "bad.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"},
    ]
    ada.page.get_by_label("Files", exact=True).set_input_files(files)
    expect(ada.page.get_by_text("Only PNG, JPEG and WebP pictures and PDF files")).to_be_visible()
    ada.page.get_by_role("button", name="Remove bad.png").click()
    ada.say("As you asked")

    picture = sam.page.get_by_role("img", name="screen.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.naturalWidth") == 320
    with sam.page.expect_download() as download:
        sam.page.get_by_role("link", name="register.pdf").click()
    assert download.value.path().read_bytes() == PDF


def test_files_are_dropped_and_too_large_ones_do_not_travel(
    ada: SupportPage, sam: DeskPage, subject: str
) -> None:
    both_open(ada, sam, subject)
    ada.page.locator(".ch").evaluate(
        """(chat, bytes) => {
          const held = new DataTransfer();
          held.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
          held.items.add(new File([new Uint8Array(3000000)], "large.png", { type: "image/png" }));
          for (const type of ["dragenter", "drop"])
            chat.dispatchEvent(new DragEvent(type, { dataTransfer: held, bubbles: true }));
        }""",
        list(_picture()),
    )
    expect(ada.page.get_by_text("Up to 2 MB can be attached.")).to_be_visible()
    ada.page.get_by_role("button", name="Remove large.png").click()
    expect(ada.page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    ada.page.get_by_role("button", name="Send", exact=True).click()
    expect(sam.page.get_by_role("img", name="dropped.png")).to_be_visible()


def test_whatever_is_typed_is_shown_letter_for_letter_and_does_nothing(
    ada: SupportPage, sam: DeskPage, subject: str
) -> None:
    for page in (ada.page, sam.page):
        _set_trap(page)
    both_open(ada, sam, subject)
    for payload in PAYLOADS:
        ada.say(payload)
        sam.expect_said(payload)
    sam.say(PAYLOADS[0])
    ada.expect_said(PAYLOADS[0], times=2)  # her own and his
    for payload in PAYLOADS[::6]:
        ada.write(payload, payload)
        ada.expect_open(payload)
        sam.choose(payload)
    said = sam.page.locator(".ch-row .ch-text").all_inner_texts()
    assert said == [PAYLOADS[::6][-1]]
    sam.choose(subject)
    shown = sam.page.locator(".ch-row .ch-text").all_inner_texts()
    assert shown[1 : len(PAYLOADS) + 1] == PAYLOADS
    for page in (ada.page, sam.page):
        assert page.evaluate("window.PWN") is None
        assert page.evaluate("document.baseURI") == page.url


def _set_trap(page: Page) -> None:
    """No dialog opens and nothing leaves for elsewhere; either ends the test."""
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.route("**://evil.example/**", lambda route: pytest.fail(f"left for {route.request.url}"))


def test_a_conversation_without_a_mouse(ada: SupportPage, sam: DeskPage, subject: str) -> None:
    ada.write(subject, "By keyboard")
    link = sam.page.locator(".cv-row").get_by_role("link", name=subject)
    expect(link).to_be_visible()
    sam.page.locator(".cv-row a").first.focus()
    while not link.evaluate("(link) => link === document.activeElement"):
        sam.page.keyboard.press("ArrowDown")
    sam.page.keyboard.press("Enter")
    sam.expect_open(subject)
    for _ in range(60):
        if sam.composer.evaluate("(field) => field === document.activeElement"):
            break
        sam.page.keyboard.press("Tab")
    sam.page.keyboard.type("One line")
    sam.page.keyboard.press("Shift+Enter")
    sam.page.keyboard.type("and another")
    sam.page.keyboard.press("Enter")
    expect(ada.page.locator(".ch-text", has_text="One line\nand another")).to_be_visible()
    expect(sam.composer).to_be_focused()


def test_what_was_being_written_survives_a_reload(ada: SupportPage, subject: str) -> None:
    ada.write(subject, "First")
    ada.expect_open(subject)
    ada.composer.fill("Half a sen")
    ada.page.reload()
    ada.expect_open(subject)
    expect(ada.composer).to_have_value("Half a sen")
    ada.say("Half a sentence")
    ada.page.reload()
    ada.expect_said("Half a sentence")
    expect(ada.composer).to_have_value("")


def test_going_back_shows_the_conversation_before(ada: SupportPage, subject: str) -> None:
    ada.write(f"{subject} one", "1")
    ada.write(f"{subject} two", "2")
    ada.expect_open(f"{subject} two")
    ada.page.go_back()
    ada.expect_open(f"{subject} one")
    ada.page.go_forward()
    ada.expect_open(f"{subject} two")


def test_support_and_the_desk_in_every_state(
    ada: SupportPage, sam: DeskPage, subject: str, axe: Accessibility
) -> None:
    axe.check(ada.page, "support, nothing open")
    axe.check(sam.page, "desk, nothing open")
    for page in (ada.page, sam.page):
        page.set_viewport_size({"width": 1440, "height": 900})
    both_open(ada, sam, subject)
    ada.page.get_by_label("Files", exact=True).set_input_files(
        [{"name": "bad.txt", "mimeType": "image/png", "buffer": b"x" * 3_000_000}]
    )
    expect(ada.page.get_by_text("Up to 2 MB can be attached.")).to_be_visible()
    axe.check(ada.page, "chat, a file refused")
    sam.page.get_by_role("button", name="Note", exact=True).click()
    sam.say("A note")
    expect(sam.page.locator(".ch-row.note")).to_be_visible()
    axe.check(sam.page, "desk, a note")
    sam.page.set_viewport_size({"width": 1440, "height": 900})
    sam.page.locator(".cv-row", has_text="Request").locator("a").first.click()
    expect(sam.page.get_by_text("What accepting it does")).to_be_visible()
    axe.check(sam.page, "desk, a request")
    sam.page.get_by_role("button", name="Refuse…").click()
    axe.check(sam.page, "desk, refusing")
    sam.page.set_viewport_size({"width": 1440, "height": 900})
    sam.page.locator(".ch-canned summary").click()
    axe.check(sam.page, "desk, canned answers")


def test_the_dialogs_of_support(ada: SupportPage, sam: DeskPage, axe: Accessibility) -> None:
    for kind in ("what", "remove_user", "downgrade", "company_data", "delete_number", "other"):
        ada.open(f"?ask={kind}")
        expect(ada.page.get_by_role("dialog")).to_be_visible()
        axe.check(ada.page, f"dialog {kind}", in_dialog=True)
        ada.page.set_viewport_size({"width": 1440, "height": 900})
    sam.page.locator(".cv-row a").first.click()
    sam.page.locator(".ch-canned summary").click()
    sam.page.get_by_role("button", name="Manage answers").click()
    expect(sam.page.get_by_role("dialog", name="Canned answers")).to_be_visible()
    axe.check(sam.page, "canned answers", in_dialog=True)


def _picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (320, 200), (90, 140, 160)).save(file, "PNG")
    return file.getvalue()
