"""The content policy refuses nothing that our pages do, and what comes in from outside it does.

Every place of the dashboard is opened by `test_every_place`, each with the same watch.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from core.demo.world import ACME
from e2e.support.watch import Watch

Contexts = Callable[..., BrowserContext]


def test_pages_outside_the_dashboard_do_nothing_that_is_refused(
    new_context: Contexts, base_url: str, watch: Watch
) -> None:
    watch.allow_status(404)
    page = new_context().new_page()
    for path in (
        "/api/v2/docs",
        f"/onboarding/{ACME.id}",
        "/onboarding/nobodyPA",
        "/onboarding/resume/nothing",
        "/onboarding/example-terms",
        "/pay/nothing",
        "/invitations/nothing",
    ):
        page.goto(base_url + path)
        expect(page.get_by_role("heading").first).to_be_visible()


def test_a_refusal_is_seen_by_the_watch(new_context: Contexts, base_url: str, watch: Watch) -> None:
    page = new_context().new_page()
    page.goto(f"{base_url}/login")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), "
        "{src: 'https://evil.example/x.js'}))"
    )
    expect(page.get_by_role("heading").first).to_be_visible()
    page.wait_for_function("() => true")
    assert any("the content policy refused https://evil.example" in f for f in watch.faults)
    watch.allow("evil.example", "Content Security Policy")
