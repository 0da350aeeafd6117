"""Partners' receivers on one loopback port: each name behaves as it is told and keeps what came."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import orjson


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How a receiver answers; `hang` in *seconds* before it does."""

    status: int = 200
    headers: tuple[str, ...] = ()
    body: bytes = b"{}"
    hang: float = 0.0
    resets: bool = False  # cuts the connection instead
    trickles: float = 0.0  # seconds between the bytes of an endless body


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request."""

    target: str
    headers: dict[str, str]
    body: bytes
    at: float  # monotonic

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receivers:
    """Runs in a thread of its own; use `running()`."""

    port: int = 0
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    once: dict[str, list[Behaviour]] = field(default_factory=lambda: defaultdict(list))
    got: dict[str, list[Received]] = field(default_factory=lambda: defaultdict(list))
    most_at_once: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _at_once: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def events(self, name: str) -> list[str]:
        return [received.json["event"] for received in self.got[name]]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                await writer.drain()
        self._writers.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        received = await _read(reader)
        name = received.target.partition("?")[0].strip("/")
        self.got[name].append(received)
        self._at_once[name] += 1
        self.most_at_once[name] = max(self.most_at_once[name], self._at_once[name])
        try:
            return await self._answer(name, writer)
        finally:
            self._at_once[name] -= 1

    async def _answer(self, name: str, writer: asyncio.StreamWriter) -> bool:
        waiting = self.once[name]
        how = waiting.pop(0) if waiting else self.behaviours.get(name, Behaviour())
        if how.hang:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=how.hang)
        if how.resets:
            transport: Any = writer.transport
            transport.abort()
            return False
        head = [f"HTTP/1.1 {how.status} X", *how.headers]
        if not how.trickles:
            head.append(f"Content-Length: {len(how.body)}")
        writer.write("\r\n".join([*head, "", ""]).encode() + how.body)
        while how.trickles and not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.wait(
                [asyncio.ensure_future(asyncio.Event().wait())], timeout=how.trickles
            )
        return True


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(target=head[0].split(" ")[1], headers=headers, body=body, at=monotonic())


@contextmanager
def running() -> Iterator[Receivers]:
    """Receivers on a free port for the block."""
    receivers, ready, ending = Receivers(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def main() -> None:
        server = await asyncio.start_server(receivers.serve, "127.0.0.1", 0)
        receivers.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ending.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.wait([asyncio.ensure_future(server.wait_closed())], timeout=1)

    def work() -> None:
        loop.run_until_complete(main())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield receivers
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(5)
