"""Pages of the balance with a million messages in 100,000 ledger entries, beside a thousand.

The figures of the small ledger are the floor: what a page reads must not grow with what was sent.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median

from sqlalchemy import insert, text, update
from sqlmodel import col, func, select

from bench.report import Line
from bench.stage import Stage
from core.access import Gate, Principal
from core.billing.balance.entities import UsageDay
from core.billing.balance.service import Balances
from core.billing.entities import AccountKind, EntryKind, LedgerAccount, LedgerEntry
from core.billing.ledger import Ledger, Payer
from core.clock import FixedClock
from core.money import Money
from core.partners.entities import Partner
from core.ports import Everything
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.migrate import migrate
from storage.numbers import SqlNumbers
from tests.factories import make_principal
from tests.services.metering_world import World, build
from tests.support.postgres import shared_server

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = "2026-11"
SMALL, LARGE = 400, 100_000  # entries of ten messages each
_MESSAGES = 10
_MICROS = 50_000  # of a message
_ROUNDS = 15
_CHUNK = 5_000  # entries in one transaction of filling
_ALL = Everything("bench")
_CATEGORIES = ("marketing", "utility", "authentication", "service")
_MARKETS = ("Germany", "Brazil", "United Kingdom", "Spain", "France")

_LINES = text(
    "INSERT INTO message_usage (partner_id, charge_key, wamid, channel_id, client_id, at, month,"
    " market, category, free, policy, card, tier, markup, currency, micros, entry_key)"
    " SELECT partner_id, key || ':' || n, key || ':' || n, :channel, :client, at, '2026-11',"
    " 'Germany', 'marketing', '', 'bench', 'bench', 1, 0, currency, :micros, key"
    " FROM ledger_entry CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2"
    " UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6"
    " UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS numbers"
    " WHERE kind = 'usage' AND id > :known"
)

Page = Callable[[Balances, Principal], object]


async def run(stage: Stage) -> list[Line]:
    folder = stage.folder()
    server = shared_server(folder, os.getpid())
    lines = []
    for name in ("SQLite", "PostgreSQL"):
        times = []
        for entries in (SMALL, LARGE):
            on_sqlite = f"sqlite:///{folder / f'balance{entries}.sqlite3'}"
            url = on_sqlite if name == "SQLite" else server.url(server.create())
            times.append(await asyncio.to_thread(_measured, url, entries))
        small, large = times
        lines += [
            Line(
                what=f"balance, {what}, {name}",
                ours=large[what],
                unit="ms",
                floor=small[what],
                goal=2.0,
                note=f"{LARGE * _MESSAGES:,} messages beside {SMALL * _MESSAGES:,}",
            )
            for what in large
        ]
    return lines


def _measured(url: str, entries: int) -> dict[str, float]:
    """Milliseconds of each page, the median of some."""
    migrate(url)
    database, clock = SqlDatabase(url, LocalFeed(), threads=4), FixedClock(NOW)
    world = build(database, clock)
    _fill(world, entries)
    with database.transaction(_ALL) as session:
        owner = make_principal(session, session.get_one(Partner, world.partner_id), clock=clock)
    balances = Balances(Gate(database, clock), clock, SqlNumbers(), world.watch)
    times = {what: _median(page, balances, owner) for what, page in _pages(entries).items()}
    database.close()
    return times


def _pages(entries: int) -> dict[str, Page]:
    middle = f"{_at(entries // 2, entries).isoformat()}|{entries // 2}"
    first, behind = date(2026, 11, 1), date(2026, 12, 1)
    return {
        "credit and runway": lambda b, who: b.credit(who),
        "month": lambda b, who: b.movements(who, MONTH),
        "chart and tables": lambda b, who: b.spend(who, first, behind),
        "statement, first page": lambda b, who: b.statement(who, MONTH),
        "statement, in the middle": lambda b, who: b.statement(who, MONTH, middle),
        "one entry traced": lambda b, who: b.entry(who, f"usage:bench:{entries // 2}"),
    }


def _median(page: Page, balances: Balances, owner: Principal) -> float:
    taken = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        page(balances, owner)
        taken.append(time.perf_counter() - started)
    return median(taken[2:]) * 1000


def _at(number: int, entries: int) -> datetime:
    """Spread evenly over the month so far."""
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=21) * number / entries


def _fill(world: World, entries: int) -> None:
    payer = Payer(partner_id=world.partner_id)
    credit, usage = (payer.account(k, "EUR") for k in (AccountKind.CREDIT, AccountKind.USAGE))
    spent = entries * _MESSAGES * _MICROS
    with world.database.transaction(_ALL) as session:
        ledger = Ledger(session, FixedClock(_at(0, 1)))
        ledger.top_up(payer, Money(2 * spent, "EUR"), "top")
        ledger.spend(payer, Money(_MICROS, "EUR"), "first")
        session.add(
            LedgerAccount(
                id=usage, partner_id=payer.partner_id, kind=AccountKind.USAGE.value, currency="EUR"
            )
        )
        session.flush()
        rows = [
            {
                "partner_id": payer.partner_id,
                "key": f"usage:bench:{number}",
                "kind": EntryKind.USAGE.value,
                "debit_account": credit,
                "credit_account": usage,
                "currency": "EUR",
                "micros": _MESSAGES * _MICROS,
                "at": _at(number, entries),
                "about": {"policy": "bench", "card": "bench"},
            }
            for number in range(entries)
        ]
        moved = update(LedgerAccount).where(col(LedgerAccount.id) == credit)
        session.execute(moved.values(balance=LedgerAccount.balance - spent))
        session.execute(insert(UsageDay), _days(world, rows))
    about = {"channel": world.channel_id, "client": world.client_id, "micros": _MICROS}
    for start in range(0, entries, _CHUNK):
        with world.database.transaction(_ALL) as session:
            known = session.exec(select(func.max(LedgerEntry.id))).one()
            session.execute(insert(LedgerEntry), rows[start : start + _CHUNK])
            session.execute(_LINES, about | {"known": known})
    with world.database.writer.begin() as connection:
        connection.execute(text("ANALYZE"))


def _days(world: World, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """As many sums as a busy partner has: by day, category and market."""
    by_day: dict[date, int] = {}
    for row in rows:
        at = row["at"]
        assert isinstance(at, datetime)
        by_day[at.date()] = by_day.get(at.date(), 0) + _MESSAGES
    places = [(category, market) for category in _CATEGORIES for market in _MARKETS]
    return [
        {
            "partner_id": world.partner_id,
            "payer_client": "",
            "day": day,
            "channel_id": world.channel_id,
            "client_id": world.client_id,
            "category": category,
            "market": market,
            "free": "",
            "currency": "EUR",
            "messages": messages // len(places),
            "micros": messages // len(places) * _MICROS,
        }
        for day, messages in by_day.items()
        for category, market in places
    ]
