"""Floods of pages, sockets, bodies and headers: refused in time, and memory stays where it is."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.security.live import Live, ends, until, wire
from tests.security.rig import Rig, running, settings_for_tests
from ui.guards.floods import Floods
from ui.guards.transports import MOST_FRAMES

MIB = 1 << 20


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
    for _ in range(3 * MOST_FRAMES):
        if own.connected:
            await own.emit("event", page.press())
    await until(lambda: not own.connected)
    assert len(live.clicks.by) <= 2 * MOST_FRAMES


@pytest.mark.parametrize(
    ("frame", "times"),
    [("3", 3 * MOST_FRAMES), ("6" + "x" * 900_000, 15)],
    ids=["pongs", "noops"],
)
async def test_what_is_no_message_counts_as_well(live: Live, frame: str, times: int) -> None:
    page = await live.page("/board", await live.signed_in())
    async with wire(live, page) as connection:
        await ends(connection, ["40", *[frame] * times])


async def test_a_frame_that_is_too_large_ends_its_socket(live: Live) -> None:
    page = await live.page("/board", await live.signed_in())
    own = await live.socket(page)
    await own.emit("event", page.press() | {"args": ["x" * 2 * MIB]})
    await until(lambda: not own.connected)
    assert live.clicks.by == []


# --- a server of its own, as in production --------------------------------------------------------

PROGRAM = """
import sys, resource
from fastapi import FastAPI, Request
from core.settings import Settings
from ui import guards
from ui.http_limits import LimitedHttp
from ui.serve import serve

port = int(sys.argv[1])
LimitedHttp.seconds = 1.0
settings = Settings(_env_file=None, mode="sandbox", port=port, oidc_client_secret="x")
app = FastAPI()
guards.install(app, settings)

@app.post("/api/v2/echo")
async def echo(request: Request) -> dict[str, int]:
    return {"received": len(await request.body())}

@app.get("/memory")
async def memory() -> dict[str, int]:
    return {"kib": int(open("/proc/self/statm").read().split()[1]) * 4}

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
    with subprocess.Popen(
        command, cwd=root, env={"PYTHONPATH": str(root)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "Ready" in process.stdout.readline()
        yield port
        process.terminate()


def memory(port: int) -> int:
    """Of the server, in KiB."""
    return httpx.get(f"http://localhost:{port}/memory").json()["kib"]  # type: ignore[no-any-return]


def answer_of(connection: socket.socket) -> bytes:
    """What comes until the server ends the connection."""
    connection.settimeout(15)
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
    # Headers without end: a megabyte each, 431 as soon as 64 KiB are there.
    for _ in range(20):
        connection = opened(server, head)
        with suppress(OSError):
            connection.sendall((b"X-Long: " + b"y" * 1000 + b"\r\n") * 1000)
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
    assert memory(server) - before < 48 * 1024
    for each in slow:
        each.close()
    assert httpx.post(url, content=b"x").json() == {"received": 1}
    assert memory(server) - before < 48 * 1024


def test_a_head_that_does_not_come_is_not_waited_for(server: int) -> None:
    begun = time.monotonic()
    silent, half = opened(server, b""), opened(server, b"GET /memory HTTP/1.1\r\nHos")
    assert answer_of(half).startswith(b"HTTP/1.1 408")
    assert answer_of(silent).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - begun < 12
