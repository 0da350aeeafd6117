"""The bulk statements of metering: one per table and batch, rows handed over as one JSON text.

They need a scope of everything; inside a tenant's scope the fence refuses them. The first statement
of a batch locks its counts, so that two workers never count on the same one at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlmodel import Session, col, select

from core.billing.entities import ParkedMessage
from core.billing.ports import DAY_KEY, MeteredNumber, UsageLines
from core.events import EventType, notices_of
from core.ports import Notice
from storage.engines import is_sqlite
from storage.metered_numbers import metered_numbers

Json = dict[str, Any]

# SQLite parses each statement once per size; few sizes stay in the driver's cache.
_SIZES = (256, 64, 16, 4, 1)

# What PostgreSQL reads out of the JSON: columns by name, in the words of its types.
_SHAPE = {
    "partner_id": "text",
    "channel_id": "text",
    "client_id": "text",
    "month": "text",
    "market": "text",
    "category": "text",
    "free": "text",
    "policy": "text",
    "card": "text",
    "tier": "integer",
    "markup": "integer",
    "currency": "text",
    "micros": "bigint",
    "entry_key": "text",
}
_PARKED = {
    "partner_id": "text",
    "wamid": "text",
    "channel_id": "text",
    "reason": "text",
    "report": "json",
    "parked_at": "timestamptz",
}
_DAY = dict.fromkeys(DAY_KEY, "text") | {"day": "date", "messages": "bigint", "micros": "bigint"}
_COUNT = {"key": "text", "messages": "bigint"}

_LINE = ("charge_key", "wamid", "at", *_SHAPE)
# Each shape is told once, messages as lists side by side: a quarter of the work of whole rows.
# In one order everywhere, so that two workers never deadlock.
_WRITE_USAGE = text(
    f"INSERT INTO message_usage ({', '.join(_LINE)})"  # noqa: S608
    f" SELECT charge_key, wamid, to_timestamp(CAST(at AS bigint)), {', '.join(_SHAPE)}"
    " FROM ROWS FROM (json_array_elements_text(CAST(:keys AS json)),"
    " json_array_elements_text(CAST(:wamids AS json)),"
    " json_array_elements_text(CAST(:times AS json)),"
    " json_array_elements_text(CAST(:numbers AS json))) AS message (charge_key, wamid, at, number)"
    " JOIN json_to_recordset(CAST(:shapes AS json)) AS shape"
    f" (shape integer, {', '.join(f'{name} {kind}' for name, kind in _SHAPE.items())})"
    ' ON shape = CAST(number AS integer) ORDER BY charge_key COLLATE "C"'
    " ON CONFLICT (charge_key) DO NOTHING RETURNING charge_key"
)
_WRITE_USAGE_ON_SQLITE = (
    f"INSERT INTO message_usage ({', '.join(_LINE)})"  # noqa: S608
    f" VALUES ({', '.join('?' * len(_LINE))})"
)


class SqlUsageBook:
    """`core.billing.ports.UsageBook` on SQLite and PostgreSQL."""

    def numbers(self, session: Session, phone_ids: Collection[str]) -> dict[str, MeteredNumber]:
        """By Meta's phone number id; those that the hub does not know are missing."""
        return metered_numbers(session, phone_ids)

    def hold_counts(self, session: Session, keys: Collection[str]) -> dict[str, int]:
        """Messages counted so far; the rows stay locked until the commit."""
        if not keys:
            return {}
        # One order everywhere, so that nobody deadlocks; the update changes nothing but locks.
        lines = [{"key": key, "messages": 0} for key in sorted(keys)]
        hold = "ON CONFLICT (key) DO UPDATE SET messages = usage_count.messages"
        found = _run(session, "usage_count", _COUNT, lines, f"{hold} RETURNING key, messages")
        return {key: messages for key, messages in found}

    def charged(self, session: Session, charge_keys: Collection[str]) -> set[str]:
        """Which of these have a usage line."""
        found = text(
            f"SELECT charge_key FROM message_usage WHERE {_among(session, 'charge_key')}"  # noqa: S608
        )
        return set(session.execute(found, {"keys": _as_json(sorted(charge_keys))}).scalars())

    def write_usage(self, session: Session, groups: Sequence[UsageLines]) -> set[str]:
        """Charge keys of the lines that are new; only for these may money move."""
        if _on_sqlite(session):
            return self._write_usage_on_sqlite(session, groups)
        shapes = [group.shape | {"shape": number} for number, group in enumerate(groups)]
        told = [(*one, number) for number, group in enumerate(groups) for one in group.messages]
        keys, wamids, times, numbers = zip(*told, strict=True)
        lines = {"keys": keys, "wamids": wamids, "times": times, "numbers": numbers}
        written = session.execute(
            _WRITE_USAGE,
            {name: _as_json(some) for name, some in (lines | {"shapes": shapes}).items()},
        )
        return set(written.scalars())

    def _write_usage_on_sqlite(self, session: Session, groups: Sequence[UsageLines]) -> set[str]:
        """There is one writer: what was not charged a moment ago is not charged now."""
        keys = {key for group in groups for key, _, _ in group.messages}
        new = keys - self.charged(session, keys)
        rows = [
            (key, wamid, _at_on_sqlite(at), *shape)
            for group in groups
            for shape in [tuple(group.shape[name] for name in _SHAPE)]
            for key, wamid, at in group.messages
            if key in new
        ]
        if rows:
            session.connection().exec_driver_sql(_WRITE_USAGE_ON_SQLITE, rows)
        return new

    def add_counts(self, session: Session, counted: Mapping[str, int]) -> None:
        """Count further; the keys are held."""
        if counted:
            lines = [{"key": key, "messages": number} for key, number in sorted(counted.items())]
            add = "ON CONFLICT (key) DO UPDATE SET messages ="
            add += " usage_count.messages + excluded.messages"
            _run(session, "usage_count", _COUNT, lines, add)

    def add_days(self, session: Session, rows: Sequence[Json]) -> None:
        """Add to the sums; rows come in one order everywhere, so that nobody deadlocks."""
        if rows:
            add = f"ON CONFLICT ({', '.join(DAY_KEY)}) DO UPDATE SET"
            add += " messages = usage_day.messages + excluded.messages,"
            add += " micros = usage_day.micros + excluded.micros"
            _run(session, "usage_day", _DAY, rows, add)
            notices_of(session).extend(_of_free_ones(rows))

    def park(self, session: Session, rows: Sequence[Json]) -> None:
        """Keep what cannot be rated; a better reason replaces "no price was told"."""
        if rows:
            keep = (
                "ON CONFLICT (wamid) DO UPDATE SET reason = excluded.reason,"
                " report = excluded.report WHERE excluded.reason <> 'no_pricing'"
            )
            lines = sorted(rows, key=lambda row: str(row["wamid"]))
            _run(session, str(ParkedMessage.__tablename__), _PARKED, lines, keep)

    def unpark(self, session: Session, wamids: Collection[str]) -> None:
        """They have been charged."""
        if wamids:
            gone = text(f"DELETE FROM parked_message WHERE {_among(session, 'wamid')}")  # noqa: S608
            session.execute(gone, {"keys": _as_json(sorted(wamids))})

    def parked(self, session: Session, after: int, most: int) -> list[tuple[int, Json]]:
        """Ids and reports of parked messages behind the id `after`, the oldest first."""
        found = select(ParkedMessage).where(col(ParkedMessage.id) > after)
        rows = session.exec(found.order_by(col(ParkedMessage.id)).limit(most))
        return [(row.id or 0, row.report) for row in rows]


def _of_free_ones(rows: Sequence[Json]) -> list[Notice]:
    """For open pages, which count free messages too: they move no balance, so no event tells."""
    micros: dict[str, int] = {}
    for row in rows:
        micros[row["partner_id"]] = micros.get(row["partner_id"], 0) + row["micros"]
    type_ = EventType.BALANCE_CHANGED.value
    return [Notice(id_, type_, "credit", id_) for id_, cost in sorted(micros.items()) if not cost]


def _run(
    session: Session, table: str, columns: Mapping[str, str], rows: Sequence[Json], then: str
) -> list[Any]:
    """Insert all rows with one statement (SQLite: few), in their order; what they return."""
    if _on_sqlite(session):
        return _run_on_sqlite(session, table, columns, rows, then)
    insert = _insert(table, tuple(columns.items()), then)
    done = session.execute(insert, {"rows": _as_json(rows)})
    return list(done) if done.returns_rows else []  # type: ignore[attr-defined]


@cache
def _insert(table: str, columns: tuple[tuple[str, str], ...], then: str) -> TextClause:
    names = ", ".join(name for name, _ in columns)
    typed = ", ".join(f"{name} {kind}" for name, kind in columns)
    source = f"SELECT {names} FROM json_to_recordset(CAST(:rows AS json)) AS r ({typed})"  # noqa: S608
    return text(f"INSERT INTO {table} ({names}) {source} {then}")


def _run_on_sqlite(
    session: Session, table: str, columns: Mapping[str, str], rows: Sequence[Json], then: str
) -> list[Any]:
    """Rows as parameters: half the time of reading them out of JSON in SQL."""
    returned: list[Any] = []
    connection, left, names = session.connection(), rows, tuple(columns)
    while left:
        size = next(size for size in _SIZES if size <= len(left))
        values = tuple(_as_sqlite(row[name]) for row in left[:size] for name in names)
        done = connection.exec_driver_sql(_values(table, names, size, then), values)
        if done.returns_rows:
            returned += done
        left = left[size:]
    return returned


@cache
def _values(table: str, names: tuple[str, ...], size: int, then: str) -> str:
    row = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * size)} {then}"  # noqa: S608


def _as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _among(session: Session, column: str) -> str:
    """A condition on a list of texts in `:keys`, of any length in one parameter."""
    if _on_sqlite(session):
        return f"{column} IN (SELECT value FROM json_each(:keys))"  # noqa: S608
    return f"{column} IN (SELECT json_array_elements_text(CAST(:keys AS json)))"


@lru_cache(maxsize=1_000)  # thousands of messages share a second
def _at_on_sqlite(at: int) -> str:
    return str(_as_sqlite(datetime.fromtimestamp(at, UTC)))


def _as_sqlite(value: Any) -> Any:
    """As the columns keep it: times are texts without a zone, in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return json.dumps(value) if isinstance(value, dict) else value


def _on_sqlite(session: Session) -> bool:
    return is_sqlite(session.get_bind())  # type: ignore[arg-type]
