"""Posts signed webhooks as fast as they are taken, over kept connections; a process of its own.

`python -m bench.load PORT SECRET COUNT CONNECTIONS` prints one JSON object. Loopback only, and it
ends after COUNT posts or a minute.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from typing import Any

import uvloop

from bench.measure import percentile
from bench.signed import request, unknown_bodies

_MOST_SECONDS = 60.0


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last is there."""

    def __init__(self, requests: deque[bytes], told: list[float], statuses: Counter[str]) -> None:
        self._requests, self._told, self._statuses = requests, told, statuses
        self._sent = 0.0
        self._received = b""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._told.append(time.perf_counter() - self._sent)
        self._statuses[head[9:12].decode()] += 1
        self._received = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _next(self) -> None:
        if not self._requests:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._requests.popleft())


def _length(head: bytes) -> int:
    start = head.lower().find(b"content-length:")
    return int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


async def run(port: int, secret: str, count: int, connections: int) -> dict[str, Any]:
    requests = deque(request(body, secret, port) for body in unknown_bodies(count))
    told: list[float] = []
    statuses: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        await loop.create_connection(
            lambda: Connection(requests, told, statuses), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    ended = asyncio.gather(*(protocol.ended for _, protocol in opened))
    await asyncio.wait_for(ended, _MOST_SECONDS)
    seconds = time.perf_counter() - started
    return {
        "count": len(told),
        "seconds": seconds,
        "p50": percentile(told, 0.5),
        "p99": percentile(told, 0.99),
        "statuses": statuses,
    }


if __name__ == "__main__":
    numbers = [int(each) for each in (sys.argv[1], *sys.argv[3:5])]
    answer = uvloop.run(run(numbers[0], sys.argv[2], numbers[1], numbers[2]))
    print(json.dumps(answer))
