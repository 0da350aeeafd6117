"""The record in a browser: what others do appears by itself, and the file is what is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from e2e.support.people import People, open_page

Contexts = Callable[..., BrowserContext]


def test_what_others_do_appears_and_is_exported_as_it_is_found(
    new_context: Contexts, people: People, base_url: str
) -> None:
    context = new_context()
    people.sign_in(context, "Ada Martins").close()
    page = open_page(context, f"{base_url}/audit?kind=people")
    page.evaluate("window.marked = true")
    rows = page.locator("tbody tr", has_text="Ben")
    before = rows.count()
    people.sign_in(new_context(), "Ben Okafor", own_session=True).close()
    expect(rows).to_have_count(before + 1)
    assert page.evaluate("window.marked") is True  # no reload

    newest = rows.first
    expect(newest).to_contain_text("Signed in")
    expect(newest).to_contain_text("127.0.0.1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    told = Path(download.value.path()).read_text("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(told)))
    assert download.value.suggested_filename == "audit.csv"
    assert {row["What"] for row in found} <= {"Signed in", "Signed out", "Person joined"}
    assert sum(row["Who"].startswith("Ben") for row in found) == before + 1

    newest.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed in")
    page.go_back()
    expect(page).to_have_url(f"{base_url}/audit?kind=people")
    expect(rows.first).to_be_visible()
