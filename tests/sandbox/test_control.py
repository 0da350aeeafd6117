"""The desk, the clock, the seed, the partner's site, and the process around them."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from sandbox.app import create_app
from sandbox.clock import SandboxClock
from sandbox.partner_site import PACKAGE, PartnerSite
from sandbox.settings import SandboxSettings

ADA = {"sub": "ada", "email": "ada@acme.example", "name": "Ada <b>Owner</b>"}
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(SandboxSettings(), {"people": [ADA]})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8083") as client:
        yield client


# -- settings


def test_every_start_has_its_own_secrets() -> None:
    names = ("app_secret", "verify_token", "system_user_token", "oidc_client_secret")
    one, other = SandboxSettings(), SandboxSettings()
    for name in names:
        assert getattr(one, name) != getattr(other, name)
        assert getattr(one, name) not in repr(one)


def test_addresses_follow_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_HUB_URL", "http://localhost:9000/")
    settings = SandboxSettings()
    assert settings.webhook_url == "http://localhost:9000/webhooks/meta"
    assert settings.oidc_redirect_uris == ["http://localhost:9000/login/callback"]
    assert settings.post_logout_redirect_uris == ["http://localhost:9000/"]


# -- the clock


def test_the_clock_moves_and_comes_back() -> None:
    clock = SandboxClock()
    clock.set(datetime(2030, 1, 31, 12, tzinfo=UTC))
    clock.shift(timedelta(days=1))
    assert clock.now().date().isoformat() == "2030-02-01"
    clock.reset()
    assert clock.offset == timedelta(0)
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2030, 1, 1))  # noqa: DTZ001 - the naive time is the point


async def test_the_clock_is_read_and_moved_over_http(web: httpx.AsyncClient) -> None:
    await web.post("/control/clock", json={"set": "2030-01-31T12:00:00Z"})
    moved = (await web.post("/control/clock", json={"advance_seconds": 86_400})).json()
    assert moved["now"].startswith("2030-02-01T12:00")
    assert (await web.get("/control/clock")).json()["offset_seconds"] == moved["offset_seconds"]
    back = (await web.post("/control/clock", json={"reset": True})).json()
    assert back["offset_seconds"] == 0


@pytest.mark.parametrize(
    "wrong",
    [{}, {"set": "2030-01-01T00:00:00"}, {"reset": True, "advance_seconds": 1}, {"jump": 1}],
)
async def test_an_unclear_clock_change_is_refused(
    web: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    assert (await web.post("/control/clock", json=wrong)).status_code == 422


# -- seed and reset


async def test_a_new_seed_replaces_the_people(web: httpx.AsyncClient) -> None:
    seed = {"people": [{"sub": "ben", "email": "ben@beta.example", "name": "Ben"}]}
    assert (await web.put("/control/seed", json=seed)).json() == {"seeded": True, "people": 1}
    people = (await web.get("/control/identity/people")).json()["people"]
    assert [person["sub"] for person in people] == ["ben"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": [{"sub": "x"}]},
        {"people": 3},
        {"cards": [{"id": "pm_1", "customer": "cus_1", "number": "4000000000000000"}]},
    ],
)
async def test_a_wrong_seed_changes_nothing(
    web: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    assert (await web.put("/control/seed", json=wrong)).status_code == 422
    people = (await web.get("/control/identity/people")).json()["people"]
    assert [person["sub"] for person in people] == ["ada"]
    assert (await web.get("/control/seed")).json() == {"people": [ADA]}


async def test_a_seed_that_is_no_object_is_refused(web: httpx.AsyncClient) -> None:
    assert (await web.put("/control/seed", json=[])).status_code == 422
    assert (await web.put("/control/seed", content=b"{")).status_code == 422


async def test_reset_restores_everything(web: httpx.AsyncClient) -> None:
    await web.post("/control/clock", json={"advance_seconds": 60})
    await web.post("/receiver/acme")
    await web.post("/control/receiver/acme/behaviour", json={"status": 500})
    await web.post("/control/mail/behaviour", json={"status": 550})
    await web.post("/control/identity/behaviour", json={"faults": ["wrong_nonce"]})
    await web.put("/control/identity/people/new", json={"email": "n@x.example", "name": "N"})
    assert (await web.post("/control/reset")).json()["reset"] is True
    assert (await web.get("/control/clock")).json()["offset_seconds"] == 0
    assert (await web.get("/control/receiver")).json()["receivers"] == []
    assert (await web.get("/control/mail/behaviour")).json() == {"refusal": None}
    assert (await web.get("/control/identity/behaviour")).json()["on"] == {}
    assert len((await web.get("/control/identity/people")).json()["people"]) == 1


# -- pages


async def test_the_desk_names_people_as_text_and_runs_no_inline_script(
    web: httpx.AsyncClient,
) -> None:
    page = await web.get("/")
    assert page.status_code == 200
    assert "Ada &lt;b&gt;Owner&lt;/b&gt;" in page.text
    assert not re.findall(r"<script(?![^>]*src=)", page.text)
    assert "script-src 'self';" in page.headers["content-security-policy"]


async def test_every_form_of_the_desk_presses_a_known_route(web: httpx.AsyncClient) -> None:
    paths = (await web.get("/openapi.json")).json()["paths"]
    known = {re.sub(r"{\w+}", "{}", path): methods for path, methods in paths.items()}
    forms = re.findall(r'data-method="(\w+)" data-path="([^"]+)"', (await web.get("/")).text)
    assert len(forms) >= 15
    for method, path in forms:
        assert method.lower() in known[re.sub(r"{\w+}", "{}", path)], path


@pytest.mark.parametrize("name", ["sandbox.css", "control.js", "partner_site.js"])
async def test_the_pages_files_are_served(web: httpx.AsyncClient, name: str) -> None:
    assert (await web.get(f"/sandbox-assets/{name}")).status_code == 200


async def test_the_partners_site_mounts_the_real_button_when_it_is_installed(
    tmp_path: Path,
) -> None:
    script = tmp_path / PACKAGE
    without = await _partner_site(tmp_path).get("/partner-site/?partner=f167CmPA")
    assert 'data-button="own"' in without.text
    script.parent.mkdir(parents=True)
    script.write_text("// the package")
    with_package = _partner_site(tmp_path)
    assert 'data-button="real"' in (await with_package.get("/partner-site/")).text
    assert 'data-button="own"' in (await with_package.get("/partner-site/?button=own")).text
    asset = await with_package.get("/partner-site/assets/dialog-connect-button.umd.js")
    assert asset.text == "// the package"


async def test_the_redirect_target_cuts_no_opener(web: httpx.AsyncClient) -> None:
    page = await web.get("/partner-site/redirect?client=aCL&channels=[bCH]")
    assert page.status_code == 200
    assert "cross-origin-opener-policy" not in page.headers


def _partner_site(repository: Path) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(PartnerSite(SandboxSettings(), repository).router())
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8083")


# -- the process


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_and_stops_cleanly(stop: signal.Signals) -> None:
    port, smtp_port = _free_port(), _free_port()
    with _start(port, smtp_port) as process:
        try:
            assert _health(port) == {"status": "ok"}
            process.send_signal(stop)
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("taken", ["web", "mail"])
def test_a_busy_port_is_one_clear_sentence(taken: str) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        ports = (port, _free_port()) if taken == "web" else (_free_port(), port)
        with _start(*ports) as process:
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"cannot listen on port {port}" in errors
    assert "docs/sandbox.md" in errors
    assert "Traceback" not in errors


def _start(port: int, smtp_port: int) -> "subprocess.Popen[str]":
    environment = {"SANDBOX_PORT": str(port), "SANDBOX_SMTP_PORT": str(smtp_port)}
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        cwd=REPOSITORY,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def _health(port: int) -> object:
    # The transport tries again with a growing pause while nobody listens yet.
    transport = httpx.HTTPTransport(retries=5)
    with httpx.Client(transport=transport, base_url=f"http://localhost:{port}") as client:
        return client.get("/healthz").json()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- VAT registers


async def test_vat_registers_answer_as_they_are_told_until_the_next_reset(
    web: httpx.AsyncClient,
) -> None:
    asked = {"countryCode": "DE", "vatNumber": "136695976"}
    place = "/vies/rest-api/check-vat-number"
    told = {"unavailable": ["AT"], "unregistered": ["DE136695976"]}
    assert (await web.post("/control/vies", json=told)).status_code == 200
    assert (await web.post(place, json=asked)).json()["valid"] is False
    down = (await web.post(place, json=asked | {"countryCode": "AT"})).json()
    assert down == {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
    for odd in (b"", b"[]", b'"x"', b'{"countryCode": 1}'):
        answer = (await web.post(place, content=odd)).json()
        assert answer["errorWrappers"] == [{"error": "INVALID_INPUT"}]
    await web.post("/control/reset")
    assert (await web.post(place, json=asked)).json()["valid"] is True
    assert (await web.get("/control/vies")).json()["asked"] == ["DE136695976"]
