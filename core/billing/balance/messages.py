"""The messages behind a figure of a payer's spend: the charged and the free, newest first.

The sums come from `usage_day`, as everywhere; the lines are read by the index of the partner's
messages, and only over the days on which the figure's messages were booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, case, col, func, or_, select

from core.billing.balance.entities import UsageDay
from core.billing.balance.ports import Numbers
from core.billing.balance.results import UsagePage
from core.billing.balance.statement import place_of, usage_line
from core.billing.balance.sums import Book, midnight, usage_of
from core.billing.entities import LedgerEntry, MessageUsage
from core.money import Money

# Meta tells of a delivery late when a webhook was lost: it is booked days after it happened.
_LATE = timedelta(days=7)
_DAY = timedelta(days=1)


class Cut(StrEnum):
    """What a figure was cut by; `all` is the whole of it, `free` what cost nothing."""

    ALL = "all"
    CATEGORY = "category"
    CLIENT = "client"
    NUMBER = "number"
    MARKET = "market"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Messages booked from `start` to before `end` (UTC days), of one part of a cut."""

    start: date
    end: date
    by: Cut = Cut.ALL
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """What `usage_day` says of a slice; `first` and `last` are days with such messages."""

    first: date
    last: date
    messages: int
    free: int
    micros: int


def page(
    session: Session, book: Book, slice_: Slice, numbers: Numbers, *, cursor: str, limit: int
) -> UsagePage:
    """The figure again, and the messages that make it; a strange cursor is the first page."""
    figure = _figure(session, book, slice_)
    within = _within(book, slice_, figure)
    if (place := place_of(cursor)) is not None:
        within.append(_before(*place))
    newest = select(MessageUsage).where(*within)
    newest = newest.order_by(col(MessageUsage.at).desc(), col(MessageUsage.id).desc())
    rows = session.exec(newest.limit(limit + 1)).all() if figure.messages else []
    shown = rows[:limit]
    partner_id = book.payer.partner_id
    clients = numbers.clients(session, partner_id, {row.client_id for row in shown})
    channels = numbers.channels(session, partner_id, {row.channel_id for row in shown})
    return UsagePage(
        name=_name(session, book, slice_, numbers),
        messages=figure.messages,
        free_messages=figure.free,
        amount=Money(figure.micros, book.currency),
        lines=tuple(usage_line(row, clients, channels) for row in shown),
        next=f"{shown[-1].at.isoformat()}|{shown[-1].id}" if len(rows) > limit else "",
    )


def _figure(session: Session, book: Book, slice_: Slice) -> _Figure:
    free = case((col(UsageDay.free) != "", col(UsageDay.messages)), else_=0)
    figures: Any = (
        func.min(UsageDay.day),
        func.max(UsageDay.day),
        func.coalesce(func.sum(UsageDay.messages), 0),
        func.coalesce(func.sum(free), 0),
        func.coalesce(func.sum(UsageDay.micros), 0),
    )
    found = select(*figures).where(
        *usage_of(book),
        col(UsageDay.day) >= slice_.start,
        col(UsageDay.day) < slice_.end,
        *_part_of(UsageDay, slice_),
    )
    first, last, messages, free_messages, micros = session.exec(found).one()
    return _Figure(
        first=first or slice_.start,
        last=last or slice_.start,
        messages=int(messages),
        free=int(free_messages),
        micros=int(micros),
    )


def _within(book: Book, slice_: Slice, figure: _Figure) -> list[ColumnElement[bool]]:
    within = [
        col(MessageUsage.partner_id) == book.payer.partner_id,
        col(MessageUsage.currency) == book.currency,
        col(MessageUsage.at) >= midnight(figure.first - _LATE),
        col(MessageUsage.at) < midnight(figure.last + _DAY),
        _booked(slice_),
        *_part_of(MessageUsage, slice_),
    ]
    if book.payer.client_id:
        within.append(col(MessageUsage.client_id) == book.payer.client_id)
    return within


def _booked(slice_: Slice) -> ColumnElement[bool]:
    """By the day of the ledger entry, as the figure; free messages have none: by their own day."""
    start, end = midnight(slice_.start), midnight(slice_.end)
    entry = select(LedgerEntry.id).where(
        LedgerEntry.key == MessageUsage.entry_key,
        col(LedgerEntry.at) >= start,
        col(LedgerEntry.at) < end,
    )
    own = and_(
        col(MessageUsage.entry_key) == "",
        col(MessageUsage.at) >= start,
        col(MessageUsage.at) < end,
    )
    return or_(own, entry.exists())


def _before(at: datetime, row_id: int) -> ColumnElement[bool]:
    # The first condition is what the index is entered by.
    earlier = or_(col(MessageUsage.at) < at, col(MessageUsage.id) < row_id)
    return and_(col(MessageUsage.at) <= at, earlier)


def _part_of(table: Any, slice_: Slice) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a cut; both tables name its columns alike."""
    if slice_.by is Cut.ALL:
        return ()
    if slice_.by is Cut.FREE:
        return (table.free != "",)
    column = {
        Cut.CATEGORY: table.category,
        Cut.CLIENT: table.client_id,
        Cut.NUMBER: table.channel_id,
        Cut.MARKET: table.market,
    }[slice_.by]
    return (column == slice_.part,)


def _name(session: Session, book: Book, slice_: Slice, numbers: Numbers) -> str:
    """Of the client or number that was asked for; other parts are called by themselves."""
    partner_id, part = book.payer.partner_id, slice_.part
    if slice_.by is Cut.CLIENT:
        return numbers.clients(session, partner_id, [part]).get(part, part)
    if slice_.by is Cut.NUMBER:
        return numbers.channels(session, partner_id, [part]).get(part, part)
    return part
