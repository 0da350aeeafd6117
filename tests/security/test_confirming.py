"""A sign-in is confirmed at the provider, and sessions are ended from elsewhere: over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from core.access import Principal
from core.errors import FreshSignInNeeded
from core.ports import Notice
from tests.security.live import Live, until
from tests.security.rig import Browser, Rig, onward, query_of, running
from tests.security.test_open_pages import opened

LATER = timedelta(minutes=31)


@pytest.fixture
async def rig(unbuilt: Rig) -> AsyncIterator[Rig]:
    async with running(unbuilt):
        yield unbuilt
    unbuilt.identity.clock.reset()  # rigs share the sandbox


async def principal(rig: Rig, browser: Browser) -> Principal:
    return await asyncio.to_thread(rig.hub.sign_in.principal, browser.session or "")


async def grown_old(rig: Rig, sub: str = "ada") -> Browser:
    """Somebody who signed in half an hour ago, here and at the provider."""
    browser = rig.browser()
    await browser.sign_in(sub)
    pass_time(rig)
    return browser


def pass_time(rig: Rig) -> None:
    rig.clock.offset += LATER
    rig.identity.clock.shift(LATER)


async def asked(browser: Browser, next_path: str = "/confirmed") -> str:
    """The provider's address that the dialog's form leads to."""
    return onward(await browser.post("/login/start", confirm="1", next=next_path))


async def test_the_provider_is_asked_anew_and_the_same_session_goes_on(rig: Rig) -> None:
    browser = await grown_old(rig)
    before, heard = await principal(rig, browser), list[Notice]()
    rig.feed.subscribe(heard.extend)
    with pytest.raises(FreshSignInNeeded):
        await asyncio.to_thread(invite, rig, before)
    url = await asked(browser)
    query = query_of(url)
    assert (query["prompt"], query["max_age"]) == ("login", "1800")
    assert query["login_hint"] == "ada@acme.example"
    answer = await browser.come_back(await browser.authorize(url))
    assert (answer.status_code, answer.headers["location"]) == (303, "/confirmed")
    assert "It is you" in (await browser.hub.get("/confirmed")).text
    assert await principal(rig, browser) == before
    assert ("session_confirmed", before.session_hash) in [(n.type, n.subject_id) for n in heard]
    await asyncio.to_thread(invite, rig, before)


async def test_somebody_elses_answer_confirms_nothing_and_signs_nobody_in(rig: Rig) -> None:
    browser = await grown_old(rig)
    before = await principal(rig, browser)
    answer = await browser.come_back(await browser.authorize(await asked(browser), "ben"))
    assert answer.status_code == 403
    assert "That was somebody else" in answer.text
    assert await principal(rig, browser) == before
    with pytest.raises(FreshSignInNeeded):
        await asyncio.to_thread(invite, rig, before)


async def test_who_says_no_is_signed_in_as_before(rig: Rig) -> None:
    browser = await grown_old(rig)
    answer = await browser.come_back(await browser.authorize(await asked(browser), ""))
    assert answer.status_code == 403
    assert "You did not confirm that it is you" in answer.text
    assert await browser.is_signed_in()
    assert "Confirm at the provider" in (await browser.hub.get("/confirmed")).text


async def test_an_answer_for_one_session_does_not_confirm_another(rig: Rig) -> None:
    browser = await grown_old(rig)
    callback = await browser.authorize(await asked(browser))
    await browser.sign_in("ada")  # in another tab, meanwhile
    pass_time(rig)
    assert (await browser.come_back(callback)).status_code == 400
    who = await principal(rig, browser)
    assert not await asyncio.to_thread(rig.hub.sign_in.is_fresh, who)


async def test_an_old_session_at_the_provider_makes_no_fresh_one_here(rig: Rig) -> None:
    browser = await grown_old(rig)
    browser.hub.cookies.clear()
    await browser.sign_in("ada")  # the provider remembers, and asks nobody
    who = await principal(rig, browser)
    assert not await asyncio.to_thread(rig.hub.sign_in.is_fresh, who)


async def test_looking_at_an_invitation_accepts_nothing(rig: Rig) -> None:
    browser = rig.browser()
    await browser.sign_in("ada")
    ada = await principal(rig, browser)
    await asyncio.to_thread(invite, rig, ada)
    await asyncio.to_thread(rig.jobs.drain)
    path = rig.mailer.mails[0].button_url.removeprefix(rig.settings.base_url)
    for _ in range(2):
        page = await browser.hub.get(path)
        assert "Acme invites you" in page.text
    waiting = (await asyncio.to_thread(rig.hub.users.everybody, ada)).invitations
    assert ("nia@new.example", "open") in [(each.email, each.state) for each in waiting]
    assert (await browser.hub.get("/invitations/" + "x" * 43)).status_code == 404


async def test_a_session_that_is_ended_from_another_stops_its_pages(live: Live) -> None:
    one, other = await live.signed_in("ada"), await live.signed_in("ada")
    page, _, sent = await opened(live, one)
    sign_in = live.rig.hub.sign_in
    here = await asyncio.to_thread(sign_in.principal, other["hub_session"])
    await asyncio.to_thread(sign_in.sign_out_elsewhere, here)
    await until(lambda: sent == ["/signed-out"])
    assert not page.is_alive


def invite(rig: Rig, who: Principal) -> Any:
    return rig.hub.users.invite(who, name="Nia", email="nia@new.example", role="member")
