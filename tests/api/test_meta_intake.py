"""The door for Meta's webhooks, over ASGI: the whole corpus, the handshake, a database gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message

from core.errors import Unavailable
from core.integration.signatures import is_signed_by_meta, meta_signature
from core.settings import Settings
from ui.api.meta_intake import MetaIntake

SECRET = "test_app_secret"
CASES = json.loads((Path(__file__).parents[1] / "corpora" / "meta_signatures.json").read_text())


class Shelf:
    """Keeps bodies in memory, or refuses."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.gone = False

    async def store(self, body: bytes) -> None:
        if self.gone:
            raise Unavailable
        self.bodies.append(body)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def intake(shelf: Shelf) -> MetaIntake:
    settings = Settings(meta_app_secret=SECRET, meta_verify_token="open-sesame", _env_file=None)
    return MetaIntake(settings, shelf)


@pytest.fixture
def meta(intake: MetaIntake) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(intake)
    return httpx.AsyncClient(transport=transport, base_url="http://hub.test")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_the_corpus_of_signatures(
    case: dict[str, Any], meta: httpx.AsyncClient, shelf: Shelf
) -> None:
    headers = {}
    if case["header"] is not None:
        headers["X-Hub-Signature-256"] = case["header"].encode()
    answer = await meta.post("/", content=case["body"].encode(), headers=headers)
    assert answer.status_code == case["expect"]
    assert shelf.bodies == ([case["body"].encode()] if case["expect"] == 200 else [])


async def test_two_signature_headers_are_none(meta: httpx.AsyncClient, shelf: Shelf) -> None:
    good = meta_signature(SECRET, b"{}")
    headers = [("X-Hub-Signature-256", good), ("X-Hub-Signature-256", good)]
    answer = await meta.post("/", content=b"{}", headers=headers)
    assert (answer.status_code, shelf.bodies) == (401, [])


async def test_a_database_that_is_gone_never_answers_200(
    meta: httpx.AsyncClient, shelf: Shelf
) -> None:
    shelf.gone = True
    headers = {"X-Hub-Signature-256": meta_signature(SECRET, b"{}")}
    answer = await meta.post("/", content=b"{}", headers=headers)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_a_body_that_is_nested_too_deep_is_refused(meta: httpx.AsyncClient) -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    headers = {"X-Hub-Signature-256": meta_signature(SECRET, deep)}
    assert (await meta.post("/", content=deep, headers=headers)).status_code == 400


async def test_a_body_of_three_megabytes_is_taken(meta: httpx.AsyncClient, shelf: Shelf) -> None:
    large = json.dumps({"object": "x", "fill": "a" * (3 * 1024 * 1024 - 40)}).encode()
    headers = {"X-Hub-Signature-256": meta_signature(SECRET, large)}
    assert (await meta.post("/", content=large, headers=headers)).status_code == 200
    assert shelf.bodies == [large]


async def test_a_sender_that_hangs_up_is_not_taken(intake: MetaIntake, shelf: Shelf) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await intake({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert (sent[0]["status"], shelf.bodies) == (400, [])


@pytest.mark.parametrize(
    ("mode", "token", "status"),
    [
        ("subscribe", "open-sesame", 200),
        ("subscribe", "wrong", 403),
        ("subscribe", "", 403),
        ("unsubscribe", "open-sesame", 403),
    ],
)
async def test_the_handshake(meta: httpx.AsyncClient, mode: str, token: str, status: int) -> None:
    query = {"hub.mode": mode, "hub.challenge": "1158201444", "hub.verify_token": token}
    answer = await meta.get("/", params=query)
    assert answer.status_code == status
    assert (answer.text == "1158201444") == (status == 200)
    assert answer.headers["content-type"].startswith("text/plain")


async def test_other_methods_are_refused(meta: httpx.AsyncClient) -> None:
    assert (await meta.put("/", content=b"{}")).status_code == 405


def test_the_signature_is_over_the_very_bytes() -> None:
    header = meta_signature(SECRET, b'{"a": 1}').encode()
    assert is_signed_by_meta(SECRET, b'{"a": 1}', header)
    assert not is_signed_by_meta(SECRET, b'{"a":1}', header)
