"""A receiver keeps exactly what was sent and answers as it was told."""

import asyncio
import base64
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.app import create_app
from sandbox.settings import SandboxSettings


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(SandboxSettings(), {"people": []})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8083") as client:
        yield client


async def behave(web: httpx.AsyncClient, **behaviour: object) -> None:
    answer = await web.post("/control/receiver/acme/behaviour", json=behaviour)
    answer.raise_for_status()


async def test_the_raw_request_is_kept(web: httpx.AsyncClient) -> None:
    body = b'{"id": "\xff\x00", "event":  "channel_live"}'
    headers = {"X-360dialog-Signature": "abc", "Content-Type": "application/json"}
    answer = await web.post("/receiver/acme?token=1&token=2", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    records = (await web.get("/control/receiver/acme")).json()
    assert records["count"] == 1
    kept = records["requests"][0]
    assert base64.b64decode(kept["body_base64"]) == body
    assert kept["method"] == "POST"
    assert kept["query"] == "token=1&token=2"
    assert kept["headers"]["x-360dialog-signature"] == "abc"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_any_method_and_path_below_the_name_is_kept(
    web: httpx.AsyncClient, method: str
) -> None:
    await web.request(method, "/receiver/acme/a/b")
    kept = (await web.get("/control/receiver/acme")).json()["requests"][0]
    assert (kept["method"], kept["path"]) == (method, "/receiver/acme/a/b")


async def test_a_receiver_fails_for_as_many_requests_as_told(web: httpx.AsyncClient) -> None:
    await behave(web, status=503, headers={"Retry-After": "7"}, body="busy", times=2)
    answers = [await web.post("/receiver/acme") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[0].text == "busy"


async def test_a_receiver_redirects(web: httpx.AsyncClient) -> None:
    await behave(web, redirect_to="http://169.254.169.254/", times=1)
    answer = await web.post("/receiver/acme")
    assert answer.status_code == 307
    assert answer.headers["location"] == "http://169.254.169.254/"


async def test_a_hanging_receiver_is_let_go_by_a_reset(web: httpx.AsyncClient) -> None:
    await behave(web, hang_seconds=3600)
    hanging = asyncio.create_task(web.post("/receiver/acme"))
    arrived = {"at_least": 1, "wait_seconds": 10}
    assert (await web.get("/control/receiver/acme", params=arrived)).json()["count"] == 1
    assert not hanging.done()
    await web.post("/control/reset")
    assert (await hanging).status_code == 200


async def test_a_reader_waits_until_enough_has_arrived(web: httpx.AsyncClient) -> None:
    query = {"at_least": 2, "wait_seconds": 10}
    waiting = asyncio.create_task(web.get("/control/receiver/acme", params=query))
    await web.post("/receiver/acme")
    await web.post("/receiver/acme")
    assert (await waiting).json()["count"] == 2


async def test_a_forgotten_receiver_begins_again(web: httpx.AsyncClient) -> None:
    await behave(web, status=500)
    await web.post("/receiver/acme")
    await web.delete("/control/receiver/acme")
    assert (await web.post("/receiver/acme")).status_code == 200
    assert (await web.get("/control/receiver/acme")).json()["count"] == 1


async def test_receivers_are_apart(web: httpx.AsyncClient) -> None:
    await behave(web, status=500)
    assert (await web.post("/receiver/beta")).status_code == 200
    names = (await web.get("/control/receiver")).json()["receivers"]
    assert [(one["name"], one["received"]) for one in names] == [("acme", 0), ("beta", 1)]


@pytest.mark.parametrize("wrong", [{"status": 99}, {"hang_seconds": -1}, {"speed": 1}])
async def test_a_wrong_behaviour_is_refused(
    web: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    answer = await web.post("/control/receiver/acme/behaviour", json=wrong)
    assert answer.status_code == 422
