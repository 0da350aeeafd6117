"""What anybody may send without a key: how often, and whose uploads are taken."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from nicegui import ui

from core.onboarding.entities import RunStep
from tests.security.rig import HUB, Browser, Rig, running, settings_for_tests
from tests.ui.conftest import until
from tests.ui.fake_hub import NOW
from tests.ui.fake_onboarding import RUN
from tests.ui.onboarding_site import client_of, onboarding_site, opened, sees

FLOOD = 12
AT_CODE = {
    "step": RunStep.CODE,
    "company": "Demo",
    "full_name": "Ada",
    "email": "ada@x.example",
    "code_expires_at": NOW + timedelta(minutes=15),
}


async def test_a_flood_of_posts_from_one_address_is_held_off(unbuilt: Rig) -> None:
    unbuilt.settings = settings_for_tests(public_writes_per_minute=10)
    async with running(unbuilt) as rig:
        browser = rig.browser()
        answers = [await browser.hub.post("/onboarding/x/y") for _ in range(FLOOD)]
        assert [answer.status_code == 429 for answer in answers] == [False] * 10 + [True] * 2
        assert answers[-1].headers["retry-after"] == "60"
        assert "nosniff" in answers[-1].headers["x-content-type-options"]
        # Looking is no writing, and what programs send is counted elsewhere.
        assert (await browser.hub.get("/login")).status_code == 200
        assert (await browser.hub.post("/webhooks/meta", content=b"x")).status_code == 200
        # Another address is another person.
        transport = httpx.ASGITransport(app=rig.app, client=("203.0.113.5", 1))
        async with httpx.AsyncClient(transport=transport, base_url=HUB) as other:
            assert (await other.post("/onboarding/x/y")).status_code != 429


async def test_one_address_has_only_so_many_codes_mailed() -> None:
    async with onboarding_site({"public_mails_per_minute": 2}, **AT_CODE) as (site, service):
        for _ in range(2):
            resend = await _resend(await opened(site))
            resend()
        await until(lambda: len(service.said) == 2)
        client = await opened(site)
        (await _resend(client))()
        await sees(client, "Too many codes for now")
        service.former = "f" * 43
        answer = await client_of(site, service.former).http_client.post(
            f"/onboarding/elsewhere/{RUN}", headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 429
        assert len(service.said) == 2


async def _resend(client: Any) -> Callable[[], object]:
    button = next(e for e in client.page.elements.values() if type(e).__name__ == "Resend")
    return lambda: client.find(kind=type(button)).trigger("resend")


async def test_an_upload_without_the_pages_session_is_refused(unbuilt: Rig) -> None:
    taken: list[str] = []
    async with running(unbuilt) as rig:

        @ui.page("/with-upload")
        def with_upload() -> None:
            ui.upload(on_upload=lambda event: taken.append(event.file.name))

        owner, stranger, nobody = await _signed_in(rig), await _signed_in(rig, "ben"), rig.browser()
        path = await _upload_path(owner)
        for other in (stranger, nobody):
            answer = await other.hub.post(path, files={"file": ("a.png", b"x")})
            assert answer.status_code == 403
        assert (
            await owner.hub.post(f"{path}9", files={"file": ("a.png", b"x")})
        ).status_code == 404
        gone = path.replace(path.split("/")[3], "0" * 8)
        assert (await owner.hub.post(gone, files={"file": ("a.png", b"x")})).status_code == 403
        assert taken == []
        answer = await owner.hub.post(path, files={"file": ("a.png", b"x")})
        assert answer.status_code == 200


async def test_a_page_of_nobody_takes_no_upload(unbuilt: Rig) -> None:
    async with running(unbuilt) as rig:

        @ui.page("/open-to-all")
        def open_to_all() -> None:
            ui.upload()

        visitor = rig.browser()
        path = await _upload_path(visitor, "/open-to-all")
        answer = await visitor.hub.post(path, files={"file": ("a.png", b"x")})
        assert answer.status_code == 403


async def test_a_logo_opened_as_a_page_can_do_nothing(visitor: Browser) -> None:
    answer = await visitor.hub.get("/logos/" + "0" * 64)
    policy = [part.strip() for part in answer.headers["content-security-policy"].split(";")]
    assert {"default-src 'none'", "sandbox"} <= set(policy)
    assert not [part for part in policy if part.startswith("script-src")]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def _signed_in(rig: Rig, sub: str = "ada") -> Browser:
    browser = rig.browser()
    await browser.sign_in(sub)
    return browser


async def _upload_path(browser: Browser, page: str = "/with-upload") -> str:
    answer = await browser.hub.get(page)
    found = re.search(r"/_nicegui/client/[^/\"]+/upload/\d+", answer.text)
    assert found, answer.text[:500]
    return found[0]
