"""Every error in the contract's body, whoever refuses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.errors import Unavailable
from tests.services.api_world import ApiWorld
from tests.support.api_door import ApiHub, Program, api_app
from tests.support.asgi import AsgiThread
from ui.api.partner.schemas.common import ErrorBody


def is_contracts(answer: httpx.Response, status: int) -> bool:
    told = answer.json()
    read = ErrorBody.model_validate(told, extra="forbid")
    assert read.meta.developer_message == read.message == read.meta.error_data.message
    assert (read.meta.success, read.meta.http_code) == (False, status)
    return answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "request_", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("PUT", "/clients", {}, 405),
        ("HEAD", "/clients", {}, 405),
        ("GET", "/clients?limit=0", {}, 400),
        ("GET", "/clients?limit=1001", {}, 400),
        ("GET", "/clients?limit=ten", {}, 400),
        ("GET", "/clients?offset=-1", {}, 400),
        ("GET", "/clients?sort=colour", {}, 400),
        ("GET", "/clients?filters=%7B%22colour%22:%22red%22%7D", {}, 400),
        ("GET", "/clients?filters=nonsense", {}, 400),
        ("GET", "/clients?filters=%5B%5D", {}, 400),
        ("GET", '/clients?filters={"id":{}}', {}, 400),
        ("PATCH", "/clients/x", {"content": b"{"}, 422),
        ("PATCH", "/clients/x", {"content": b'"a"'}, 422),
        ("PATCH", "/clients/x", {"json": {"max_channels": True}}, 422),
        ("PATCH", "/clients/x", {"json": {"max_channels": "5"}}, 422),
        ("PATCH", "/clients/x%0A", {"json": {}}, 404),
        ("PATCH", "/clients/x", {"content": b"[" * 60_000}, 422),
        ("PATCH", "/clients/x", {"content": b" " * 70_000}, 413),
        ("POST", "/channels/x/api_keys", {"headers": {"Idempotency-Key": "a" * 300}}, 400),
    ],
)
def test_an_error_has_the_contracts_body(
    program: Program, method: str, path: str, request_: dict[str, Any], status: int
) -> None:
    answer = program.ask(method, path, **request_)
    if method == "HEAD":
        assert answer.status_code == status
        return
    assert is_contracts(answer, status)


def test_an_unknown_filter_is_named(program: Program) -> None:
    told = program.get('/channels?filters={"colour":"red"}').json()
    assert "colour" in told["message"]
    assert told["meta"]["details"] == ["unknown filter: colour"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("granularity=week", "granularity is day or month"),
        ("start_date=today", "start_date is a unix time"),
    ],
)
def test_a_parameter_is_spelled_as_it_is_and_told_once(
    world: ApiWorld, program: Program, query: str, said: str
) -> None:
    client = program.get(f"/channels/{world.number()}").json()["client_id"]
    told = program.get(f"/clients/{client}/info/balance?{query}").json()
    assert (told["message"], told["meta"]["details"]) == (said, [said])


@pytest.mark.parametrize(
    ("query", "said", "detail"),
    [
        ("limit=0", "limit must be from 1 to 1000", "limit must be from 1 to 1000"),
        ("sort=colour", "Cannot sort by: colour", "cannot sort by: colour"),
    ],
)
def test_a_list_says_what_is_wrong_once(
    program: Program, query: str, said: str, detail: str
) -> None:
    told = program.get(f"/clients?{query}").json()
    assert (told["message"], told["meta"]["details"]) == (said, [detail])


def test_too_many_calls_say_when_to_come_back(world: ApiWorld, key: str) -> None:
    hub = ApiHub(world)
    hub.settings = world.room.settings.model_copy(update={"api_calls_per_minute": 2})
    wire = AsgiThread(api_app(hub))
    program = Program(wire, world.partner.id, key)
    answers = [program.get("/clients") for _ in range(3)]
    wire.close()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert is_contracts(answers[2], 429)
    assert 0 < int(answers[2].headers["retry-after"]) <= 61


class _Broken:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def page(self, *_: Any) -> None:
        raise self._error


@pytest.mark.parametrize(("error", "status"), [(Unavailable(), 503), (ZeroDivisionError(), 500)])
def test_what_breaks_tells_no_secret(
    world: ApiWorld, key: str, error: Exception, status: int
) -> None:
    hub = ApiHub(world)
    hub.partner_api = type(hub.partner_api).__new__(type(hub.partner_api))
    vars(hub.partner_api).update(vars(world.api) | {"clients": _Broken(error)})
    wire = AsgiThread(api_app(hub))
    answer = Program(wire, world.partner.id, key).get("/clients")
    wire.close()
    assert is_contracts(answer, status)
    assert "ZeroDivision" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)
