"""What is told of each request: its id, and one line in the log without secrets."""

import json
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from core.request_id import current_request_id
from tests.security.rig import Browser, Rig, running

TOLD = "0123456789abcdef"


async def test_every_answer_names_its_request(visitor: Browser) -> None:
    first, second = [await visitor.hub.get("/login") for _ in range(2)]
    assert len(first.headers["x-request-id"]) == 16
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    refused = await visitor.hub.get("/login", headers={"host": "evil.example"})
    assert len(refused.headers["x-request-id"]) == 16


async def test_a_stranger_does_not_choose_the_id(visitor: Browser) -> None:
    answer = await visitor.hub.get("/login", headers={"x-request-id": TOLD})
    assert answer.headers["x-request-id"] != TOLD


@pytest.mark.parametrize(("told", "is_taken"), [(TOLD, True), ("a b", False), ("x" * 33, False)])
async def test_the_proxys_id_is_the_requests(unbuilt: Rig, told: str, is_taken: bool) -> None:
    unbuilt.settings.trusted_proxies = ["198.51.100.0/24"]
    async with running(unbuilt):
        answer = await unbuilt.browser().hub.get("/login", headers={"x-request-id": told})
    assert (answer.headers["x-request-id"] == told) is is_taken


async def test_a_request_leaves_one_line_with_its_template_and_no_address(
    rig: Rig, visitor: Browser
) -> None:
    with capture_logs() as lines:
        answer = await visitor.hub.get("/login/callback?code=secret-code&state=secret-state")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"]) == ("GET", "/login/callback")
    assert line["status"] == answer.status_code
    assert "secret" not in json.dumps(lines)


async def test_what_is_done_for_a_request_knows_its_id(rig: Rig, visitor: Browser) -> None:
    seen: list[str] = []

    @rig.app.get("/seen")
    def look() -> str:
        seen.append(current_request_id())
        seen.append(structlog.contextvars.get_contextvars()["request_id"])
        return ""

    # In front of NiceGUI's mount, which answers whatever is left.
    rig.app.router.routes.insert(0, rig.app.router.routes.pop())
    answer = await visitor.hub.get("/seen")
    assert seen == [answer.headers["x-request-id"]] * 2
    assert current_request_id() == ""


async def test_unknown_addresses_are_one_route(rig: Rig, visitor: Browser) -> None:
    """Else everybody could make the metrics grow without end."""
    lines: list[Any]
    with capture_logs() as lines:
        for path in ("/nowhere", "/nowhere/else", "/x" * 40):
            await visitor.hub.get(path)
    assert {line["route"] for line in lines if line["event"] == "request"} == {"none"}
