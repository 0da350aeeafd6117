"""A payer's ledger entries in pages, and the usage lines behind each: where a figure comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from core.billing.balance.ports import Numbers
from core.billing.balance.results import (
    EntryTrace,
    ParkedPage,
    ParkedRow,
    StatementEntry,
    StatementPage,
    UsageLine,
)
from core.billing.balance.sums import Book, midnight, not_usage, read
from core.billing.entities import LedgerEntry, MessageUsage, ParkedMessage
from core.csv_cells import line
from core.errors import NotFound
from core.money import MICROS, Money

HEADER = ("Time (UTC)", "Kind", "In", "Out", "Currency", "Key", "Reverses", "Policy", "Rate card")
_COUNTED_TO = 10_000


def page(
    session: Session,
    book: Book,
    start: date,
    end: date,
    *,
    cursor: str = "",
    limit: int = 100,
    but_usage: bool = False,
) -> StatementPage:
    """Entries of the days from `start` to before `end`, newest first; `but_usage` leaves out those
    that only sum up messages.

    Each side of the account has an index; the newest of both sides make the page.
    """
    within = [col(LedgerEntry.at) >= midnight(start), col(LedgerEntry.at) < midnight(end)]
    if but_usage:
        within.append(not_usage())
    if (place := place_of(cursor)) is not None:
        within.append(_before(*place))
    rows: list[LedgerEntry] = []
    for side in (LedgerEntry.debit_account, LedgerEntry.credit_account):
        found = select(LedgerEntry).where(
            LedgerEntry.partner_id == book.payer.partner_id, side == book.account, *within
        )
        newest = found.order_by(col(LedgerEntry.at).desc(), col(LedgerEntry.id).desc())
        rows += session.exec(newest.limit(limit + 1))
    rows.sort(key=lambda row: (row.at, row.id or 0), reverse=True)
    last = rows[limit - 1] if len(rows) > limit else None
    return StatementPage(
        month=f"{start:%Y-%m}",
        entries=tuple(seen(book, row) for row in rows[:limit]),
        next=f"{last.at.isoformat()}|{last.id}" if last else "",
    )


def csv_lines(entries: Iterable[StatementEntry]) -> Iterator[str]:
    """One record each; in and out are both positive, with all six decimals: they sum up exactly."""
    for entry in entries:
        yield line(
            (
                f"{entry.at:%Y-%m-%d %H:%M:%S}",
                entry.kind,
                units(entry.amount) if entry.amount.micros > 0 else "",
                units(-entry.amount) if entry.amount.micros < 0 else "",
                entry.amount.currency,
                entry.key,
                entry.reverses,
                str(entry.about.get("policy", "")),
                str(entry.about.get("card", "")),
            )
        )


def units(amount: Money) -> str:
    """`12.345600` of a positive amount."""
    whole, rest = divmod(amount.micros, MICROS)
    return f"{whole}.{rest:06}"


def trace(
    session: Session, book: Book, key: str, numbers: Numbers, *, after: int = 0, limit: int = 100
) -> EntryTrace:
    """The entry and the messages it sums up; raises NotFound for one of another account."""
    entry = session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).first()
    if entry is None or book.account not in (entry.debit_account, entry.credit_account):
        raise NotFound(key=key)
    # What takes an entry back is explained by that entry's messages.
    told = entry.reverses or entry.key
    found = select(MessageUsage).where(MessageUsage.entry_key == told, col(MessageUsage.id) > after)
    rows = session.exec(found.order_by(col(MessageUsage.id)).limit(limit + 1)).all()
    shown = rows[:limit]
    partner_id = book.payer.partner_id
    clients = numbers.clients(session, partner_id, {row.client_id for row in shown})
    channels = numbers.channels(session, partner_id, {row.channel_id for row in shown})
    return EntryTrace(
        entry=seen(book, entry),
        lines=tuple(usage_line(row, clients, channels) for row in shown),
        next=(shown[-1].id or 0) if len(rows) > limit else 0,
    )


def parked(
    session: Session, partner_id: str, numbers: Numbers, before: int = 0, limit: int = 100
) -> ParkedPage:
    """Messages that could not be rated, newest first."""
    mine = ParkedMessage.partner_id == partner_id
    found = select(ParkedMessage).where(mine)
    if before:
        found = found.where(col(ParkedMessage.id) < before)
    rows = session.exec(found.order_by(col(ParkedMessage.id).desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    channels = numbers.channels(session, partner_id, {row.channel_id for row in shown})
    reasons = session.exec(select(ParkedMessage.reason).where(mine).limit(_COUNTED_TO)).all()
    return ParkedPage(
        rows=tuple(_parked_row(row, channels) for row in shown),
        counts={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        counted_to=_COUNTED_TO,
        next=(shown[-1].id or 0) if len(rows) > limit else 0,
    )


def place_of(cursor: str) -> tuple[datetime, int] | None:
    """None for anything that is not a cursor: it only moves the reader in his own entries."""
    at, _, row_id = cursor.partition("|")
    if not (row_id.isascii() and row_id.isdigit() and len(row_id) <= len("9" * 18)):
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, int(row_id)) if moment.tzinfo else None


def _before(at: datetime, row_id: int) -> ColumnElement[bool]:
    # The first condition is what the index is entered by.
    earlier = or_(col(LedgerEntry.at) < at, col(LedgerEntry.id) < row_id)
    return and_(col(LedgerEntry.at) <= at, earlier)


def seen(book: Book, row: LedgerEntry) -> StatementEntry:
    """The entry as the book's payer sees it."""
    part, micros = read(book, row.kind, row.debit_account, row.credit_account, row.micros)
    return StatementEntry(
        key=row.key,
        at=row.at,
        kind=row.kind,
        part=part.value,
        amount=Money(micros, row.currency),
        reverses=row.reverses or "",
        about=row.about,
    )


def usage_line(row: MessageUsage, clients: dict[str, str], channels: dict[str, str]) -> UsageLine:
    """One message as its payer sees it; names by id."""
    return UsageLine(
        id=row.id or 0,
        wamid=row.wamid,
        at=row.at,
        number=channels.get(row.channel_id, row.channel_id),
        client=clients.get(row.client_id, row.client_id),
        market=row.market,
        category=row.category,
        free=row.free,
        policy=row.policy,
        card=row.card,
        tier=row.tier,
        markup=row.markup,
        amount=Money(row.micros, row.currency),
        entry=row.entry_key,
    )


def _parked_row(row: ParkedMessage, channels: dict[str, str]) -> ParkedRow:
    report: dict[str, Any] = row.report
    return ParkedRow(
        id=row.id or 0,
        wamid=row.wamid,
        number=channels.get(row.channel_id, row.channel_id),
        reason=row.reason,
        category=str(report.get("category", "")),
        parked_at=row.parked_at,
    )
