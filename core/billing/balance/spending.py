"""What a payer's credit went to: months with their identity, days for the chart, tables beside."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, case, col, func, select

from core.billing.balance import sums
from core.billing.balance.entities import UsageDay
from core.billing.balance.ports import Numbers
from core.billing.balance.results import DayFigures, Movements, Share, Spend
from core.billing.balance.rules import Part
from core.billing.balance.sums import Book
from core.money import Money

# Lines of a table; the rest is summed up in one more.
_LISTED = 50

Names = Callable[[Session, str, list[str]], Mapping[str, str]]


def movements(session: Session, book: Book, start: date, end: date, numbers: Numbers) -> Movements:
    """The month's parts; the start is exact at one moment, and the end follows from the parts."""
    opening = sums.balance_at(session, book, start)
    parts: Counter[Part] = Counter()
    for entry in sums.rare_between(session, book, start, end):
        parts[entry.part] += entry.micros
    within = _within(book, start, end)
    by_category = _shares(session, book, within, UsageDay.category, _by_themselves)
    by_client = _shares(session, book, within, UsageDay.client_id, numbers.clients)
    # A usage entry that is not in the sums of its day cannot be: both are one transaction.
    used = sum(share.amount.micros for share in by_category)

    def money(micros: int) -> Money:
        return Money(micros, book.currency)

    return Movements(
        month=f"{start:%Y-%m}",
        start=money(opening),
        added=money(parts[Part.ADDED]),
        used=money(used),
        fees=money(-parts[Part.FEES]),
        refunded=money(-parts[Part.REFUNDED]),
        corrected=money(parts[Part.CORRECTED]),
        end=money(opening + parts.total() - used),
        by_category=by_category,
        by_client=by_client,
    )


def spend(
    session: Session, book: Book, start: date, end: date, numbers: Numbers, *, client_id: str = ""
) -> Spend:
    """Days from `start` to before `end`; `client_id` narrows usage to one client of the payer."""
    within = _within(book, start, end)
    if client_id:
        within = (*within, col(UsageDay.client_id) == client_id)
    days = _days(session, book, start, end, within)
    free = case((col(UsageDay.free) != "", col(UsageDay.messages)), else_=0)
    free_messages = session.exec(select(func.coalesce(func.sum(free), 0)).where(*within)).one()
    return Spend(
        start=start,
        end=end,
        messages=sum(day.messages for day in days),
        free_messages=int(free_messages),
        used=Money(sum(day.used.micros for day in days), book.currency),
        days=days,
        by_category=_shares(session, book, within, UsageDay.category, _by_themselves),
        by_client=_shares(session, book, within, UsageDay.client_id, numbers.clients),
        by_number=_shares(session, book, within, UsageDay.channel_id, numbers.channels),
        by_market=_shares(session, book, within, UsageDay.market, _by_themselves),
    )


def _within(book: Book, start: date, end: date) -> tuple[ColumnElement[bool], ...]:
    return (*sums.usage_of(book), col(UsageDay.day) >= start, col(UsageDay.day) < end)


def _days(
    session: Session, book: Book, start: date, end: date, within: tuple[ColumnElement[bool], ...]
) -> tuple[DayFigures, ...]:
    # Of all usage, whatever is shown of it: the balance is the payer's.
    used = sums.used_by_day(session, book, start, end)
    other: dict[date, int] = defaultdict(int)
    for entry in sums.rare_between(session, book, start, end):
        other[entry.at.date()] += entry.micros
    found: Any = select(
        col(UsageDay.day), func.sum(UsageDay.messages), func.sum(UsageDay.micros)
    ).where(*within)
    shown = {day: (n, m) for day, n, m in session.exec(found.group_by(col(UsageDay.day)))}
    balance = sums.balance_at(session, book, start)
    days = []
    for offset in range((end - start).days):
        day = start + timedelta(days=offset)
        balance += other[day] - used[day]
        messages, micros = shown.get(day, (0, 0))
        days.append(
            DayFigures(
                day=day,
                messages=int(messages),
                used=Money(int(micros), book.currency),
                other=Money(other[day], book.currency),
                balance=Money(balance, book.currency),
            )
        )
    return tuple(days)


def _shares(
    session: Session,
    book: Book,
    within: tuple[ColumnElement[bool], ...],
    by: Any,
    names: Names,
) -> tuple[Share, ...]:
    """The largest first; what is behind the fiftieth comes as one line without an id."""
    found = select(by, func.sum(UsageDay.messages), func.sum(UsageDay.micros)).where(*within)
    rows: list[tuple[str, int, int]] = [
        (id_, int(messages), int(micros))
        for id_, messages, micros in session.exec(found.group_by(by))
    ]
    rows.sort(key=lambda row: (-row[2], -row[1], row[0]))
    listed, rest = rows[:_LISTED], rows[_LISTED:]
    known = names(session, book.payer.partner_id, [id_ for id_, _, _ in listed])
    shares = [_share(book, id_, known.get(id_, id_), n, m) for id_, n, m in listed]
    if rest:
        shares.append(_share(book, "", "", sum(r[1] for r in rest), sum(r[2] for r in rest)))
    return tuple(shares)


def _share(book: Book, id_: str, name: str, messages: int, micros: int) -> Share:
    return Share(id=id_, name=name, messages=messages, amount=Money(micros, book.currency))


def _by_themselves(_session: Session, _partner_id: str, ids: list[str]) -> Mapping[str, str]:
    return {id_: id_ for id_ in ids}
