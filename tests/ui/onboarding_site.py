"""The client's pages and the partner's, on the fake onboarding."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from nicegui import ui

from tests.ui.conftest import Browser, Site, serving
from tests.ui.fake_hub import fake_hub
from tests.ui.fake_onboarding import PARTNER, RUN, SECRET, FakeOnboarding, a_view
from ui.pages import onboarding, onboarding_run, onboarding_runs
from ui.pages.onboarding.browser import Browser as Part
from ui.places import sections

RUN_PATH = f"/onboarding/{PARTNER}/run/{RUN}"


@asynccontextmanager
async def onboarding_site(
    settings: dict[str, Any] | None = None, **values: Any
) -> AsyncIterator[tuple[Site, FakeOnboarding]]:
    """The running app; `values` are those of the run."""
    hub = fake_hub(**settings or {})
    service = FakeOnboarding(hub.feed, view=a_view(**values))
    hub.onboarding = service
    places = sections(
        {
            "/onboarding-runs": onboarding_runs.build,
            "/onboarding-runs/{run_id}": onboarding_run.build,
        }
    )
    async with serving(places, hub, installs=[onboarding.install]) as site:
        yield site, service


def client_of(site: Site, secret: str = SECRET) -> Browser:
    """A client's browser, which holds the run's cookie but no session."""
    browser = site.browser("")
    if secret:
        browser.http_client.cookies.set("hub_onboarding", secret)
    return browser


async def opened(site: Site) -> Browser:
    """The client's browser on the run's page."""
    browser = client_of(site)
    await browser.open(RUN_PATH)
    return browser


async def sees(browser: Browser, text: str) -> None:
    """Wait until the text is on the page."""
    await browser.should_see(text, retries=10)


def part_of(browser: Browser) -> Part:
    """The page's invisible part in the browser."""
    (part,) = browser.find(kind=Part).elements
    return part


def field(browser: Browser, name: str) -> ui.input:
    """The field of that name."""
    inputs = (e for e in browser.page.elements.values() if isinstance(e, ui.input))
    return next(each for each in inputs if each.props.get("for") == f"ob-{name}")


def text_at(browser: Browser, name: str) -> str:
    """What stands below the field."""
    return next(
        e.text  # type: ignore[attr-defined]
        for e in browser.page.elements.values()
        if e.props.get("id") == f"ob-{name}-more"
    )


def put(browser: Browser, **values: str) -> None:
    """Type into fields by name."""
    for name, value in values.items():
        field(browser, name).value = value


def signal(kind: str, value: Any = "", origin: str = "", id_: str = "1") -> dict[str, Any]:
    """What the browser's part sends."""
    return {"id": id_, "kind": kind, "value": value, "origin": origin, "at": 1}


async def post_signal(
    browser: Browser, body: Any, *, run: str = RUN, **headers: str
) -> httpx.Response:
    """The plain way, as our own page sends it."""
    ours = {"sec-fetch-site": "same-origin", "content-type": "application/json"} | headers
    content = body if isinstance(body, str) else httpx.Request("POST", "/", json=body).content
    return await browser.http_client.post(
        f"/onboarding/api/{run}/signal", content=content, headers=ours
    )
