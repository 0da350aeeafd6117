"""Messages per second from a signed webhook into the ledger, beside the bare insert of their rows.

One thread does all of it: signature, durable intake, translation, rating, usage, entry, balance,
and the queue's mark. The floor writes the same usage rows and nothing else: executemany on SQLite,
COPY on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterable
from typing import Any

import psycopg
from sqlmodel import select

from bench.measure import percentile
from bench.report import Line
from bench.stage import Stage
from core.billing.entities import MessageUsage
from core.clock import SystemClock
from core.integration.inbound import Inbound
from core.integration.signatures import is_signed_by_meta, meta_signature
from core.ports import Everything
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.intake import IntakeWriter
from storage.migrate import migrate
from tests.services.metering_world import PHONE, SISTER, World, build
from tests.support.postgres import shared_server
from tests.support.statuses import messages, status

BODIES, STATUSES = 40, 500  # Meta sends up to a thousand in one call
_SECRET = "the application's secret"  # noqa: S105
_ALL = Everything("bench")
_MIX = ("marketing", "utility", "authentication", "service")


async def run(stage: Stage) -> list[Line]:
    folder = stage.folder()
    server = shared_server(folder, os.getpid())
    urls = {
        "SQLite": f"sqlite:///{folder / 'metering.sqlite3'}",
        "PostgreSQL": server.url(server.create()),
    }
    lines = []
    for name, url in urls.items():
        lines.append(await asyncio.to_thread(_measured, name, url))
    return lines


def _measured(name: str, url: str) -> Line:
    migrate(url)
    database = SqlDatabase(url, LocalFeed(), threads=4)
    world = build(database, SystemClock())
    _through(world, _bodies("warm", 2))
    seconds = _through(world, _bodies("told", BODIES))
    world.agree()
    rows = _rows(database)
    floor = STATUSES / _bare(database, url, rows)
    database.close()
    ours = 2 * STATUSES / seconds
    return Line(
        what=f"messages into the ledger, {name}",
        ours=ours,
        unit="/s",
        floor=floor,
        goal=0.4,
        at_least=True,
        note=f"bodies of {STATUSES} statuses; goal on two cores: 5,000/s",
    )


def _through(world: World, posts: list[tuple[bytes, bytes]]) -> float:
    """Seconds for a pair of posts, from the signature to the last commit.

    The lower quartile, here and of the floor: other load only ever adds.
    """
    unused: Any = None
    inbound = Inbound(world.database, world.clock, unused, unused, metering=world.metering)
    writer = IntakeWriter(world.database.writer, world.clock, LocalFeed())
    writer.start()
    took = []
    with asyncio.Runner() as loop:
        for pair in zip(posts[::2], posts[1::2], strict=True):
            started = time.perf_counter()
            loop.run(_stored(writer, pair))
            while inbound.work_off(is_told=True):
                pass
            took.append(time.perf_counter() - started)
    writer.stop()
    return percentile(took, 0.25)


async def _stored(writer: IntakeWriter, posts: Iterable[tuple[bytes, bytes]]) -> None:
    """Two at a time, as under load: what comes while a batch is applied makes up the next."""
    for body, signature in posts:
        assert is_signed_by_meta(_SECRET, body, signature)
    await asyncio.gather(*(writer.store(body) for body, _ in posts))


def _bodies(name: str, count: int) -> list[tuple[bytes, bytes]]:
    posts = []
    for number in range(count):
        told = [
            status(f"wamid.{name}.{number}.{n}", category=_MIX[n % len(_MIX)], at=int(time.time()))
            for n in range(STATUSES)
        ]
        body = json.dumps(messages((PHONE, SISTER)[number % 2], told)).encode()
        posts.append((body, meta_signature(_SECRET, body).encode()))
    return posts


def _rows(database: SqlDatabase) -> list[dict[str, Any]]:
    """The usage rows once more, as new ones."""
    with database.reading(_ALL) as session:
        rows = [line.model_dump(exclude={"id"}) for line in session.exec(select(MessageUsage))]
    return [row | {"charge_key": f"again.{row['charge_key']}"} for row in rows]


def _bare(database: SqlDatabase, url: str, rows: list[dict[str, Any]]) -> float:
    """Seconds for a batch of the same rows with its commit, and nothing else."""
    batches = [rows[start : start + STATUSES] for start in range(0, len(rows), STATUSES)]
    batches = [batch for batch in batches if len(batch) == STATUSES]
    return _copy(url, batches) if url.startswith("postgresql") else _many(database, batches)


def _many(database: SqlDatabase, batches: Iterable[list[dict[str, Any]]]) -> float:
    table = MessageUsage.__table__  # type: ignore[attr-defined]
    names = [c.name for c in table.columns if c.name != "id"]
    questions = ", ".join("?" * len(names))
    statement = f"INSERT INTO message_usage ({', '.join(names)}) VALUES ({questions})"  # noqa: S608
    told = [[_plain(row, names) for row in batch] for batch in batches]
    took = []
    for batch in told:
        started = time.perf_counter()
        with database.writer.begin() as connection:
            raw: Any = connection.connection.cursor()
            raw.executemany(statement, batch)
        took.append(time.perf_counter() - started)
    return percentile(took, 0.25)


def _plain(row: dict[str, Any], names: list[str]) -> tuple[Any, ...]:
    return tuple(f"{row[n]:%F %T.%f}" if n == "at" else row[n] for n in names)


def _copy(url: str, batches: Iterable[list[dict[str, Any]]]) -> float:
    took = []
    # COPY does not go under row-level security, so the floor works as the superuser.
    with psycopg.connect(url.replace("hub:hub@", "postgres:postgres@")) as connection:
        for batch in batches:
            started = time.perf_counter()
            names = list(batch[0])
            copy_ = f"COPY message_usage ({', '.join(names)}) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(copy_.encode()) as copy:
                for row in batch:
                    copy.write_row([row[n] for n in names])
            connection.commit()
            took.append(time.perf_counter() - started)
    return percentile(took, 0.25)
