"""The attacks of the login corpus (O01 to O36) that come by way of addresses and cookies."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from core.partners.entities import UserSession
from core.ports import Everything
from tests.security.rig import PEOPLE, Browser, Rig, onward, query_of


def count_sessions(rig: Rig) -> int:
    with rig.database.reading(Everything("test")) as session:
        return len(session.exec(select(UserSession)).all())


async def refused(visitor: Browser, answer: httpx.Response, status: int = 400) -> None:
    """A clear page with the status, and nobody signed in by it."""
    assert answer.status_code == status
    assert "You are not signed in" in answer.text
    assert visitor.session is None
    assert not await visitor.is_signed_in()


async def test_signing_in_leads_to_the_page_that_was_asked_for(visitor: Browser) -> None:
    door = await visitor.hub.get("/accounts?page=2")
    assert door.headers["location"] == "/login?next=%2Faccounts%3Fpage%3D2"
    assert (await visitor.hub.get(door.headers["location"])).status_code == 200
    answer = await visitor.sign_in(next_path="/accounts?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts?page=2")
    assert await visitor.is_signed_in()
    assert (await visitor.hub.get("/login?next=/accounts")).headers["location"] == "/accounts"


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_hosts(
    visitor: Browser,
) -> None:
    cookie = (await visitor.sign_in()).headers["set-cookie"]
    name, _, attributes = cookie.partition(";")
    assert re.fullmatch(r"__Host-hub=[A-Za-z0-9_-]{43}", name)
    told = {part.strip().lower() for part in attributes.split(";")}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= told
    assert not any(part.startswith("domain") for part in told)


async def test_o01_o02_a_callback_without_a_known_state_is_refused(visitor: Browser) -> None:
    callback = await visitor.authorize(await visitor.start())
    code = query_of(callback)["code"]
    for state in ("", "&state=", "&state=" + "x" * 43, "&state=a&state=b"):
        await refused(visitor, await visitor.hub.get(f"/login/callback?code={code}{state}"))


async def test_o03_a_callback_in_another_browser_signs_nobody_in(
    rig: Rig, visitor: Browser
) -> None:
    callback = await visitor.authorize(await visitor.start(), "eve")
    victim = rig.browser()
    await victim.start()  # has a login cookie of its own
    await refused(victim, await victim.come_back(callback))
    assert rig.identity.calls["token"] == 0


async def test_o04_a_callback_works_once(rig: Rig, visitor: Browser) -> None:
    callback = await visitor.authorize(await visitor.start())
    assert (await visitor.come_back(callback)).status_code == 303
    again = await visitor.come_back(callback)
    assert again.status_code == 400
    assert rig.identity.calls["token"] == 1


async def test_o05_old_cookies_do_not_bring_a_used_callback_back(
    rig: Rig, visitor: Browser
) -> None:
    url = await visitor.start()
    before = dict(visitor.hub.cookies)
    callback = await visitor.authorize(url)
    await visitor.come_back(callback)
    visitor.hub.cookies = httpx.Cookies(before)
    await refused(visitor, await visitor.come_back(callback))


async def test_o06_a_callback_is_too_late_after_ten_minutes(rig: Rig, visitor: Browser) -> None:
    callback = await visitor.authorize(await visitor.start())
    rig.clock.offset += timedelta(minutes=10)
    await refused(visitor, await visitor.come_back(callback))


async def test_o07_two_tabs_both_finish(visitor: Browser) -> None:
    one, two = await visitor.start("/accounts?tab=1"), await visitor.start("/accounts?tab=2")
    callbacks = [await visitor.authorize(url) for url in (one, two)]
    for number, callback in enumerate(callbacks, start=1):
        answer = await visitor.come_back(callback)
        assert answer.headers["location"] == f"/accounts?tab={number}"
    assert await visitor.is_signed_in()


async def test_o08_a_code_of_another_login_is_refused(rig: Rig, visitor: Browser) -> None:
    foreign = query_of(await visitor.authorize(await visitor.start(), "eve"))["code"]
    own = query_of(await visitor.authorize(await visitor.start(), "ada"))
    query = httpx.QueryParams(own | {"code": foreign})
    await refused(visitor, await visitor.hub.get(f"/login/callback?{query}"))


async def test_o09_the_challenge_is_s256_and_new_each_time(visitor: Browser) -> None:
    asked = [query_of(await visitor.start()) for _ in range(2)]
    for each in asked:
        assert each["code_challenge_method"] == "S256"
        assert len(each["code_challenge"]) == 43
        assert each["redirect_uri"] == "https://hub.test/login/callback"
        assert each["response_type"] == "code"
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name]) >= 43


async def test_o24_an_unverified_address_of_an_owner_is_a_stranger(
    rig: Rig, visitor: Browser
) -> None:
    rig.misbehave("email_unverified")
    answer = await visitor.sign_in("ada")
    assert "not invited" in answer.text
    await refused(visitor, answer, 403)


async def test_an_uninvited_person_is_told_how_and_can_be_someone_else(visitor: Browser) -> None:
    answer = await visitor.sign_in("eve")
    await refused(visitor, answer, 403)
    assert "eve@evil.example" in answer.text
    assert "Sign in as someone else" in answer.text
    asked = query_of(await visitor.start(again="1"))
    assert asked["prompt"] == "login"
    assert (await visitor.sign_in("ada")).status_code == 403  # the provider still knows Eve
    again = await visitor.authorize(await visitor.start(again="1"), "ada")
    assert (await visitor.come_back(again)).status_code == 303


async def test_o27_a_planted_session_is_worth_nothing_after_the_login(
    rig: Rig, visitor: Browser
) -> None:
    attacker = rig.browser()
    await attacker.sign_in("ben")
    planted = attacker.session
    assert planted
    visitor.hub.cookies.set("__Host-hub", planted, domain="hub.test", path="/")
    answer = await visitor.sign_in("ada")
    assert f"__Host-hub={planted}" not in answer.headers["set-cookie"]
    assert not await attacker.is_signed_in()


async def test_o28_markup_in_an_error_answer_is_not_shown(rig: Rig, visitor: Browser) -> None:
    rig.misbehave("answer_html_error")
    url = await visitor.start()
    callback = (await visitor.provider.get(url)).headers["location"]
    assert "onerror" in callback
    answer = await visitor.come_back(callback)
    assert "onerror" not in answer.text
    await refused(visitor, answer, 403)


async def test_a_denial_is_said_plainly_and_uses_the_attempt_up(visitor: Browser) -> None:
    callback = await visitor.authorize(await visitor.start(), sub="")
    answer = await visitor.come_back(callback)
    assert "You did not sign in" in answer.text
    await refused(visitor, answer, 403)
    assert "no longer open" in (await visitor.come_back(callback)).text


async def test_o29_a_foreign_next_leads_home(visitor: Browser) -> None:
    for foreign in ("//evil.example", "https://evil.example/", "/\\evil.example", "/logout"):
        answer = await visitor.sign_in(next_path=foreign)
        assert answer.headers["location"] == "/"
    page = await visitor.hub.get("/login", params={"next": "https://evil.example/"})
    assert page.headers["location"] == "/"


async def test_o33_a_signed_out_cookie_is_dead(rig: Rig, visitor: Browser) -> None:
    await visitor.sign_in()
    old = visitor.session
    assert old
    answer = await visitor.post("/logout")
    target = onward(answer)
    assert target.startswith("http://localhost:8083/identity/logout?")
    assert "id_token_hint" in query_of(target)
    assert query_of(target)["post_logout_redirect_uri"] == "https://hub.test/"
    assert (await visitor.provider.get(target)).headers["location"] == "https://hub.test/"
    assert visitor.session is None
    visitor.hub.cookies.set("__Host-hub", old, domain="hub.test", path="/")
    assert not await visitor.is_signed_in()


async def test_o33_signing_out_works_without_the_provider(rig: Rig, visitor: Browser) -> None:
    await visitor.sign_in()
    rig.oidc._metadata = None
    rig.misbehave("discovery_down")
    assert (await visitor.post("/logout")).headers["location"] == "/signed-out"
    assert not await visitor.is_signed_in()
    assert "You are signed out" in (await visitor.hub.get("/signed-out")).text


@pytest.mark.parametrize("path", ["/logout", "/switch", "/login/start"])
async def test_o34_foreign_sites_cannot_act(rig: Rig, visitor: Browser, path: str) -> None:
    await visitor.sign_in()
    assert (await visitor.hub.get(path)).status_code in (303, 404, 405)
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://hub.test.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {},
    ):
        answer = await visitor.hub.post(path, headers=headers, data={"partner_id": rig.partner_id})
        assert answer.status_code == 403
    assert await visitor.is_signed_in()


async def test_o36_twenty_equal_answers_make_one_session_and_one_exchange(
    rig: Rig, visitor: Browser
) -> None:
    callback = await visitor.authorize(await visitor.start())
    answers = await asyncio.gather(*(visitor.come_back(callback) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 19
    assert rig.identity.calls["token"] == 1
    assert await asyncio.to_thread(count_sessions, rig) == 1


async def test_a_flood_of_starts_is_slowed_down(visitor: Browser) -> None:
    answers = [await visitor.post("/login/start") for _ in range(62)]
    assert answers[0].status_code == 303
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "60"


async def test_o26_no_spelling_of_an_owners_address_is_that_owner(
    rig: Rig, visitor: Browser
) -> None:
    """Ada is who the provider says she is; her address in another spelling is somebody else's."""
    assert (await visitor.sign_in("ada")).status_code == 303
    spellings = ("ADA@acme.example", "ada@acme.example.", "аda@acme.example", "ada+x@acme.example")
    for number, email in enumerate(spellings):
        rig.identity.load([*PEOPLE, {"sub": f"twin{number}", "email": email, "name": "Twin"}])
        answer = await rig.browser().sign_in(f"twin{number}")
        assert answer.status_code in (400, 403), email
        assert (
            "set-cookie" not in answer.headers or "__Host-hub=" not in answer.headers["set-cookie"]
        )
    assert await asyncio.to_thread(count_sessions, rig) == 1
