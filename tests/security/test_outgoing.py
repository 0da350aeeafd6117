"""What the hub calls for its partners: the whole corpus, with every connection counted."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.errors import (
    AnswerBroken,
    NameNotFound,
    OutgoingError,
    OutgoingTimeout,
    TargetRefused,
    TlsFailed,
)
from core.gateways.asyncio_network import AsyncioNetwork
from core.ports import OutgoingAnswer
from core.public_addresses import is_public, read_address
from core.target_urls import TargetFault
from tests.support.outgoing import (
    HOST,
    CountingDial,
    Names,
    Serve,
    certificates,
    outgoing,
    seconds,
)

Json = dict[str, Any]
CORPUS: list[Json] = json.loads(
    (Path(__file__).parents[1] / "corpora" / "ssrf_urls.json").read_text(encoding="utf-8")
)
URL = f"https://{HOST}/hook"


def of(stage: str, *expected: str) -> list[Any]:
    rows = [r for r in CORPUS if r["stage"] == stage and r["expect"] in expected]
    return [pytest.param(row, id=row["id"]) for row in rows]


@pytest.fixture(params=["production", "sandbox"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("row", of("save", "block", "policy"))
def test_what_may_not_be_called_is_not_even_saved(row: Json, mode: str) -> None:
    """In both modes: what the sandbox allows beside is plain http to high ports."""
    dial = CountingDial()
    client = outgoing(dial, mode=mode)
    with pytest.raises(TargetRefused):
        client.check(row["url"])
    with pytest.raises(TargetRefused):
        client.post(row["url"], {}, b"{}")
    assert dial.dialled == []


@pytest.mark.parametrize("row", of("save", "allow"))
def test_what_may_be_called_is_saved(row: Json) -> None:
    found = outgoing(CountingDial(), Names(row["dns"])).check(row["url"])
    assert (found.is_local, found.is_found) == (False, True)


@pytest.mark.parametrize("row", [r for r in of("dial", "block") if r.values[0]["class"] == "dns"])
def test_a_name_is_not_dialled_unless_all_its_addresses_are_public(row: Json) -> None:
    dial = CountingDial()
    with pytest.raises((TargetRefused, NameNotFound)):
        outgoing(dial, Names(row["dns"])).post(row["url"], {}, b"{}")
    assert dial.dialled == []


@pytest.mark.parametrize(
    "row", [r for r in of("dial", "block") if r.values[0]["class"] == "dns-rebind"]
)
def test_a_name_that_leads_elsewhere_later_is_not_dialled(row: Json) -> None:
    dial, names = CountingDial(), Names(row["dns"])
    client = outgoing(dial, names)
    client.check(row["url"])
    with pytest.raises(TargetRefused):
        client.post(row["url"], {}, b"{}")
    assert (dial.dialled, names.asked) == ([], 2)


def test_a_look_up_that_takes_too_long_holds_up_nobody() -> None:
    release = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        release.wait(20)
        return ["93.184.216.34"]

    dial = CountingDial()
    try:
        with pytest.raises(NameNotFound):
            outgoing(dial, slow, outgoing_connect=seconds(0.05)).post(URL, {}, b"{}")
    finally:
        release.set()
    assert dial.dialled == []


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "100.64.0.1", "100.100.100.200", "127.8.8.8", "168.63.129.16"),
        *("169.254.169.254", "172.16.0.1", "192.0.0.192", "192.88.99.1", "192.168.1.1"),
        *("198.18.0.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
        *("::", "::1", "::ffff:93.184.216.34", "::93.184.216.34", "64:ff9b::5db8:d822"),
        *("64:ff9b:1::1", "100::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:5db8:d822::1"),
        *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"),
    ],
)
def test_no_address_but_of_the_public_internet_is_public(address: str) -> None:
    assert not is_public(read_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_addresses_of_the_public_internet_are(address: str) -> None:
    assert is_public(read_address(address))


def test_the_sandbox_calls_this_machine_by_name_and_says_so() -> None:
    client = outgoing(CountingDial(), Names([["::1", "127.0.0.1"]]), mode="sandbox")
    assert client.check("http://localhost:9999/x").is_local
    with pytest.raises(TargetRefused) as refused:
        client.check("https://hooks.partner-ok.com/x")  # its name leads here as well
    assert refused.value.about["why"] == TargetFault.NOT_PUBLIC


def test_a_name_of_this_machine_that_leads_into_the_network_is_refused() -> None:
    client = outgoing(CountingDial(), Names([["10.0.0.7"]]), mode="sandbox")
    with pytest.raises(TargetRefused):
        client.check("http://localhost:9999/x")


def test_production_calls_this_machine_by_no_name() -> None:
    with pytest.raises(TargetRefused) as refused:
        outgoing(CountingDial()).check("http://localhost:9999/x")
    assert refused.value.about["why"] == TargetFault.NOT_HTTPS


@asynccontextmanager
async def serving(answer: Serve, *, host: str = HOST, days: int = 1) -> AsyncIterator[CountingDial]:
    """A TLS server of this machine; yields a dial that leads to it."""
    own, _ = certificates(host, days=days)
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=own) as server:
        yield CountingDial(server.sockets[0].getsockname()[1])


async def call(dial: CountingDial, trusted: ssl.SSLContext, **limits: Any) -> OutgoingAnswer:
    line = outgoing(dial, certificates=trusted, **limits).line()
    try:
        return await line.post(URL, {"X-Own": "1"}, b'{"id": 1}')
    finally:
        await line.close()


def saying(*lines: str, body: bytes = b"") -> Serve:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'{"id": 1}')
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    return answer


@pytest.mark.parametrize(
    "row", [r for r in of("response", "block") if r.values[0]["class"] == "redirect"]
)
async def test_a_redirect_is_an_answer_that_nobody_follows(row: Json) -> None:
    told = row["redirect_to"]
    answer = saying(
        f"HTTP/1.1 {told['status']} Moved", f"Location: {told['location']}", "Content-Length: 0"
    )
    async with serving(answer) as dial:
        got = await call(dial, certificates()[1])
    assert (got.status, got.is_receipt, len(dial.dialled)) == (told["status"], False, 1)


async def test_an_endless_body_is_read_for_64_kib() -> None:
    """S183"""
    cut = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'{"id": 1}')
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        except OSError:
            cut.set()

    async with serving(endless) as dial:
        got = await call(dial, certificates()[1])
        await asyncio.wait_for(cut.wait(), 5)
    assert (got.status, len(got.body)) == (200, 64 * 1024)


async def test_who_never_stops_talking_is_cut_off_at_once_even_with_a_full_buffer() -> None:
    """Found by a run in which the buffer was full when the call had read enough."""
    cut = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        except OSError:
            cut.set()

    own, trusted = certificates()
    async with await asyncio.start_server(endless, "127.0.0.1", 0, ssl=own) as server:
        port = server.sockets[0].getsockname()[1]
        stream = await AsyncioNetwork().connect_tcp("127.0.0.1", port)
        await stream.start_tls(trusted, HOST)
        await stream.write(b"?")
        await stream.read(1024)
        await stream.aclose()
        await asyncio.wait_for(cut.wait(), 10)


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n", b""])
async def test_a_slow_answer_ends_at_the_total_time_whatever_trickles(begun: bytes) -> None:
    """S185, S187: the time is for all of it, not for each read."""

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'{"id": 1}')
        writer.write(begun)
        hung_up = asyncio.ensure_future(reader.read())
        while not (await asyncio.wait([hung_up], timeout=0.02))[0]:
            writer.write(b"x" if begun else b"")
        writer.close()

    async with serving(trickle) as dial:
        with pytest.raises(OutgoingTimeout) as raised:
            await call(dial, certificates()[1], outgoing_total=seconds(0.2))
    assert raised.value.about["seconds"] < 2


@pytest.mark.parametrize(
    ("host", "days", "is_trusted"),
    [(HOST, 1, False), ("other.partner-ok.com", 1, True), (HOST, -1, True)],
    ids=["self signed", "wrong host", "expired"],
)
async def test_a_certificate_is_believed_only_when_it_is_good(
    host: str, days: int, is_trusted: bool
) -> None:
    """S189"""
    trusted = certificates(host, days=days)[1] if is_trusted else ssl.create_default_context()
    async with serving(saying("HTTP/1.1 200 OK"), host=host, days=days) as dial:
        with pytest.raises(TlsFailed):
            await call(dial, trusted)


@pytest.mark.parametrize(
    "lines", [("HTTP/1.0 200 OK", "Content-Length: 90"), ("", ""), ("SSH-2.0-x",)]
)
async def test_an_answer_that_ends_too_early_is_none(lines: tuple[str, ...]) -> None:
    """S191"""
    async with serving(saying(*lines, body=b"half")) as dial:
        with pytest.raises(AnswerBroken):
            await call(dial, certificates()[1])


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", str(Path(__file__)))


@pytest.mark.usefixtures("proxied")
async def test_variables_of_the_environment_change_nothing() -> None:
    """S193, S195"""
    async with serving(saying("HTTP/1.1 200 OK", "Content-Length: 0")) as dial:
        assert (await call(dial, certificates()[1])).status == 200
        with pytest.raises(TlsFailed):  # the bundled authorities are in force
            await call(dial, httpx.create_ssl_context(trust_env=False))
    assert {address for address, _ in dial.dialled} == {"93.184.216.34"}


async def test_what_goes_out_is_what_was_saved_byte_for_byte() -> None:
    seen: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"{}"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async with serving(listen) as dial:
        line = outgoing(dial, certificates=certificates()[1]).line()
        await line.post(f"https://{HOST}:8443/a/../b?token=a%20b&x=1&&y", {"X-Own": "v"}, b"{}")
        await line.close()
    head = seen[0].decode().split("\r\n")
    assert head[0] == "POST /a/../b?token=a%20b&x=1&&y HTTP/1.1"
    assert {f"Host: {HOST}:8443", "Accept-Encoding: identity", "X-Own: v"} <= set(head)
    assert dial.dialled == [("93.184.216.34", 8443)]


def test_nothing_of_an_error_says_where_it_went() -> None:
    with pytest.raises(OutgoingError) as raised:
        outgoing(CountingDial()).post(f"{URL}?token=secret", {"X-Key": "secret"}, b"secret")
    assert "secret" not in f"{raised.value} {raised.value.about}"
