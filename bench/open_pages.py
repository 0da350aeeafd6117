"""What one more open page costs: CPU per push and memory, beside the floor's.

The same webhooks are sent without and with open pages; the difference, by pages and pushes, is
what a page costs. Idle time is taken off, so polling elsewhere does not count as a push.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bench import processes
from bench.headless import FloorPage, HubPage, Page, opened
from bench.measure import cpu_seconds, cpu_share, memory_bytes
from bench.processes import Server
from bench.report import Line
from bench.signed import Sender, limit_body
from bench.stage import Stage

PAGES = 150  # as many of each: what a push costs once is spread over all who look
PUSHES = 20
_SECRET = "the floor's own secret"  # noqa: S105
_APART = 0.4  # seconds; slower than the pushes' rhythm, so that none are put together
_QUICK = 0.05  # with nobody looking there is nothing to put together
_IDLE_SECONDS = 4.0
_KIB = 1024


async def run(stage: Stage) -> list[Line]:
    hub, cookie = await stage.hub(), await stage.cookie()
    async with processes.module("bench.floor", stage.folder(), "page", _SECRET) as floor:
        bare = await _measured(floor, _SECRET, lambda: FloorPage(floor), PAGES, 0.02)
    ours = await _measured(hub, hub.app_secret, lambda: HubPage(hub, cookie), PAGES, _APART)
    return [
        Line(what="open page: CPU per push", ours=ours.push * 1e6, unit="µs",
             floor=bare.push * 1e6, goal=3,
             note=f"{PAGES} pages, {ours.patches:.0f} of {PUSHES} pushes came apart"),
        Line(what="open page: memory", ours=ours.memory / _KIB, unit="KiB", goal=256, counts=True,
             note=f"floor {bare.memory / _KIB:.0f} KiB; first pages ever, caches included"),
        Line(what="open page: CPU while nothing happens", ours=ours.idle * 1e6, unit="µs/s"),
        Line(what="hub: CPU per webhook with no page open", ours=ours.webhook * 1e3, unit="ms",
             floor=bare.webhook * 1e3, note="stored, applied, event, both commits"),
        Line(what="hub: CPU while nothing happens", ours=ours.alone * 100, unit="%",
             note="of one core"),
    ]  # fmt: skip


class Costs:
    """Per page and per webhook, in seconds and bytes."""

    push: float
    memory: float
    idle: float
    webhook: float
    alone: float
    patches: float


async def _measured(
    server: Server, secret: str, make: Callable[[], Page], number: int, apart: float
) -> Costs:
    costs, sender, pages = Costs(), Sender(server.port, secret), [make() for _ in range(number)]
    async with opened([make()]):
        await _posts(server, sender, 5, apart)
    await asyncio.sleep(1)
    costs.alone = await cpu_share(server.pid, _IDLE_SECONDS)
    costs.webhook = await _posts(server, sender, 4 * PUSHES, _QUICK) - costs.alone * _QUICK
    before = memory_bytes(server.pid)
    async with opened(pages):
        await asyncio.sleep(1.5)
        costs.memory = (memory_bytes(server.pid) - before) / len(pages)
        share = await cpu_share(server.pid, _IDLE_SECONDS)
        costs.idle = (share - costs.alone) / len(pages)
        seen = [page.patches for page in pages]
        with_pages = await _posts(server, sender, PUSHES, apart) - share * apart
        costs.patches = sum(p.patches - s for p, s in zip(pages, seen, strict=True)) / len(pages)
    costs.push = max(with_pages - costs.webhook, 0) / len(pages)
    sender.close()
    return costs


async def _posts(server: Server, sender: Sender, count: int, apart: float) -> float:
    """CPU seconds per post, whatever each post set off included."""
    before = cpu_seconds(server.pid)
    for number in range(count):
        await sender.post(limit_body(5_000 + number))
        await asyncio.sleep(apart)
    return (cpu_seconds(server.pid) - before) / count
