"""The same client, unchanged, against the certified npm `oidc-provider`."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.security.rig import Rig, onward, query_of, running, settings_for_tests
from ui.oidc.fetching import Wire

pytestmark = pytest.mark.node

PROGRAM = Path(__file__).parents[1] / "support/oidc_provider.mjs"
SECRET = "a certified/secret+with signs"


@pytest.fixture(params=["userinfo", "id_token"])
def issuer(request: pytest.FixtureRequest, listener: socket.socket) -> Iterator[str]:
    """The provider runs; name and address are where its parameter says."""
    port = listener.getsockname()[1]
    listener.close()  # it was free a moment ago
    issuer = f"http://127.0.0.1:{port}"
    in_token = {"CLAIMS_IN_ID_TOKEN": "1"} if request.param == "id_token" else {}
    command = ["node", str(PROGRAM), str(port), issuer, "partner-hub", SECRET]
    process = subprocess.Popen(
        [*command, "https://hub.test/login/callback"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | in_token,
    )
    assert process.stdout is not None
    try:
        assert any(line.startswith("ready") for line in process.stdout), "it never became ready"
        yield issuer
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def unbuilt(issuer: str, database: SqlDatabase, feed: LocalFeed) -> Rig:
    settings = settings_for_tests(oidc_issuer=issuer, oidc_client_secret=SECRET)
    return Rig(settings=settings, database=database, feed=feed)


@pytest.fixture
async def rig(unbuilt: Rig) -> AsyncIterator[Rig]:
    async with running(unbuilt, Wire()):
        yield unbuilt


async def test_the_whole_way_in_and_out(rig: Rig) -> None:
    browser = rig.browser()
    async with httpx.AsyncClient(follow_redirects=False) as provider:
        callback = await through_the_forms(provider, await browser.start("/accounts"))
        assert query_of(callback)["iss"] == rig.settings.oidc_issuer
        answer = await browser.come_back(callback)
        assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
        assert await browser.is_signed_in()
        assert (await browser.come_back(callback)).status_code == 400
        leaving = onward(await browser.post("/logout"))
        assert leaving.startswith(f"{rig.settings.oidc_issuer}/session/end?")
        page = await provider.get(leaving)
        assert page.status_code == 200, page.text
        assert "sign-out" in page.text.lower()


async def test_an_uninvited_person_is_told_and_can_be_someone_else(rig: Rig) -> None:
    browser = rig.browser()
    async with httpx.AsyncClient(follow_redirects=False) as provider:
        callback = await through_the_forms(provider, await browser.start(), "eve@evil.example")
        assert (await browser.come_back(callback)).status_code == 403
        again = await through_the_forms(provider, await browser.start(again="1"))
        assert (await browser.come_back(again)).status_code == 303


async def test_a_session_is_confirmed_by_signing_in_once_more(rig: Rig) -> None:
    browser = rig.browser()
    async with httpx.AsyncClient(follow_redirects=False) as provider:
        await browser.come_back(await through_the_forms(provider, await browser.start()))
        who = await asyncio.to_thread(rig.hub.sign_in.principal, browser.session or "")
        assert await asyncio.to_thread(rig.hub.sign_in.is_fresh, who)
        rig.clock.offset += timedelta(minutes=31)
        assert not await asyncio.to_thread(rig.hub.sign_in.is_fresh, who)
        rig.clock.offset -= timedelta(minutes=31)  # the provider has a clock of its own
        url = onward(await browser.post("/login/start", confirm="1", next="/confirmed"))
        answer = await browser.come_back(await through_the_forms(provider, url))
        assert (answer.status_code, answer.headers["location"]) == (303, "/confirmed")
        assert await asyncio.to_thread(rig.hub.sign_in.is_fresh, who)


async def through_the_forms(
    provider: httpx.AsyncClient, url: str, login: str = "ada@acme.example"
) -> str:
    """Follow the provider's redirects and fill its form in, until it sends the browser back."""
    answer = await provider.get(url)
    for _ in range(10):
        if answer.has_redirect_location:
            target = str(answer.url.join(answer.headers["location"]))
            if target.startswith("https://hub.test/"):
                return target
            answer = await provider.get(target)
            continue
        action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
        assert action, answer.text
        form = hidden_fields(answer.text) | {"login": login, "password": "any"}
        answer = await provider.post(str(answer.url.join(action[1])), data=form)
    raise AssertionError(f"the provider never sent the browser back: {answer.url}")


def hidden_fields(page: str) -> dict[str, str]:
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    fields = [
        (re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags
    ]
    return {name[1]: value[1] for name, value in fields if name and value}
