"""100,000 numbers of one partner: pages, sorts and searches beside a bare index seek.

The floor is the driver alone: seek in the name index, read the 50 rows there. Ours is finding and
reading the page as the service does, inside its tenant's session. The whole verb (gate, counts of
the groups, WABAs, next actions) costs the same on top wherever the page lies; it is told once.
Calls of both sides take turns; the lower quartile counts: other load only ever adds.
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from bench.measure import percentile
from bench.report import Line
from core.access import Gate, Principal
from core.accounts import queries
from core.accounts.entities import Channel, WabaAccount
from core.accounts.filters import narrowed
from core.accounts.listing import derive
from core.accounts.queries import SORTS
from core.accounts.results import ChannelQuery
from core.accounts.service import Accounts
from core.clock import SystemClock
from core.ports import Everything
from storage.changes import LocalFeed
from storage.channel_search import SqlChannelSearch
from storage.database import SqlDatabase
from storage.migrate import migrate
from tests import factories
from tests.support.accounts import PlainVault, TemplatesAtMeta
from tests.support.postgres import shared_server

CHANNELS, PER_WABA, CHUNK = 100_000, 20, 5_000
ROUNDS = 40
GOAL = 20.0  # performance.md
_PAGE = 50
_COLUMNS = "id, name, phone_number, client_name, state, quality, messaging_limit, verification"
_QUALITIES = ("GREEN",) * 8 + ("YELLOW", "RED", "")
_LIMITS = ("TIER_250", "TIER_2K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
_WORDS = ("Bakery", "Clinic", "Hotel", "Garage", "School", "Market", "Studio", "Travel", "Energy")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    name: str
    accounts: Accounts
    database: SqlDatabase
    who: Principal
    seek: Callable[[str], object]  # the floor: a page behind a name


def run() -> list[Line]:
    """Both databases; called in a thread of its own."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="bench-listing-") as folder:
        with _sqlite(Path(folder)) as world:
            lines += _measure(world)
        with _postgresql(Path(folder)) as world:
            lines += _measure(world)
    return lines


def _measure(world: World) -> list[Line]:
    chance = random.Random(7)  # noqa: S311  # the same walk every time
    places = [
        f"{chance.choice(_WORDS)} {chance.randrange(CHANNELS)}".lower() for _ in range(ROUNDS)
    ]
    deep = _deep(world)
    asked: dict[str, ChannelQuery] = {"first page": ChannelQuery()}
    asked["page 1,000"] = deep
    asked |= {f"by {sort}, falling": ChannelQuery(sort=sort, descending=True) for sort in SORTS}
    asked |= {
        "group with few": ChannelQuery(group="progress"),
        "two filters": ChannelQuery(quality="low", limit="TIER_2K"),
        "search, one hit": ChannelQuery(search="bakery 7777"),
        "search, 11,000 hits": ChannelQuery(search="clinic"),
        "search, two letters": ChannelQuery(search="cl"),
        "search, no hit": ChannelQuery(search="zzzz"),
    }
    floor, ours = _interleaved(world, places, asked)
    note = f"floor: seek and {_PAGE} rows by the driver alone"
    lines = [
        Line(what=f"listing: {what}, {world.name}", ours=took * 1000, unit="ms",
             floor=floor * 1000, goal=GOAL, note=note)
        for what, took in ours.items()
    ]  # fmt: skip
    verb = world.accounts.channels
    whole = percentile([_seconds(lambda: verb(world.who, deep)) for _ in range(ROUNDS)], 0.25)
    told = f"listing: whole verb, {world.name}"
    return [*lines, Line(what=told, ours=whole * 1000, unit="ms", floor=floor * 1000)]


def _interleaved(
    world: World, places: list[str], asked: dict[str, ChannelQuery]
) -> tuple[float, dict[str, float]]:
    floor: list[float] = []
    ours: dict[str, list[float]] = {what: [] for what in asked}
    with world.database.reading(world.who.tenant) as session:
        for place in places:
            for what, query in asked.items():
                floor.append(_seconds(lambda place=place: world.seek(place)))
                ours[what].append(_seconds(lambda query=query: _find(session, world.who, query)))
    return percentile(floor, 0.25), {w: percentile(took, 0.25) for w, took in ours.items()}


def _find(session: Session, who: Principal, query: ChannelQuery) -> None:
    partner_id, query = who.tenant.partner_id, queries.sane(query)
    found = narrowed(session, partner_id, query, SqlChannelSearch())
    queries.read(session, partner_id, query, found)


def _deep(world: World) -> ChannelQuery:
    """The query of a page far inside, as a person who kept paging would have it."""
    query = ChannelQuery(size=100)
    for _ in range(500):
        page = world.accounts.channels(world.who, query)
        query = ChannelQuery(size=100, after=page.next_cursor)
    return ChannelQuery(after=query.after)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _sqlite(folder: Path) -> Iterator[World]:
    path = folder / "hub.sqlite3"
    with _world("SQLite", f"sqlite:///{path}") as (accounts, database, who):
        # Any thread: the benchmark runs in one of its own.
        bare = sqlite3.connect(path, check_same_thread=False)
        bare.execute("ANALYZE")  # what a hub has that has been running for a while
        bare.commit()
        seek = (
            f"SELECT {_COLUMNS} FROM channel"  # noqa: S608
            " WHERE partner_id = ? AND (name_key, id) > (?, '')"
            " ORDER BY name_key, id LIMIT ?"
        )
        yield World(
            name="SQLite",
            accounts=accounts,
            database=database,
            who=who,
            seek=lambda place: bare.execute(seek, (who.partner_id, place, _PAGE)).fetchall(),
        )
        bare.close()


@contextmanager
def _postgresql(folder: Path) -> Iterator[World]:
    server = shared_server(folder=folder, owner=os.getpid())
    with server.database() as url, _world("PostgreSQL", url) as (accounts, database, who):
        with psycopg.connect(url, autocommit=True) as bare:
            bare.execute("ANALYZE")
            # Behind row-level security as the hub is: without a scope there is no row.
            bare.execute("SELECT set_config('hub.scope', 'everything', false)")
            seek = (
                f"SELECT {_COLUMNS} FROM channel"  # noqa: S608
                " WHERE partner_id = %s AND (name_key, id) > (%s, '')"
                " ORDER BY name_key, id LIMIT %s"
            )
            yield World(
                name="PostgreSQL",
                accounts=accounts,
                database=database,
                who=who,
                seek=lambda place: bare.execute(seek, (who.partner_id, place, _PAGE)).fetchall(),
            )


@contextmanager
def _world(name: str, url: str) -> Iterator[tuple[Accounts, SqlDatabase, Principal]]:
    migrate(url.replace("postgresql://", "postgresql+psycopg://"))
    database = SqlDatabase(url.replace("postgresql://", "postgresql+psycopg://"), LocalFeed())
    clock = SystemClock()
    with database.transaction(Everything(f"bench {name}")) as session:
        who = fill(session)
    meta, search = TemplatesAtMeta(), SqlChannelSearch()
    accounts = Accounts(Gate(database, clock), clock, search, meta, PlainVault())
    yield accounts, database, who
    database.close()


def fill(session: Session, count: int = CHANNELS) -> Principal:
    """One partner with so many numbers, and its owner."""
    partner = factories.make_partner(session)
    who = factories.make_principal(session, partner)
    client = factories.make_client(session, partner)
    template = factories.make_waba(session, client).model_dump()
    wabas = [
        WabaAccount(**template | {"id": f"w{n:06d}WA", "external_id": f"6{n:014d}"})
        for n in range(count // PER_WABA)
    ]
    _insert(session, WabaAccount, wabas)
    now = factories.now()
    for start in range(0, count, CHUNK):
        numbers = [_number(n, wabas[n // PER_WABA], now) for n in range(start, start + CHUNK)]
        _insert(session, Channel, numbers)
    return who


def _number(n: int, waba: WabaAccount, now: object) -> Channel:
    # Primes, so that no value goes with another.
    is_pending, quality, limit = n % 499 == 0, n * 31 // 7, n * 17 // 13
    channel = Channel(
        id=f"c{n:06d}CH",
        partner_id=waba.partner_id,
        client_id=waba.client_id,
        waba_account_id=waba.id,
        external_id=f"7{n:014d}",
        phone_number=f"49151{n * 7919 % 10**8:08d}",
        name=f"{_WORDS[n % len(_WORDS)]} {n}",
        status="ready",
        consent="pending" if is_pending else "granted",
        meta_status="FLAGGED" if n % 40 == 1 else "CONNECTED",
        quality=_QUALITIES[quality % len(_QUALITIES)],
        messaging_limit=_LIMITS[limit % len(_LIMITS)],
        created_at=now,
        modified_at=now,
    )
    derived = derive(channel, waba, None)
    for name in derived.__slots__:
        setattr(channel, name, getattr(derived, name))
    return channel


def _insert(
    session: Session, entity: type[SQLModel], rows: list[WabaAccount] | list[Channel]
) -> None:
    session.execute(insert(entity), [row.model_dump() for row in rows])
