"""Hosts, forwarded headers, bodies and security headers, as the outside meets them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from nicegui import ui
from starlette.types import Message, Receive, Scope, Send

from core.settings import Settings
from tests.security.rig import HUB, Browser, Rig, running, settings_for_tests
from ui.guards.bodies import BodyLimits, limit_for
from ui.guards.hosts import AllowedHosts, HostGuard

CORPUS = json.loads((Path(__file__).parents[1] / "corpora/host_and_forwarding.json").read_text())
HOSTS = [each for each in CORPUS if ": " not in each and not each.startswith("[")]
CLAIMS = [each.split(": ", 1) for each in CORPUS if ": " in each]
MIB = 1024 * 1024


# --- hosts and forwarded headers ------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", [*HOSTS, "hub.test:8443", "hub.test:", "hub.test@evil.example", "[::1", "a b", "HUB"]
)
async def test_a_foreign_host_is_refused(visitor: Browser, host: str) -> None:
    answer = await visitor.hub.get("/login", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["hub.test", "HUB.TEST", "hub.test:443"])
async def test_the_hubs_own_host_is_served(visitor: Browser, host: str) -> None:
    assert (await visitor.hub.get("/login", headers={"host": host})).status_code == 200


def test_two_hosts_or_none_are_refused() -> None:
    hosts = AllowedHosts(settings_for_tests())
    assert not hosts.allow([])
    assert not hosts.allow([(b"host", b"hub.test"), (b"host", b"hub.test")])


def test_allowed_hosts_are_names_of_their_own() -> None:
    hosts = AllowedHosts(settings_for_tests(allowed_hosts=["hub.360dialog.io", "[::1]", "x:81"]))
    for good in (b"hub.360dialog.io", b"hub.360dialog.io:443", b"[::1]:8082", b"x:81"):
        assert hosts.allow([(b"host", good)])
    for bad in (b"360dialog.io", b"a.hub.360dialog.io", b"hub.360dialog.io.", b"x", b"x:82"):
        assert not hosts.allow([(b"host", bad)])


@pytest.mark.parametrize(("name", "value"), CLAIMS)
async def test_claims_about_the_request_never_reach_the_application(
    visitor: Browser, name: str, value: str
) -> None:
    answer = await visitor.hub.post("/api/v2/echo", headers={name: value})
    told = answer.json()
    assert name.lower() not in told["headers"]
    assert (told["client"], told["scheme"]) == ("198.51.100.7", "https")
    page = await visitor.hub.get("/login", headers={name: value})
    assert value not in page.text
    assert "evil.example" not in page.text


@pytest.mark.parametrize("prefix", ["//evil.example", "/x", '/"><script>'])
async def test_a_forwarded_prefix_does_not_move_the_scripts(visitor: Browser, prefix: str) -> None:
    page = await visitor.hub.get("/login", headers={"X-Forwarded-Prefix": prefix})
    sources = re.findall(r'<script[^>]* src="([^"]+)"', page.text)
    assert sources
    assert all(source.startswith("/_nicegui/") for source in sources)


async def test_a_stranger_cannot_claim_another_address(visitor: Browser) -> None:
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    told = (await visitor.hub.post("/api/v2/echo", headers=claims)).json()
    assert (told["client"], told["scheme"]) == ("198.51.100.7", "https")


async def test_a_trusted_proxy_is_believed_about_the_last_stranger(
    unbuilt: Rig,
) -> None:
    unbuilt.settings = settings_for_tests(trusted_proxies=["198.51.100.0/24"])
    async with running(unbuilt) as rig:
        chain = {
            "X-Forwarded-For": "1.2.3.4, 203.0.113.9, 198.51.100.1",
            "X-Forwarded-Proto": "http",
        }
        told = (await rig.browser().hub.post("/api/v2/echo", headers=chain)).json()
        assert (told["client"], told["scheme"]) == ("203.0.113.9", "http")
        odd = {"X-Forwarded-Proto": "javascript"}
        assert (await rig.browser().hub.post("/api/v2/echo", headers=odd)).status_code == 400


# --- bodies ---------------------------------------------------------------------------------------


def test_each_way_in_has_its_own_limit() -> None:
    assert limit_for("/webhooks/meta") == 3 * MIB
    assert limit_for("/_nicegui/client/0d9e/upload/12") == 2.5 * MIB
    assert limit_for("/support/files") == limit_for("/desk/files") == 2.5 * MIB
    for path in ("/api/v2/token", "/login/start", "/webhooks/meta/", "/_nicegui/client/x/upload/"):
        assert limit_for(path) == 64 * 1024


@pytest.mark.parametrize(
    ("path", "limit"), [("/api/v2/echo", 64 * 1024), ("/webhooks/meta", 3 * MIB)]
)
@pytest.mark.parametrize("is_chunked", [False, True], ids=["announced", "chunked"])
async def test_a_body_is_taken_up_to_its_limit(
    visitor: Browser, path: str, limit: int, is_chunked: bool
) -> None:
    for size, status in ((limit, 200), (limit + 1, 413)):
        body: Any = chunks(size) if is_chunked else b"x" * size
        answer = await visitor.hub.post(path, content=body)
        assert answer.status_code == status
    assert "nosniff" in answer.headers["x-content-type-options"]


async def chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 16 * 1024):
        yield b"x" * min(16 * 1024, size - start)


async def test_a_form_that_is_too_large_is_413_as_well(visitor: Browser) -> None:
    answer = await visitor.post("/login/start", next="x" * 70_000)
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "9" * 5000])
async def test_a_length_that_is_no_number_or_absurd_is_refused(
    visitor: Browser, length: str
) -> None:
    answer = await visitor.hub.post(
        "/api/v2/echo", content=b"x", headers={"content-length": length}
    )
    assert answer.status_code in (400, 413)


async def test_a_body_that_never_ends_is_given_up() -> None:
    async def reads_all(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "path": "/x", "headers": []}
    await BodyLimits(reads_all, seconds=0.01)(scope, never, send)
    assert sent[0]["status"] == 408


async def test_memory_stays_flat_while_a_flood_is_refused() -> None:
    taken = 0

    async def reads_all(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def flood() -> Message:
        nonlocal taken
        taken += 16_384
        return {"type": "http.request", "body": b"x" * 16_384, "more_body": True}

    async def send(_message: Message) -> None:
        pass

    scope: Scope = {"type": "http", "path": "/api/v2/token", "headers": []}
    await BodyLimits(reads_all)(scope, flood, send)
    assert taken <= 64 * 1024 + 16_384


# --- headers --------------------------------------------------------------------------------------


def policy_of(answer: httpx.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["content-security-policy"].split(";"))
    return {name: values for name, *values in parts}


async def test_every_script_of_a_page_carries_the_nonce_of_its_answer(visitor: Browser) -> None:
    pages = [await visitor.hub.get("/login") for _ in range(2)]
    nonces = set()
    for page in pages:
        tags = re.findall(r"<script\b[^>]*>", page.text)
        scripts = [each for each in tags if "x-template" not in each]  # Vue's templates are data
        told = {re.search(r'nonce="([^"]*)"', each)[1] for each in scripts}  # type: ignore[index]
        assert len(scripts) > 5
        assert len(told) == 1
        (nonce,) = told
        assert len(nonce) >= 22
        assert f"'nonce-{nonce}'" in policy_of(page)["script-src"]
        nonces.add(nonce)
    assert len(nonces) == 2


async def test_a_script_that_came_in_by_content_gets_no_nonce(unbuilt: Rig) -> None:
    async with running(unbuilt) as rig:

        @ui.page("/planted")
        def planted() -> None:
            ui.add_head_html("<script>stolen()</script>")

        page = await rig.browser().hub.get("/planted")
        assert "<script>stolen()</script>" in page.text


async def test_the_dashboards_headers(visitor: Browser) -> None:
    answer = await visitor.hub.get("/login")
    policy = policy_of(answer)
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == ["'none'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["img-src"] == ["'self'", "data:", "blob:"]
    assert policy["connect-src"] == ["'self'", "wss://hub.test"]
    assert policy["form-action"] == ["'self'", "http://localhost:8083"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert not [source for source in policy["script-src"] if source.startswith("http")]
    expected = {
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    assert expected.items() <= dict(answer.headers).items()
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    assert "camera=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/accounts", 303), ("/_nicegui/x", 404)]
)
async def test_answers_of_every_kind_carry_the_headers(
    visitor: Browser, path: str, status: int
) -> None:
    answer = await visitor.hub.get(path)
    assert answer.status_code == status
    assert "script-src" in policy_of(answer)


async def test_a_crash_carries_the_headers_too(unbuilt: Rig) -> None:
    async with running(unbuilt) as rig:

        @rig.app.get("/crash")
        async def crash() -> None:
            raise RuntimeError("on purpose")

        # NiceGUI's mount takes what comes after it: put the route before.
        rig.app.router.routes.insert(0, rig.app.router.routes.pop())
        transport = httpx.ASGITransport(app=rig.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HUB) as client:
            answer = await client.get("/crash")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_http_on_this_machine_promises_no_https(unbuilt: Rig) -> None:
    unbuilt.settings = settings_for_tests(base_url="http://localhost:8082")
    async with running(unbuilt) as rig:
        answer = await rig.browser().hub.get("/login")
    assert "strict-transport-security" not in answer.headers
    assert policy_of(answer)["connect-src"] == ["'self'", "ws://localhost:8082"]


async def test_onboarding_keeps_its_opener_and_may_load_metas_script(visitor: Browser) -> None:
    answer = await visitor.hub.get("/onboarding/f167CmPA?state=x")
    assert "cross-origin-opener-policy" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = policy_of(answer)
    for directive in ("script-src", "frame-src", "connect-src"):
        assert "http://localhost:8083" in policy[directive]
    assert policy["frame-ancestors"] == ["'none'"]


async def test_onboarding_never_sees_the_dashboards_session(visitor: Browser) -> None:
    await visitor.sign_in()
    answer = await visitor.hub.get("/onboarding/f167CmPA")
    assert "Cookies: ['hub_onboarding']" in answer.text.replace("&#39;", "'")
    cookies = answer.headers.get_list("set-cookie")
    assert [each.partition("=")[0] for each in cookies] == ["hub_onboarding"]
    assert "HttpOnly" in cookies[0]
    again = await visitor.hub.get("/onboarding/f167CmPA")
    assert "set-cookie" not in again.headers
    assert await visitor.is_signed_in()


async def test_a_planted_onboarding_cookie_of_another_shape_is_replaced(visitor: Browser) -> None:
    visitor.hub.cookies.set("hub_onboarding", "short", domain="hub.test", path="/")
    answer = await visitor.hub.get("/onboarding/f167CmPA")
    assert re.match(r"hub_onboarding=[\w-]{43};", answer.headers["set-cookie"])


async def test_a_websocket_of_a_foreign_host_is_closed_unopened() -> None:
    sent: list[Message] = []

    async def reached(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("the application was reached")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    settings: Settings = settings_for_tests()
    scope: Scope = {"type": "websocket", "path": "/", "headers": [(b"host", b"evil.example")]}
    await HostGuard(reached, settings)(scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
