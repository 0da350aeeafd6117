"""Delivered messages through the whole hub for a while: posted, rated, in the ledger, on a page.

One hub (web and worker in one process) with PostgreSQL that flushes to disk takes Meta's largest
batches over a few connections, first with an empty ledger, then with a million messages in it. A
page of the balance is open all the time, and somebody opens pages meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from bench import processes
from bench.headless import HubPage, opened
from bench.intake import durable_postgres
from bench.measure import cpu_seconds, memory_bytes, percentile, until
from bench.processes import Server
from bench.report import Line
from bench.signed import CHANNEL, Sender
from bench.stage import Stage, sign_in
from core.demo.world import ACME
from tests.support.statuses import messages, status

STATUSES, BODIES, WARM, CONNECTIONS = 1_000, 40, 6, 4
HELD = 1_000_000
_CATEGORIES = ("marketing", "utility", "authentication", "service")
_RECIPIENTS = ("4915112345678", "447911123456", "5511912345678", "34612345678", "12125550123")
_BALANCE, _PAGE = "/billing/balance", "/accounts"
_SECONDS = 240.0
_MIB = 1024 * 1024

Books = psycopg.Connection[tuple[Any, ...]]

# Free lines, so that the books agree without entries; references are not checked row by row.
_FILL = """
    SET session_replication_role = replica;
    INSERT INTO message_usage (partner_id, charge_key, wamid, channel_id, client_id, at, month,
        market, category, free, policy, card, tier, markup, currency, micros, entry_key)
    SELECT partner_id, 'held.' || n, 'held.' || n, id, client_id, now() - n * interval '1 second',
        '2026-10', 'Germany', 'marketing', 'entry_point', 'PMP-2026-10', '', 0, 0, 'EUR', 0, ''
    FROM channel CROSS JOIN generate_series(1, {held}) AS n WHERE external_id = %s;
"""


@dataclass(slots=True)
class Told:
    """What was seen while messages came."""

    rate: float = 0.0
    cpu: float = 0.0  # of the hub, per message, in seconds
    grown: float = 0.0  # bytes of the hub from the first third to the end
    pushes: int = 0
    late: float = 0.0  # seconds from the last message in the ledger to the last push
    pages: list[float] = field(default_factory=list)
    page_balance: float = 0.0  # seconds for the page of the balance, when all is done


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes messages, who looks on, and where the truth is read."""

    hub: Server
    cookie: str
    page: HubPage
    books: Books


async def run(stage: Stage) -> list[Line]:
    url = durable_postgres(stage)
    async with processes.hub(stage.folder(), database_url=url) as hub:
        cookie = await sign_in(await stage.browser(), hub)
        page = HubPage(hub, cookie, _BALANCE)
        books = psycopg.connect(url.replace("hub:hub@", "postgres:postgres@"), autocommit=True)
        scene = Scene(hub, cookie, page, books)
        async with opened([page]):
            await _taken(scene, "warm", WARM)
            empty = await _taken(scene, "empty", BODIES)
            await asyncio.to_thread(_fill, books)
            held = await _taken(scene, "held", BODIES)
        books.close()
    return [*_lines("an empty ledger", empty), *_lines("a million held", held, empty)]


def _lines(name: str, told: Told, before: Told | None = None) -> list[Line]:
    pages, median = told.pages, percentile(told.pages, 0.5) * 1000
    return [
        Line(what=f"sustained, {name}: messages", ours=told.rate, unit="/s", goal=5_000,
             at_least=True, note=f"{BODIES} posts of {STATUSES}, PostgreSQL flushes"),
        Line(what=f"sustained, {name}: CPU of the hub per message", ours=told.cpu * 1e6, unit="µs",
             floor=before.cpu * 1e6 if before else None, goal=2 if before else None,
             note="floor: empty" if before else "pages and pushes included"),
        Line(what=f"sustained, {name}: hub's memory grew", ours=told.grown / _MIB, unit="MiB",
             goal=64, counts=True, note="from the first third to the end"),
        Line(what=f"sustained, {name}: page meanwhile, p50", ours=median, unit="ms", goal=1_000,
             note=f"N={len(pages)}, longest {max(pages, default=0) * 1000:.0f} ms"),
        Line(what=f"sustained, {name}: last push behind the ledger", ours=told.late * 1000,
             unit="ms", goal=1_000, note=f"{told.pushes} frames to the open balance"),
        Line(what=f"sustained, {name}: page of the balance", ours=told.page_balance * 1000,
             unit="ms", floor=before.page_balance * 1000 if before else None,
             goal=2 if before else None, note="floor: empty" if before else ""),
    ]  # fmt: skip


async def _taken(scene: Scene, name: str, count: int) -> Told:
    hub, cookie, page, books = scene.hub, scene.cookie, scene.page, scene.books
    told, waiting = Told(), deque(_bodies(name, count))
    senders = [Sender(hub.port, hub.app_secret) for _ in range(CONNECTIONS)]
    looking = asyncio.create_task(_look(hub, cookie, told.pages))
    cpu, frames, started = cpu_seconds(hub.pid), page.received, time.perf_counter()
    posting = asyncio.gather(*(_post(sender, waiting) for sender in senders))
    await until(lambda: _holds(books, name, count // 3), "a third", seconds=_SECONDS)
    early = memory_bytes(hub.pid)
    await posting
    await until(lambda: _holds(books, name, count), "the last message", seconds=_SECONDS)
    ended = time.perf_counter()
    told.rate = count * STATUSES / (ended - started)
    told.cpu = (cpu_seconds(hub.pid) - cpu) / (count * STATUSES)
    told.grown = memory_bytes(hub.pid) - early
    told.late = await _last_push(page, ended)
    told.pushes = page.received - frames
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    told.page_balance = percentile([await _get(hub, cookie, _BALANCE) for _ in range(5)], 0.5)
    for sender in senders:
        sender.close()
    return told


async def _post(sender: Sender, waiting: deque[bytes]) -> None:
    while waiting:
        await sender.post(waiting.popleft())


async def _look(hub: Server, cookie: str, taken: list[float]) -> None:
    """Somebody opens a page again and again."""
    while True:
        taken.append(await _get(hub, cookie, _PAGE))
        await asyncio.sleep(0.25)


async def _get(hub: Server, cookie: str, path: str) -> float:
    async with httpx.AsyncClient(timeout=60) as client:
        started = time.perf_counter()
        answer = await client.get(hub.url + path, headers={"Cookie": cookie})
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return time.perf_counter() - started


async def _last_push(page: HubPage, since: float) -> float:
    """Seconds until nothing more has come for a second."""
    seen, at = page.received, since
    while time.perf_counter() - at < 1.0:
        await asyncio.sleep(0.01)
        if page.received != seen:
            seen, at = page.received, time.perf_counter()
    return at - since


async def _holds(books: Books, name: str, bodies: int) -> bool:
    """Whether the usage of so many posts is committed; told by the last message of each."""
    last = [f"wamid.{name}.{number}.{STATUSES - 1}" for number in range(BODIES)]
    found = await asyncio.to_thread(
        lambda: books.execute(
            "SELECT count(*) FROM message_usage WHERE charge_key = ANY(%s)", (last,)
        ).fetchone()
    )
    return found is not None and found[0] >= bodies


def _bodies(name: str, count: int) -> Iterator[bytes]:
    phone_id, now = ACME.meta_id(2, CHANNEL.number), int(time.time())
    for number in range(count):
        told = [
            status(
                f"wamid.{name}.{number}.{n}",
                category=_CATEGORIES[n % len(_CATEGORIES)],
                recipient=_RECIPIENTS[n % len(_RECIPIENTS)],
                at=now + n // 100,
            )
            for n in range(STATUSES)
        ]
        yield json.dumps(messages(phone_id, told)).encode()


def _fill(books: Books) -> None:
    phone_id = ACME.meta_id(2, CHANNEL.number)
    switch, insert = _FILL.format(held=HELD).split(";")[:2]
    books.execute(switch)
    books.execute(insert, (phone_id,))
    books.execute("SET session_replication_role = DEFAULT")
    books.execute("ANALYZE message_usage")
