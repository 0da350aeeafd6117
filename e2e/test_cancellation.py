"""A number is cancelled by typing and ticking, seen by a colleague at once, and kept again."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from core.demo.world import ACME
from e2e.support.people import People, open_page

Contexts = Callable[..., BrowserContext]
NUMBER = ACME.row_id(2, "CH")


def test_a_number_is_cancelled_seen_by_a_colleague_and_kept_again(
    new_context: Contexts, people: People, base_url: str
) -> None:
    ada = people.sign_in(new_context(), "Ada Martins")
    listed = people.sign_in(new_context(), "Ben Okafor")
    row = listed.locator(f"[data-id={NUMBER}]")
    expect(row).to_contain_text("Live")
    ben = open_page(listed.context, f"{base_url}/accounts/{NUMBER}")
    ada.goto(f"{base_url}/accounts/{NUMBER}")

    ada.get_by_role("button", name="Cancel this number").click()
    dialog = ada.get_by_role("dialog")
    do = dialog.get_by_role("button", name="Cancel the number")
    expect(do).to_be_disabled()
    dialog.get_by_label("Type CANCEL to confirm").fill("CANCEL")
    expect(do).to_be_disabled()
    dialog.get_by_role("checkbox").click()
    do.click()

    until = re.compile(r"It works until \d+ \w+ \d{4} \(UTC\)\. Cancelled on")
    expect(ada.get_by_text(until)).to_be_visible()
    expect(ben.get_by_text(until)).to_be_visible()
    expect(row).to_contain_text("Cancelling")
    expect(row).to_contain_text("you can keep it until then")
    expect(ben.get_by_text("Number cancelled for a later day")).to_be_visible()

    ben.get_by_role("button", name="Keep this number").click()

    expect(ada.get_by_role("button", name="Cancel this number")).to_be_visible()
    expect(row).to_contain_text("Live")
