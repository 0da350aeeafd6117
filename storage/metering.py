"""The bulk statements of metering: one per table and batch, rows handed over as one JSON text.

They need a scope of everything; inside a tenant's scope the fence refuses them. The first statement
of a batch locks its counts, so that two workers never count on the same one at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlmodel import Session, col, select

from core.accounts.entities import Channel, WabaAccount
from core.billing.balance.entities import PartnerMarkup
from core.billing.entities import MessageUsage, ParkedMessage
from core.billing.ledger import Payer
from core.billing.markups import Markup
from core.billing.ports import DAY_KEY, MeteredNumber
from core.billing.rating import Sender
from core.partners.entities import BillingModel, Partner
from storage.engines import is_sqlite

Json = dict[str, Any]

# SQLite parses each statement once per size; few sizes stay in the driver's cache.
_SIZES = (256, 64, 16, 4, 1)

# What PostgreSQL reads out of the JSON: columns by name, in the words of its types.
_USAGE = {
    "partner_id": "text",
    "charge_key": "text",
    "wamid": "text",
    "channel_id": "text",
    "client_id": "text",
    "at": "timestamptz",
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


class SqlUsageBook:
    """`core.billing.ports.UsageBook` on SQLite and PostgreSQL."""

    def numbers(self, session: Session, phone_ids: Collection[str]) -> dict[str, MeteredNumber]:
        """By Meta's phone number id; those that the hub does not know are missing."""
        found = (
            select(Channel, WabaAccount, Partner)
            .join(WabaAccount, col(WabaAccount.id) == Channel.waba_account_id)
            .join(Partner, col(Partner.id) == Channel.partner_id)
            .where(col(Channel.external_id).in_(sorted(phone_ids)))
        )
        rows = session.exec(found).all()
        markups = _markups(session, {partner.id for _, _, partner in rows})
        return {
            str(channel.external_id): _metered(channel, waba, partner, markups)
            for channel, waba, partner in rows
        }

    def hold_counts(self, session: Session, keys: Collection[str]) -> dict[str, int]:
        """Messages counted so far; the rows stay locked until the commit."""
        if not keys:
            return {}
        ordered = sorted(keys)  # one order everywhere, so that nobody deadlocks
        lines = [{"key": key, "messages": 0} for key in ordered]
        _run(session, "usage_count", _COUNT, lines, "ON CONFLICT (key) DO NOTHING")
        lock = "" if _on_sqlite(session) else " FOR UPDATE"
        counts = text(
            f"SELECT key, messages FROM usage_count WHERE {_among(session, 'key')}"  # noqa: S608
            f" ORDER BY key{lock}"
        )
        found = session.execute(counts, {"keys": json.dumps(ordered)})
        return {key: messages for key, messages in found}

    def charged(self, session: Session, charge_keys: Collection[str]) -> set[str]:
        """Which of these have a usage line."""
        found = text(
            f"SELECT charge_key FROM message_usage WHERE {_among(session, 'charge_key')}"  # noqa: S608
        )
        keys = json.dumps(sorted(charge_keys))
        return set(session.execute(found, {"keys": keys}).scalars())

    def write_usage(self, session: Session, lines: Sequence[Json]) -> set[str]:
        """Charge keys of the lines that are new; only for these may money move."""
        refuse = "ON CONFLICT (charge_key) DO NOTHING RETURNING charge_key"
        return _run(session, str(MessageUsage.__tablename__), _USAGE, lines, refuse)

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
            session.execute(gone, {"keys": json.dumps(sorted(wamids))})

    def parked(self, session: Session, after: int, most: int) -> list[tuple[int, Json]]:
        """Ids and reports of parked messages behind the id `after`, the oldest first."""
        found = select(ParkedMessage).where(col(ParkedMessage.id) > after)
        rows = session.exec(found.order_by(col(ParkedMessage.id)).limit(most))
        return [(row.id or 0, row.report) for row in rows]


def _markups(session: Session, partner_ids: Collection[str]) -> dict[str, tuple[Markup, ...]]:
    found = select(PartnerMarkup).where(col(PartnerMarkup.partner_id).in_(partner_ids))
    markups: dict[str, tuple[Markup, ...]] = {}
    for row in session.exec(found):
        known = markups.get(row.partner_id, ())
        markups[row.partner_id] = (*known, Markup(row.effective_from, row.hundredths))
    return markups


def _metered(
    channel: Channel,
    waba: WabaAccount,
    partner: Partner,
    markups: Mapping[str, tuple[Markup, ...]],
) -> MeteredNumber:
    is_direct = partner.billing_model == BillingModel.DIRECT_PAID
    return MeteredNumber(
        channel_id=channel.id,
        client_id=channel.client_id,
        payer=Payer(partner_id=partner.id, client_id=channel.client_id if is_direct else ""),
        sender=Sender(
            channel=channel.id,
            # A WABA whose portfolio Meta has not told yet counts by itself.
            portfolio=waba.owner_business_id or f"waba-{waba.external_id}",
            timezone_id=waba.timezone_id,
            currency=partner.currency,
            markups=markups.get(partner.id, ()),
        ),
    )


def _run(
    session: Session, table: str, columns: Mapping[str, str], rows: Sequence[Json], then: str
) -> set[str]:
    """Insert all rows with one statement (SQLite: few); what they return, as a set."""
    if _on_sqlite(session):
        return _run_on_sqlite(session, table, columns, rows, then)
    insert = _insert(table, tuple(columns.items()), then)
    done = session.execute(insert, {"rows": orjson.dumps(rows).decode()})
    return set(done.scalars()) if done.returns_rows else set()  # type: ignore[attr-defined]


@cache
def _insert(table: str, columns: tuple[tuple[str, str], ...], then: str) -> TextClause:
    names = ", ".join(name for name, _ in columns)
    typed = ", ".join(f"{name} {kind}" for name, kind in columns)
    source = f"SELECT {names} FROM json_to_recordset(CAST(:rows AS json)) AS r ({typed})"  # noqa: S608
    return text(f"INSERT INTO {table} ({names}) {source} {then}")


def _run_on_sqlite(
    session: Session, table: str, columns: Mapping[str, str], rows: Sequence[Json], then: str
) -> set[str]:
    """Rows as parameters: half the time of reading them out of JSON in SQL."""
    returned: set[str] = set()
    connection, left, names = session.connection(), rows, tuple(columns)
    while left:
        size = next(size for size in _SIZES if size <= len(left))
        values = tuple(_as_sqlite(row[name]) for row in left[:size] for name in names)
        done = connection.exec_driver_sql(_values(table, names, size, then), values)
        if done.returns_rows:
            returned.update(done.scalars())
        left = left[size:]
    return returned


@cache
def _values(table: str, names: tuple[str, ...], size: int, then: str) -> str:
    row = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * size)} {then}"  # noqa: S608


def _among(session: Session, column: str) -> str:
    """A condition on a list of texts in `:keys`, of any length in one parameter."""
    if _on_sqlite(session):
        return f"{column} IN (SELECT value FROM json_each(:keys))"  # noqa: S608
    return f"{column} IN (SELECT json_array_elements_text(CAST(:keys AS json)))"


def _as_sqlite(value: Any) -> Any:
    """As the columns keep it: times are texts without a zone, in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return json.dumps(value) if isinstance(value, dict) else value


def _on_sqlite(session: Session) -> bool:
    return is_sqlite(session.get_bind())  # type: ignore[arg-type]
