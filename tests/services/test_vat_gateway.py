"""VIES: a yes, a no, and every kind of no answer, which is never a no. On the sandbox's routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from core.errors import Unavailable
from core.gateways.vat import Vies
from core.settings import Settings
from sandbox.clock import SandboxClock
from sandbox.vies import Registers, ViesRoutes
from tests.support.asgi import AsgiThread

DE = "DE136695976"


@pytest.fixture
def registers() -> Registers:
    return Registers()


@pytest.fixture
def vies(registers: Registers) -> Iterator[Vies]:
    app = FastAPI()
    app.include_router(ViesRoutes(registers, SandboxClock()).router())
    gateway = Vies(Settings(_env_file=None), transport=AsgiThread(app))
    yield gateway
    gateway.close()


def test_the_sandboxs_registers_answer(vies: Vies, registers: Registers) -> None:
    assert vies.is_registered(DE)
    registers.unregistered = {DE}
    assert not vies.is_registered(DE)
    assert registers.asked == [DE, DE]


def test_a_state_that_is_down_says_nothing_about_the_id(vies: Vies, registers: Registers) -> None:
    registers.unavailable = {"DE"}
    with pytest.raises(Unavailable) as silent:
        vies.is_registered(DE)
    assert silent.value.about["reason"] == "MS_UNAVAILABLE"
    assert vies.is_registered("ATU57194903")


def test_an_unknown_state_has_no_ids(vies: Vies) -> None:
    assert not vies.is_registered("ZZ1")


def error(name: str) -> dict[str, Any]:
    return {"actionSucceed": False, "errorWrappers": [{"error": name}]}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=error("MS_MAX_CONCURRENT_REQ")),
        httpx.Response(500, json=error("SERVICE_UNAVAILABLE")),
        httpx.Response(200, json={"errorWrappers": ["?"]}),
        httpx.Response(200, json={"valid": "true"}),
        httpx.Response(200, json={}),
        httpx.Response(200, json=[]),
        httpx.Response(502, text="<html>"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_whatever_is_no_answer_is_unavailable(answer: httpx.Response | Exception) -> None:
    def reply(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    gateway = Vies(Settings(_env_file=None), transport=httpx.MockTransport(reply))
    with pytest.raises(Unavailable):
        gateway.is_registered(DE)


def test_production_asks_the_commission() -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url} {request.content.decode()}")
        return httpx.Response(200, json={"valid": True})

    settings = Settings(_env_file=None, mode="production")
    assert Vies(settings, transport=httpx.MockTransport(reply)).is_registered(DE)
    (told,) = asked
    assert told.startswith("https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number ")
    assert '"countryCode":"DE"' in told
    assert '"vatNumber":"136695976"' in told
