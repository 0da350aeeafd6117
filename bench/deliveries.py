"""Webhooks per second through the drains, beside bare httpx that posts the same bodies.

Both post to the same receivers, four connections and one client for each endpoint. Then fifty
endpoints of which sixteen misbehave: what that costs the good ones.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import insert, select
from sqlmodel import col

from bench import processes
from bench.measure import percentile, until
from bench.partner_servers import BAD
from bench.report import Line
from bench.stage import Stage
from core.access import Principal
from core.clock import SystemClock
from core.columns import new_key
from core.integration.outbound.entities import Delivery
from core.integration.outbound.examples import CHANNEL
from core.integration.outbound.fanout import QUEUED, body_of, delivery_row
from core.integration.outbound.happened import Told
from core.ports import Everything, Notice
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.migrate import migrate
from tests.services.webhooks_world import WebhooksWorld, webhooks_world
from tests.support.postgres import shared_server
from tests.support.receivers import Receivers

ENDPOINTS, EACH, ROUNDS = 8, 250, 2
GOOD, MISBEHAVING, TOLD, BETWEEN = 34, 16, 12, 0.75
CONNECTIONS = 4
_ALL = Everything("bench")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where receivers are, in the words of the tests' world."""

    port: int

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


async def run(stage: Stage) -> list[Line]:
    folder = stage.folder()
    server = shared_server(folder, os.getpid())
    urls = {
        "SQLite": f"sqlite:///{folder / 'deliveries.sqlite3'}",
        "PostgreSQL": server.url(server.create()),
    }
    lines: list[Line] = []
    async with processes.module("bench.partner_servers", folder) as partners:
        for name, url in urls.items():
            world = await asyncio.to_thread(_world, url, partners.port)
            lines.append(await _through(name, world))
            lines += await _beside_bad_ones(name, world)
            world.database.close()  # type: ignore[attr-defined]
    return lines


def _world(url: str, port: int) -> WebhooksWorld:
    migrate(url)
    feed = LocalFeed()
    database = SqlDatabase(url, feed, threads=8)
    place: Receivers = _Place(port)  # type: ignore[assignment]
    return webhooks_world(database, SystemClock(), feed, place)


async def _through(name: str, world: WebhooksWorld) -> Line:
    ids = await asyncio.to_thread(_endpoints, world, [f"ok/{i}" for i in range(ENDPOINTS)])
    await _drained(world, ids, 20)
    ours, bare = 0.0, 0.0
    for _ in range(ROUNDS):
        bare = max(bare, await _bare(world))
        ours = max(ours, ENDPOINTS * EACH / await _drained(world, ids, EACH))
    await asyncio.to_thread(_remove, world, world.owner, ids)
    return Line(
        what=f"deliveries: webhooks per second, {name}", ours=ours, unit="/s", floor=bare,
        goal=0.5, at_least=True, note="floor: httpx alone; ours are kept, signed, logged",
    )  # fmt: skip


async def _beside_bad_ones(name: str, world: WebhooksWorld) -> list[Line]:
    """p95 of what the good ones take, alone and beside sixteen that do not behave."""
    good = await asyncio.to_thread(_endpoints, world, [f"ok/{i}" for i in range(GOOD)])
    alone = await _p95(world, good, [])
    names = [f"{BAD[i % len(BAD)]}/{i}" for i in range(MISBEHAVING)]
    bad = await asyncio.to_thread(_endpoints, world, names)
    beside = await _p95(world, good, bad)
    await asyncio.to_thread(_remove, world, world.owner, [*good, *bad])
    return [
        Line(what=f"deliveries: p95 beside 16 bad endpoints of 50, {name}", ours=beside * 1000,
             unit="ms", floor=alone * 1000, goal=1.5, note="floor: without the bad ones"),
        Line(what=f"deliveries: p95 beside 16 bad endpoints of 50, {name}", ours=beside,
             unit="s", goal=2, note=f"an event for all of them every {BETWEEN} s, {TOLD} times"),
    ]  # fmt: skip


async def _p95(world: WebhooksWorld, good: Sequence[str], bad: Sequence[str]) -> float:
    since = world.clock.now()
    with world.draining():
        for _ in range(TOLD):
            await asyncio.to_thread(_queue, world, [*good, *bad], 1)
            world.feed.publish([Notice(world.partner.id, QUEUED, "webhook_endpoint", "")])
            await asyncio.sleep(BETWEEN)
        await until(lambda: _is_done(world, good), "the good ones")
    taken = await asyncio.to_thread(_taken, world, good, since)
    return percentile([(closed - made).total_seconds() for made, closed in taken], 0.95)


def _taken(world: WebhooksWorld, ids: Sequence[str], since: datetime) -> Sequence[Any]:
    """When each was made, and when it was taken."""
    times = select(col(Delivery.created_at), col(Delivery.closed_at)).where(
        col(Delivery.endpoint_id).in_(ids), col(Delivery.created_at) >= since
    )
    with world.database.reading(_ALL) as session:
        return session.execute(times).all()


async def _drained(world: WebhooksWorld, ids: Sequence[str], each: int) -> float:
    """Seconds from the start of the drain until everything is taken and written down."""
    await asyncio.to_thread(_queue, world, ids, each)
    started = time.perf_counter()
    with world.draining():
        await until(lambda: _is_done(world, ids), "deliveries", seconds=120, pause=0.02)
        return time.perf_counter() - started


async def _is_done(world: WebhooksWorld, ids: Sequence[str]) -> bool:
    def look() -> bool:
        open_ = select(col(Delivery.id)).where(
            col(Delivery.endpoint_id).in_(ids), col(Delivery.state).in_(["waiting", "retrying"])
        )
        with world.database.reading(_ALL) as session:
            return session.execute(open_.limit(1)).first() is None

    return await asyncio.to_thread(look)


async def _bare(world: WebhooksWorld) -> float:
    """Posts per second of httpx, one client and four connections for each endpoint."""
    bodies = [_body() for _ in range(EACH)]
    started = time.perf_counter()
    await asyncio.gather(
        *(_post_all(world.receivers.url(f"ok/{i}"), bodies) for i in range(ENDPOINTS))
    )
    return ENDPOINTS * EACH / (time.perf_counter() - started)


async def _post_all(url: str, bodies: Sequence[bytes]) -> None:
    left = iter(bodies)
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def post() -> None:
            for body in left:
                answer = await client.post(
                    url, content=body, headers={"Content-Type": "application/json"}
                )
                assert answer.is_success

        await asyncio.gather(*(post() for _ in range(CONNECTIONS)))


def _body() -> bytes:
    return body_of(new_key(), "channel_live", CHANNEL)


def _endpoints(world: WebhooksWorld, names: Sequence[str]) -> list[str]:
    return [world.endpoint(name) for name in names]


def _remove(world: WebhooksWorld, owner: Principal, ids: Sequence[str]) -> None:
    remove: Callable[[Principal, str], None] = world.webhooks.delete_endpoint
    for endpoint_id in ids:
        remove(owner, endpoint_id)


def _queue(world: WebhooksWorld, ids: Sequence[str], each: int) -> None:
    """As the fan-out makes them, each of another number."""
    rows = []
    for endpoint_id in ids:
        for number in range(each):
            key, told = new_key(), Told(event="channel_live", data=CHANNEL, lane=f"lane{number}")
            body = body_of(key, told.event, told.data)
            partner, now = world.partner.id, world.clock.now()
            rows.append(delivery_row(partner, endpoint_id, told, key, body, now))
    with world.database.transaction(_ALL) as session:
        session.execute(insert(Delivery), rows)
