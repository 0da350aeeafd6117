"""The desk's inbox across partners: filtered, searched, in the order in which to answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, or_, tuple_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from core.access import Principal
from core.partners.entities import Partner
from core.support import rows
from core.support.entities import Conversation, Message
from core.support.states import Assigned, ConversationState, RequestStatus, Show, Side
from core.support.texts import storable
from core.support.views import InboxCounts, InboxPage, InboxQuery

_LONGEST = 100  # characters of a search
_QUEUES = (Show.OPEN, Show.WAITING_SUPPORT, Show.WAITING_PARTNER)


def inbox(session: Session, who: Principal, query: InboxQuery) -> InboxPage:
    """As `Desk.inbox`, in a session of all partners' rows."""
    conditions = _conditions(who, query)
    if query.show in _QUEUES:
        found, cursor = _queue(session, who, query, conditions)
    else:
        found, cursor = rows.newest_first(
            session, who, Side.STAFF, conditions, query.cursor, query.size
        )
    return InboxPage(rows=found, next_cursor=cursor, counts=_counts(session, who))


def _queue(
    session: Session, who: Principal, query: InboxQuery, conditions: list[Any]
) -> tuple[tuple[Any, ...], str]:
    """Whoever waits for support before who does not, priority first, then who waits longest."""
    size = max(1, min(query.size, rows.MAX_PAGE))
    waits = case((col(Conversation.state) == ConversationState.WAITING_SUPPORT.value, 0), else_=2)
    rank = waits + case((rows.IS_PRIORITY > 0, 0), else_=1)
    since = func.coalesce(col(Conversation.waits_since), col(Conversation.last_at))
    key = (rank, since, col(Conversation.id))
    found = rows.rows_for(who, Side.STAFF).add_columns(rank).where(*conditions)
    if (start := rows.decode(query.cursor)) is not None and start[2].isdigit():
        found = found.where(tuple_(*key) > tuple_(int(start[2][:1]), start[0], start[1]))
    read = session.execute(found.order_by(*key).limit(size + 1)).all()
    more, read = len(read) > size, read[:size]
    views = tuple(rows.row_of(row, who, Side.STAFF) for row in read)
    if not more:
        return views, ""
    last = views[-1]
    return views, rows.encode(last.waits_since or last.last_at, last.id, str(read[-1][-1]))


def _conditions(who: Principal, query: InboxQuery) -> list[Any]:
    conditions: list[Any] = [*rows.shown(query.show)]
    if query.kind is not None:
        conditions.append(col(Conversation.kind) == query.kind.value)
    if query.only_open_requests:
        conditions.append(col(Conversation.request_status) == RequestStatus.OPEN.value)
    if query.partner_id:
        conditions.append(col(Conversation.partner_id) == storable(query.partner_id))
    if query.assigned is Assigned.ME:
        conditions.append(col(Conversation.assigned_to) == who.person_id)
    if query.assigned is Assigned.NOBODY:
        conditions.append(col(Conversation.assigned_to).is_(None))
    if text := storable(query.text).strip().lower()[:_LONGEST]:
        conditions.append(_contains(text))
    return conditions


def _contains(text: str) -> Any:
    """Anywhere in subject, partner's name or id, or what was written."""
    said = (
        select(Message.id)
        .where(
            col(Message.conversation_id) == col(Conversation.id),
            func.lower(col(Message.text)).contains(text, autoescape=True),
        )
        .correlate(Conversation)
        .exists()
    )
    places = (col(Conversation.subject), col(Partner.brand_name), col(Partner.id))
    return or_(*(func.lower(place).contains(text, autoescape=True) for place in places), said)


def _counts(session: Session, who: Principal) -> InboxCounts:
    """One statement for all of them."""
    state = col(Conversation.state)
    is_open = state != ConversationState.CLOSED.value
    assigned = col(Conversation.assigned_to)
    asked = (
        state == ConversationState.WAITING_SUPPORT.value,
        state == ConversationState.WAITING_PARTNER.value,
        state == ConversationState.CLOSED.value,
        and_(is_open, assigned == who.person_id),
        and_(is_open, assigned.is_(None)),
        col(Conversation.request_status) == RequestStatus.OPEN.value,
    )
    sums = (func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in asked)
    counts = [int(count) for count in session.execute(sa_select(*sums)).one()]
    names = ("waiting_support", "waiting_partner", "closed", "mine", "unassigned", "open_requests")
    return InboxCounts(**dict(zip(names, counts, strict=True)))
