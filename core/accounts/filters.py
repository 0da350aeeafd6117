"""Which channels a list keeps: filters as conditions, searches and rare filters as ids.

A filter or search that leaves few rows is resolved to their ids (capped) before the page is
read, so that no sort order has to be walked in search of a rare row.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select
from sqlmodel import Session, col

from core.accounts import listing
from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.accounts.ports import ChannelSearch
from core.accounts.results import ChannelQuery
from core.accounts.states import Group, group_range

QUALITIES = {"high": 1, "medium": 2, "low": 3}
UNTOLD = "none"  # in a filter: the value was never told

# Rows found by a search or a rare filter that are sorted by hand; more would cost what the
# index saves. Filters on top of a search drop hits, so it may begin with more of them.
HITS = 500
HITS_BEFORE_FILTERS = 5_000
MIN_SEARCH = 3  # letters that a trigram index needs


def narrowed(
    session: Session,
    partner_id: str,
    query: ChannelQuery,
    search: ChannelSearch,
    most: int = HITS,
) -> tuple[list[ColumnElement[bool]], bool]:
    """Conditions of the page, and whether a search had more hits than are looked at.

    A search without filters looks at `most` hits.
    """
    filters = _filters(query)
    if listing.search_form(query.search):
        limit = HITS_BEFORE_FILTERS if filters else most
        ids = hits(session, partner_id, query.search, search, limit + 1)
        return [*filters, col(Channel.id).in_(ids[:limit])], len(ids) > limit
    if not filters or _is_one_index(query):
        return filters, False
    statement = select(col(Channel.id)).where(col(Channel.partner_id) == partner_id, *filters)
    few = list(session.scalars(statement.limit(HITS + 1)))
    return ([col(Channel.id).in_(few)] if len(few) <= HITS else filters), False


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


def _filters(query: ChannelQuery) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if query.group:
        filters.append(_in_group(query.group))
    if query.quality:
        filters.append(_of_quality(query.quality))
    if query.limit:
        told = "" if query.limit == UNTOLD else query.limit
        rank = listing.limit_rank(told)
        filters.append(col(Channel.limit_rank) == rank)
        if rank == listing.LIMIT_UNKNOWN:
            filters.append(col(Channel.messaging_limit) == told)
    for column, value in (
        (col(Channel.verification), query.verification.lower()),
        (col(Channel.client_id), query.client_id),
        (col(Channel.consent), query.consent),
        (col(Channel.region), query.region),
    ):
        if value:
            filters.append(column == ("" if value == UNTOLD else value))
    return filters


def _in_group(group: str) -> ColumnElement[bool]:
    if group not in Group.__members__.values():
        return false()
    first, last = group_range(Group(group))
    return col(Channel.state_rank).between(first, last)


def _of_quality(quality: str) -> ColumnElement[bool]:
    if quality == "unknown":
        return col(Channel.quality_rank) >= listing.QUALITY_UNKNOWN
    if quality not in QUALITIES:
        return false()
    return col(Channel.quality_rank) == QUALITIES[quality]


def _after(prefix: str) -> str:
    """A text that sorts after all that begin with the prefix."""
    last = prefix[-1]
    # Beyond ASCII "the next letter" may be none: a Chinese or Arabic prefix has an open end.
    return prefix[:-1] + (chr(ord(last) + 1) if last.isascii() else chr(0x10FFFF))
