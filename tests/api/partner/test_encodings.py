"""Filters arrive fully encoded, half encoded and raw; asked over a real socket."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from tests.services.api_world import ApiWorld
from tests.support.api_door import ApiHub, api_app
from tests.support.served import served
from ui.api.partner.queries import list_query
from ui.raw_targets import straightened

NAME = "Green & Valley, 100% {organic}"
FILTERS = {"setup_info.phone_name": NAME, "status": "ready"}


@pytest.fixture
def port(world: ApiWorld) -> Iterator[int]:
    with served(api_app(ApiHub(world))) as port:
        yield port


def ask(port: int, parts: list[bytes]) -> tuple[int, Any]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            wire.sendall(part)
        answer = b""
        while more := wire.recv(65_536):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


RAW = json.dumps(FILTERS)
ENCODED = {
    "full": quote(RAW, safe=""),
    "plus": quote_plus(RAW),
    "braces raw": quote(RAW, safe='{}":,.'),
    "blanks raw": quote(RAW, safe='{}":,. '),
    "quotes encoded": quote(RAW, safe="{}:,. "),
    "all raw but percent": RAW.replace("%", "%25"),
}


@pytest.mark.parametrize("how", ENCODED)
def test_filters_are_read_however_they_are_encoded(
    world: ApiWorld, key: str, port: int, how: str
) -> None:
    number = world.number(name=NAME)
    world.number(name="Green")
    path = f"/api/v2/partners/{world.partner.id}/channels?limit=5&filters={ENCODED[how]}&sort=-"
    request = (
        f"GET {path} HTTP/1.1\r\nHost: hub.test\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
    ).encode()
    middle = request.index(b"filters") + 20  # in two packets, as a slow line brings it
    for parts in ([request], [request[:middle], request[middle:]]):
        status, told = ask(port, parts)
        assert status == 200, told
        assert [item["id"] for item in told["partner_channels"]] == [number]
        assert (told["filters"], told["sort"], told["limit"]) == (FILTERS, ["-"], 5)


UMLAUT = "Bäckerei Köln + Söhne"


@pytest.mark.parametrize(
    "filters",
    [
        f'{{"setup_info.phone_name":"{UMLAUT}"}}',
        f"{{%22setup_info.phone_name%22:%22{UMLAUT}%22}}",
        quote(f'{{"setup_info.phone_name": "{UMLAUT}"}}', safe='{}":+'),
    ],
)
def test_umlauts_and_pluses_may_be_written_as_they_are(
    world: ApiWorld, key: str, port: int, filters: str
) -> None:
    number = world.number(name=UMLAUT)
    path = f"/api/v2/partners/{world.partner.id}/channels?filters={filters}&limit=5"
    head = f"GET {path} HTTP/1.1\r\nHost: hub.test\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n"
    status, told = ask(port, [head.encode()])
    assert status == 200, told
    assert [item["id"] for item in told["partner_channels"]] == [number]


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ('{"a":"+49155"}', "+49155"),
        ("%7B%22a%22:%22+49155%22%7D", "+49155"),
        ("%7B%22a%22:%22jana+wa@x.example%22%7D", "jana+wa@x.example"),
        ("%7B%22a%22:%22A+%2B+B%22%7D", "A + B"),
        ('{"a":+"A+B"}', "A+B"),
        ("%7B%22a%22%3A+%22A+B%22%7D", "A B"),
    ],
)
def test_a_plus_is_a_blank_only_where_a_forms_encoder_wrote_it(query: str, value: str) -> None:
    assert list_query(f"filters={query}".encode()).filters == {"a": value}


@pytest.mark.parametrize(
    "line",
    [
        b"GET /login?next=a b HTTP/1.1\r\n",
        b"GET /api/v2/partners/x HTTP/1.1\r\n",
        b"GET /api/v2/partners/x?a=b HTTP/1.1\r\nHost: a b\r\n",
        b"GET /api/v2/partners/a b/clients?x=1 HTTP/1.1\r\n",
        b"GET /api/v2/partners?a b HTTP/2.0\r\n",
    ],
)
def test_nothing_but_blanks_in_queries_of_the_api_is_mended(line: bytes) -> None:
    assert straightened(line) == line


values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(st.dictionaries(st.text("abc._", min_size=1, max_size=9), values, max_size=4))
def test_whatever_is_filtered_by_comes_out_as_it_went_in(filters: dict[str, str]) -> None:
    text = json.dumps(filters, ensure_ascii=False)
    for encoded in (quote(text, safe=""), quote_plus(text), quote(text, safe='{}":, ')):
        query = f"offset=7&filters={encoded}&sort=id&sort=-created_at"
        read = list_query(query.encode())
        assert dict(read.filters) == filters
        assert (read.offset, read.sort) == (7, ("id", "-created_at"))


@given(st.binary(max_size=60))
def test_no_query_string_breaks_the_reading(query: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        list_query(b"filters=" + query)
