"""Which channels a list keeps: filters as conditions, searches and rare filters as ids.

A filter or search that leaves few rows is resolved to their ids (capped) before the page is
read, so that no sort order has to be walked in search of a rare row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, false, func, select, true
from sqlmodel import Session, col

from core.accounts import listing
from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.accounts.ports import ChannelSearch
from core.accounts.results import ChannelQuery
from core.accounts.states import Group, group_range

QUALITIES = {"high": 1, "medium": 2, "low": 3}
UNTOLD = "none"  # in a filter: the value was never told

# Hits of a search that are sorted by hand; more would cost what the index saves. Filters on top
# of a search drop hits, so it may begin with more of them.
HITS = 200
HITS_BEFORE_FILTERS = 5_000
# A filter that keeps no more than this is read by its own index and sorted by hand.
FEW = 500
MIN_SEARCH = 3  # letters that a trigram index needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What a query keeps, and how to read it.

    `few`: sort by hand instead of walking the index of the sort. `nothing`: no row at all.
    `capped`: a search had more hits than are looked at.
    """

    conditions: list[ColumnElement[bool]]
    few: bool = False
    nothing: bool = False
    capped: bool = False


def narrowed(
    session: Session,
    partner_id: str,
    query: ChannelQuery,
    search: ChannelSearch,
    most: int = HITS,
) -> Narrowed:
    """The query's filters and search; a search without filters looks at `most` hits."""
    indexed, others = _filters(query)
    filters = indexed + others
    if listing.search_form(query.search):
        limit = HITS_BEFORE_FILTERS if filters else most
        ids = hits(session, partner_id, query.search, search, limit + 1)
        found = [*filters, col(Channel.id).in_(ids[:limit])]
        return Narrowed(conditions=found, few=True, nothing=not ids, capped=len(ids) > limit)
    if not filters or _is_one_index(query):
        return Narrowed(conditions=filters)
    if indexed and _one_keeps_few(session, partner_id, indexed):
        return Narrowed(conditions=filters, few=True)
    # Beyond the reach of every index, and still with the statistics of the column: a planner that
    # believes there is one such row reads and sorts them all.
    return Narrowed(conditions=[one.is_(true()) for one in indexed] + others)


def _one_keeps_few(session: Session, partner_id: str, indexed: list[ColumnElement[bool]]) -> bool:
    """Whether a filter leaves so little that walking a sort order would search in vain."""
    counted = session.execute(select(*(_up_to_few(partner_id, one) for one in indexed))).one()
    return bool(min(counted) <= FEW)


def _up_to_few(partner_id: str, one: ColumnElement[bool]) -> ScalarSelect[int]:
    some = select(col(Channel.id)).where(col(Channel.partner_id) == partner_id, one)
    capped = some.limit(FEW + 1).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()


def hits(
    session: Session, partner_id: str, text: str, search: ChannelSearch, limit: int
) -> list[str]:
    """Ids of at most `limit` channels that contain the text, or begin with it when it is short."""
    form = listing.search_form(text) if is_storable(text) else ""
    if not form:
        return []
    if len(form) >= MIN_SEARCH:
        return search.matching(session, partner_id, form, limit)
    found: dict[str, None] = {}
    for column in (col(Channel.name_key), col(Channel.phone_number)):
        statement = select(col(Channel.id)).where(
            col(Channel.partner_id) == partner_id,
            # The range lets the index seek; the prefix drops what a database's own collation
            # sorts in between.
            column >= form,
            column < _after(form),
            column.startswith(form, autoescape=True),
        )
        found |= dict.fromkeys(session.scalars(statement.order_by(column).limit(limit)))
    return list(found)[:limit]


def _is_one_index(query: ChannelQuery) -> bool:
    """Sorted by status with nothing but a group chosen: its range is already in order."""
    others = (query.quality, query.limit, query.verification, query.client_id, query.consent)
    return query.sort == "status" and not any(others) and not query.region


def hidden(column: Any) -> Any:
    """The same value, as an expression that fits no index.

    Which index is right is known here, from a count that was capped; a planner that guesses
    wrong sorts 100,000 rows or walks past them.
    """
    return func.coalesce(column, column)


def _filters(query: ChannelQuery) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """Conditions that an index answers, and the others."""
    indexed: list[ColumnElement[bool]] = []
    others: list[ColumnElement[bool]] = []
    if query.client_id:
        indexed.append(col(Channel.client_id) == query.client_id)
    if query.group:
        indexed.append(_in_group(query.group, col(Channel.state_rank)))
    if query.quality:
        indexed.append(_of_quality(query.quality, col(Channel.quality_rank)))
    if query.limit:
        told = "" if query.limit == UNTOLD else query.limit
        rank = listing.limit_rank(told)
        indexed.append(col(Channel.limit_rank) == rank)
        if rank == listing.LIMIT_UNKNOWN:
            others.append(col(Channel.messaging_limit) == told)
    for column, value, into in (
        (col(Channel.verification), query.verification.lower(), indexed),
        (col(Channel.consent), query.consent, others),
        (col(Channel.region), query.region, others),
    ):
        if value:
            into.append(column == ("" if value == UNTOLD else value))
    return indexed, others


def _in_group(group: str, column: Any) -> ColumnElement[bool]:
    if group not in Group.__members__.values():
        return false()
    first, last = group_range(Group(group))
    return cast("ColumnElement[bool]", column.between(first, last))


def _of_quality(quality: str, column: Any) -> ColumnElement[bool]:
    if quality == "unknown":
        return cast("ColumnElement[bool]", column >= listing.QUALITY_UNKNOWN)
    if quality not in QUALITIES:
        return false()
    return cast("ColumnElement[bool]", column == QUALITIES[quality])


def _after(prefix: str) -> str:
    """A text that sorts after all that begin with the prefix."""
    last = prefix[-1]
    # Beyond ASCII "the next letter" may be none: a Chinese or Arabic prefix has an open end.
    return prefix[:-1] + (chr(ord(last) + 1) if last.isascii() else chr(0x10FFFF))
