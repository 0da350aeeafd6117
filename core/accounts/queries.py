"""Reads for the list: one page by keyset, in any sort, filtered and searched, at constant cost.

A page is a seek in the index of its sort. Filters and searches that leave few rows are resolved
to ids first (capped), so that no sort order has to be walked in search of a rare row.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, bindparam, func, select, tuple_
from sqlmodel import Session, col

from core.accounts import listing
from core.accounts.cursors import Cursor, SortValue, decode, encode, is_storable
from core.accounts.entities import Channel, WabaAccount
from core.accounts.filters import Narrowed, hidden, narrowed
from core.accounts.next_action import next_action
from core.accounts.ports import ChannelSearch
from core.accounts.results import (
    COUNT_CAP,
    MAX_PAGE_SIZE,
    ChannelPage,
    ChannelQuery,
    ChannelRow,
    Count,
)
from core.accounts.states import Group, group_range

# Sort key -> column and the type of its values; each has an index that ends in the id.
SORTS: dict[str, tuple[Any, type[SortValue]]] = {
    "name": (col(Channel.name_key), str),
    "phone": (col(Channel.phone_number), str),
    "client": (col(Channel.client_key), str),
    "status": (col(Channel.state_rank), int),
    "quality": (col(Channel.quality_rank), int),
    "limit": (col(Channel.limit_rank), int),
    "verification": (col(Channel.verification), str),
    "modified": (col(Channel.modified_at), datetime),
}

_COLUMNS = (
    "id name phone_number display_phone_number client_id client_name waba_account_id status "
    "consent meta_status quality messaging_limit name_status verification is_on_biz_app region "
    "cancelled_at ends_at terminated_at modified_at"
).split()
_WABA_COLUMNS = (
    "id business_verification review_status ban_state ban_date violation_type restrictions "
    "removed token_expires_at"
).split()


_Waba = namedtuple("_Waba", _WABA_COLUMNS)  # type: ignore[misc]  # the names above

# A channel and its WABA in one row. From the channel outwards, so that no planner begins with the
# WABAs and loses the order of the index.
_LINES = (
    select(*(getattr(Channel, name) for name in _COLUMNS))
    .add_columns(*(getattr(WabaAccount, name).label(f"waba_{name}") for name in _WABA_COLUMNS))
    .outerjoin_from(Channel, WabaAccount, col(WabaAccount.id) == col(Channel.waba_account_id))
)

_AT_ONCE = 500  # bound parameters of one statement


def _waba(row: Row[Any]) -> Any:
    start = len(_COLUMNS)
    values = row[start : start + len(_WABA_COLUMNS)]
    return _Waba(*values) if values[0] is not None else None


def page(
    session: Session, partner_id: str, query: ChannelQuery, search: ChannelSearch, now: datetime
) -> ChannelPage:
    """One page of the partner's channels; the session's scope is that partner."""
    query = sane(query)
    found = narrowed(session, partner_id, query, search)
    rows, more = read(session, partner_id, query, found)
    started = decode(query.before or query.after, query.sort, SORTS[query.sort][1]) is not None
    has_next, has_previous = (started, more) if query.before else (more, started)
    return ChannelPage(
        rows=show(rows, now),
        next_cursor=cursor(query, rows[-1]) if rows and has_next else "",
        previous_cursor=cursor(query, rows[0]) if rows and has_previous else "",
        counts=counts(session, partner_id),
        search_capped=found.capped,
    )


def read(
    session: Session,
    partner_id: str,
    query: ChannelQuery,
    found: Narrowed,
) -> tuple[list[Row[Any]], bool]:
    """`query.size` rows behind (or before) its cursor, and whether there are more that way."""
    if found.nothing:
        return [], False
    column, kind = SORTS[query.sort]
    if found.few:
        column = hidden(column)  # sorted by hand: a sort order is not walked for a few rows
    statement = _LINES.add_columns(column.label("sort_value"))
    statement = statement.where(col(Channel.partner_id) == partner_id, *found.conditions)
    start = decode(query.before or query.after, query.sort, kind)
    falling = query.descending != bool(query.before)
    if start is not None:
        place, edge = tuple_(column, col(Channel.id)), tuple_(start.value, start.id)
        statement = statement.where(place < edge if falling else place > edge)
    order = [c.desc() if falling else c.asc() for c in (column, col(Channel.id))]
    rows = list(session.execute(statement.order_by(*order).limit(query.size + 1)))
    more, rows = len(rows) > query.size, rows[: query.size]
    return rows[::-1] if query.before else rows, more


def by_ids(
    session: Session, partner_id: str, ids: Sequence[str], now: datetime
) -> list[ChannelRow]:
    """Those of the ids that are the partner's, in the order asked for."""
    asked = [i for i in dict.fromkeys(ids) if is_storable(i)]
    rows: dict[str, Row[Any]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = col(Channel.id).in_(asked[start : start + _AT_ONCE])
        statement = _LINES.where(col(Channel.partner_id) == partner_id, some)
        rows |= {row.id: row for row in session.execute(statement)}
    return list(show([rows[i] for i in asked if i in rows], now))


def counts(session: Session, partner_id: str) -> dict[Group, Count]:
    """How many channels each group has, counted in the status index up to a cap."""
    counted = session.execute(_COUNTS, {"counted_for": partner_id}).one()
    return {
        group: Count(number=min(number, COUNT_CAP), more=number > COUNT_CAP)
        for group, number in zip(Group, counted, strict=True)
    }


def _count(group: Group) -> ScalarSelect[int]:
    own = col(Channel.partner_id) == bindparam("counted_for")
    in_group = col(Channel.state_rank).between(*group_range(group))
    capped = select(col(Channel.id)).where(own, in_group).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()


# Built once: making the four of them costs more than asking.
_COUNTS = select(*map(_count, Group))


def show(rows: Sequence[Row[Any]], now: datetime) -> tuple[ChannelRow, ...]:
    """Rows that `read` gave, as values."""
    return tuple(shown(row, _waba(row), now) for row in rows)


def shown(channel: Any, waba: Any, now: datetime) -> ChannelRow:
    """A channel (entity or row) as a line of the list."""
    return ChannelRow(
        id=channel.id,
        name=channel.name,
        phone_number=channel.phone_number,
        display_phone_number=channel.display_phone_number,
        client_id=channel.client_id,
        client_name=channel.client_name,
        waba_account_id=channel.waba_account_id,
        action=next_action(listing.situation(channel, waba), now),
        quality=channel.quality,
        messaging_limit=channel.messaging_limit,
        verification=channel.verification,
        consent=channel.consent,
        region=channel.region,
        is_on_biz_app=channel.is_on_biz_app,
        modified_at=channel.modified_at,
    )


def cursor(query: ChannelQuery, row: Row[Any]) -> str:
    """The place of a row that `read` gave."""
    return encode(Cursor(query.sort, row.sort_value, row.id))


def sane(query: ChannelQuery) -> ChannelQuery:
    """Values from a URL made safe to ask with: an unknown sort is by name, bad text is nothing."""
    texts = ("search", "limit", "verification", "client_id", "consent", "region")
    bad: dict[str, Any] = {name: "" for name in texts if not is_storable(getattr(query, name))}
    sort = query.sort if query.sort in SORTS else "name"
    size = max(1, min(query.size, MAX_PAGE_SIZE))
    return replace(query, sort=sort, size=size, **bad)
