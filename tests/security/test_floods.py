"""Floods of pages, sockets, bodies and headers: refused in time, and memory stays where it is."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.security.live import PATIENCE_SECONDS, Live, ends, until, wire
from tests.security.register import WITHOUT
from tests.security.rig import Rig, running, settings_for_tests
from ui.guards.floods import Floods
from ui.guards.transports import MOST_FRAMES

MIB = 1 << 20
# Heads of 4 MB each, and what the server may hold for them and all else, in KiB.
HEADS, MOST_MORE = 60, 48 * 1024


async def test_one_address_opens_only_so_many_pages(unbuilt: Rig) -> None:
    unbuilt.settings = settings_for_tests(public_pages_per_minute=3)
    async with running(unbuilt) as rig:
        browser = rig.browser()
        answers = [await browser.hub.get("/nowhere") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [404] * 3 + [429] * 2
        assert answers[-1].headers["retry-after"] == "60"
        # A cookie that was made up opens some more, and not without end.
        browser.hub.cookies.set("__Host-hub", "x" * 43, domain="hub.test", path="/")
        made_up = [(await browser.hub.get("/nowhere")).status_code for _ in range(16)]
        assert made_up == [404] * 15 + [429]
        assert (await browser.hub.post("/webhooks/meta", content=b"x")).status_code == 200


async def test_one_address_has_only_so_many_requests_and_sockets_open() -> None:
    settings = settings_for_tests(requests_at_once_per_address=2, sockets_per_address=1)
    waiting, statuses = asyncio.Event(), list[int]()

    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await waiting.wait()

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        statuses.append(message.get("status") or message.get("code") or 0)

    def asked(kind: str, address: str = "198.51.100.7") -> asyncio.Task[None]:
        scope = {
            "type": kind,
            "method": "POST",
            "path": "/x",
            "headers": [],
            "client": (address, 1),
        }
        return asyncio.ensure_future(floods(scope, receive, send))

    floods = Floods(slow, settings)
    open_ones = [asked("http"), asked("http"), asked("websocket"), asked("http", "203.0.113.5")]
    refused = [asked("http"), asked("websocket")]
    await asyncio.gather(*refused)
    assert statuses == [429, 0, 1008]
    waiting.set()
    await asyncio.gather(*open_ones)
    await asked("http")  # there is room again
    assert len(statuses) == 3


async def test_a_socket_that_sends_without_end_is_ended(live: Live) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    frame, begun = page.press(), asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while own.connected:
            await own.emit("event", frame)
            await asyncio.sleep(0)
    seconds = asyncio.get_running_loop().time() - begun
    assert 0 < len(live.clicks.by) <= MOST_FRAMES * (seconds + 2)


@pytest.mark.parametrize(
    "frames", [repeat("3"), ["6" + "x" * 900_000] * 15], ids=["pongs", "noops"]
)
async def test_what_is_no_message_counts_as_well(live: Live, frames: Iterable[str]) -> None:
    page = await live.page("/board", await live.signed_in())
    async with wire(live, page) as connection:
        await ends(connection, chain(["40"], frames))


async def test_a_frame_that_is_too_large_ends_its_socket(live: Live) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    await own.emit("event", page.press() | {"args": ["x" * 2 * MIB]})
    await until(lambda: not own.connected)
    assert live.clicks.by == []


# --- a server of its own, as in production --------------------------------------------------------

PROGRAM = """
import os, resource, sys
from fastapi import FastAPI, Request
from core.settings import Settings
from ui import guards
from ui.http_limits import LimitedHttp
from ui.serve import serve

port = int(sys.argv[1])
LimitedHttp.seconds = 3.0
if "TEST_WITHOUT_GUARD" in os.environ:
    from tests.security.flood_guards import FLOODS
    for guard in FLOODS:
        if guard.name == os.environ["TEST_WITHOUT_GUARD"]:
            guard.switch_off()
settings = Settings(_env_file=None, mode="sandbox", port=port, oidc_client_secret="x")
app = FastAPI()
guards.install(app, settings)

@app.post("/api/v2/echo")
async def echo(request: Request) -> dict[str, int]:
    return {"received": len(await request.body())}

@app.get("/memory")
async def memory() -> dict[str, int]:
    return {"kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}

serve(app, settings)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = tmp_path_factory.mktemp("server") / "program.py"
    program.write_text(PROGRAM)
    root = Path(__file__).parents[2]
    command = [sys.executable, str(program), str(port)]
    without = {WITHOUT: os.environ[WITHOUT]} if WITHOUT in os.environ else {}
    environment = {"PYTHONPATH": str(root), **without}
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "Ready" in process.stdout.readline()
        yield port
        process.terminate()


def memory(port: int) -> int:
    """The most that the server has had so far, in KiB."""
    return httpx.get(f"http://localhost:{port}/memory").json()["kib"]  # type: ignore[no-any-return]


def answer_of(connection: socket.socket) -> bytes:
    """What comes until the server ends the connection."""
    connection.settimeout(PATIENCE_SECONDS)
    taken = b""
    with connection:
        while chunk := _received(connection):
            taken += chunk
    return taken


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def opened(port: int, begun: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(begun)
    return connection


def test_floods_of_headers_and_bodies_leave_memory_where_it_is(server: int) -> None:
    head = f"POST /api/v2/echo HTTP/1.1\r\nHost: localhost:{server}\r\n".encode()
    for _ in range(20):  # what a first use loads is no flood
        httpx.post(f"http://localhost:{server}/api/v2/echo", content=b"x" * 60_000)
    before = memory(server)
    # Headers without end: 431 as soon as 64 KiB are there, and the rest is not kept.
    endless = []
    for _ in range(HEADS):
        endless.append(opened(server, head))
        with suppress(OSError):
            for _ in range(4):
                endless[-1].sendall((b"X-Long: " + b"y" * 1000 + b"\r\n") * 1000)
    assert memory(server) - before < MOST_MORE
    for connection in endless:
        assert answer_of(connection)[:12] in (b"HTTP/1.1 431", b"")
    # Bodies that are too large: announced, and streamed without saying so.
    url = f"http://localhost:{server}/api/v2/echo"
    assert httpx.post(url, content=b"x" * 200_000).status_code == 413
    chunks = (b"x" * 60_000 for _ in range(200))
    with suppress(httpx.TransportError):  # refused while it was still sending
        assert httpx.post(url, content=chunks).status_code == 413
    # Hundreds of bodies that never come.
    slow = [
        opened(server, head + b"Content-Length: 60000\r\n\r\n" + b"x" * 30_000) for _ in range(300)
    ]
    assert memory(server) - before < MOST_MORE
    for each in slow:
        each.close()
    assert httpx.post(url, content=b"x").json() == {"received": 1}
    assert memory(server) - before < MOST_MORE


def test_a_head_that_does_not_come_is_not_waited_for(server: int) -> None:
    silent, half = opened(server, b""), opened(server, b"GET /memory HTTP/1.1\r\nHos")
    assert answer_of(half).startswith(b"HTTP/1.1 408")
    assert answer_of(silent).startswith(b"HTTP/1.1 408")
