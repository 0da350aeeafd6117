"""Sums of a payer's movements, none of which looks at usage lines or at usage's ledger entries.

Usage comes from `usage_day`, which metering keeps equal to the entries of the day; everything else
is rare and has an index of its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, literal
from sqlmodel import Session, case, col, func, or_, select

from core.billing.balance.entities import UsageDay
from core.billing.balance.rules import Part, part_of
from core.billing.entities import AccountKind, EntryKind, LedgerAccount, LedgerEntry
from core.billing.ledger import Payer

# Written into the statement: an index of the other kinds is found by a constant only.
_USAGE = literal(EntryKind.USAGE.value, literal_execute=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Whose credit in which currency."""

    payer: Payer
    currency: str

    @property
    def account(self) -> str:
        return self.payer.account(AccountKind.CREDIT, self.currency)


@dataclass(frozen=True, slots=True)
class Rare:
    """One entry that is not usage; `micros` signed as the payer sees it."""

    at: datetime
    part: Part
    micros: int


def midnight(day: date) -> datetime:
    """The beginning of a UTC day."""
    return datetime.combine(day, time(), UTC)


def balance_at(session: Session, book: Book, day: date) -> int:
    """Micros available at the beginning of a day; one statement, so that it is one moment's."""
    used = select(func.coalesce(func.sum(UsageDay.micros), 0)).where(
        *usage_of(book), col(UsageDay.day) >= day
    )
    signed = case((col(LedgerEntry.credit_account) == book.account, 1), else_=-1)
    moved = select(func.coalesce(func.sum(col(LedgerEntry.micros) * signed), 0)).where(
        *_rare(book), col(LedgerEntry.at) >= midnight(day)
    )
    found: Any = select(
        LedgerAccount.balance, used.scalar_subquery(), moved.scalar_subquery()
    ).where(LedgerAccount.id == book.account)
    row = session.exec(found).first()
    return int(row[0] + row[1] - row[2]) if row else 0


def rare_between(session: Session, book: Book, start: date, end: date) -> list[Rare]:
    """Top-ups, fees, refunds and corrections of the days from `start` to before `end`."""
    columns: Any = (
        LedgerEntry.at,
        LedgerEntry.kind,
        LedgerEntry.debit_account,
        LedgerEntry.credit_account,
        LedgerEntry.micros,
    )
    found = select(*columns).where(
        *_rare(book),
        col(LedgerEntry.at) >= midnight(start),
        col(LedgerEntry.at) < midnight(end),
    )
    return [
        Rare(at, *read(book, kind, debit, credit, micros))
        for at, kind, debit, credit, micros in session.exec(found)
    ]


def read(book: Book, kind: str, debit: str, credit: str, micros: int) -> tuple[Part, int]:
    """Which part of the month an entry belongs to, and its amount as the payer sees it."""
    came_in = credit == book.account
    other = (debit if came_in else credit).split(":")[2]
    return part_of(kind, other), micros if came_in else -micros


def used_by_day(session: Session, book: Book, start: date, end: date) -> dict[date, int]:
    """Micros used on each day on which something was."""
    found = (
        select(col(UsageDay.day), func.sum(UsageDay.micros))
        .where(*usage_of(book), col(UsageDay.day) >= start, col(UsageDay.day) < end)
        .group_by(col(UsageDay.day))
    )
    sums: dict[date, int] = defaultdict(int)
    sums.update({day: int(micros) for day, micros in session.exec(found)})
    return sums


def not_usage() -> ColumnElement[bool]:
    """Top-ups, fees, refunds and corrections, by their own index."""
    return col(LedgerEntry.kind) != _USAGE


def usage_of(book: Book) -> tuple[ColumnElement[bool], ...]:
    """The payer's daily sums."""
    return (
        col(UsageDay.partner_id) == book.payer.partner_id,
        col(UsageDay.payer_client) == book.payer.client_id,
        col(UsageDay.currency) == book.currency,
    )


def _rare(book: Book) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LedgerEntry.partner_id) == book.payer.partner_id,
        not_usage(),
        or_(
            col(LedgerEntry.credit_account) == book.account,
            col(LedgerEntry.debit_account) == book.account,
        ),
    )
