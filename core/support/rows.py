"""Conversations as lists show them, for either side: one statement with everything in it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, tuple_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from core.access import Principal
from core.partners.entities import Partner, Person
from core.subscriptions.entities import Subscription
from core.subscriptions.states import ANSWERED_FIRST
from core.support.entities import Conversation, Message, ReadMark
from core.support.marks import concerns, own_mark
from core.support.states import ConversationState, RequestKind, RequestStatus, Show, Side, Told
from core.support.texts import storable
from core.support.views import ConversationRow

MAX_PAGE = 100
_Assigned = aliased(Person)

IS_PRIORITY: ColumnElement[int] = (
    sa_select(func.count())
    .select_from(Subscription)
    .where(
        col(Subscription.partner_id) == col(Conversation.partner_id),
        col(Subscription.plan).in_(sorted(plan.value for plan in ANSWERED_FIRST)),
    )
    .correlate(Conversation)
    .scalar_subquery()
)


def rows_for(who: Principal, side: Side) -> Select[Any]:
    """What `row_of` reads, of all conversations in the session's scope."""
    unread = (
        sa_select(func.count(col(Message.id)))
        .where(
            col(Message.conversation_id) == col(Conversation.id),
            col(Message.number) > func.coalesce(col(ReadMark.read_number), 0),
            concerns(side),
        )
        .correlate(Conversation, ReadMark)
        .scalar_subquery()
    )
    mine = and_(
        col(ReadMark.conversation_id) == col(Conversation.id), own_mark(who.person_id, side)
    )
    return (
        sa_select(
            Conversation,
            col(Partner.brand_name),
            func.coalesce(col(_Assigned.name), ""),
            unread,
            IS_PRIORITY,
        )
        .join(Partner, col(Partner.id) == col(Conversation.partner_id))
        .outerjoin(_Assigned, col(_Assigned.id) == col(Conversation.assigned_to))
        .outerjoin(ReadMark, mine)
    )


def row_of(row: Sequence[Any], who: Principal, side: Side) -> ConversationRow:
    """The line; who is assigned is the desk's own business but for the name."""
    c: Conversation = row[0]
    return ConversationRow(
        id=c.id,
        subject=c.subject,
        state=ConversationState(c.state),
        kind=RequestKind(c.kind) if c.kind else None,
        request_status=RequestStatus(c.request_status) if c.request_status else None,
        last_text=c.last_text,
        last_told=Told(c.last_told),
        last_side=Side(c.last_side),
        last_at=c.last_at,
        unread=row[3],
        partner_id=c.partner_id,
        partner_name=row[1],
        is_priority=bool(row[4]),
        waits_since=c.waits_since,
        assigned_name=row[2],
        is_mine=side is Side.STAFF and c.assigned_to == who.person_id,
    )


def one(session: Session, who: Principal, side: Side, conversation_id: str) -> ConversationRow:
    """The line of one that is there."""
    found = rows_for(who, side).where(col(Conversation.id) == conversation_id)
    return row_of(session.execute(found).one(), who, side)


def newest_first(  # noqa: PLR0917  what a page is made of
    session: Session, who: Principal, side: Side, conditions: Sequence[Any], cursor: str, size: int
) -> tuple[tuple[ConversationRow, ...], str]:
    """A page by (last_at, id), and the next page's cursor."""
    size = max(1, min(size, MAX_PAGE))
    found = rows_for(who, side).where(*conditions)
    key = (col(Conversation.last_at), col(Conversation.id))
    if (start := decode(cursor)) is not None:
        found = found.where(tuple_(*key) < tuple_(start[0], start[1]))
    found = found.order_by(*(column.desc() for column in key)).limit(size + 1)
    rows = [row_of(row, who, side) for row in session.execute(found)]
    more, rows = len(rows) > size, rows[:size]
    return tuple(rows), encode(rows[-1].last_at, rows[-1].id) if more else ""


def shown(show: Show) -> list[ColumnElement[bool]]:
    """The conditions of a list's filter."""
    state = col(Conversation.state)
    if show is Show.ALL:
        return []
    if show is Show.OPEN:
        return [state != ConversationState.CLOSED.value]
    return [state == show.value]


def encode(at: datetime, id_: str, rank: str = "") -> str:
    raw = f"{at.astimezone(UTC).isoformat()} {id_} {rank}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, str, str] | None:
    """None for what is no cursor; a forged one only moves inside what the reader may see."""
    try:
        raw = base64.urlsafe_b64decode(cursor[:200] + "=" * (-len(cursor[:200]) % 4)).decode()
        at, id_, rank = raw.split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), storable(id_), rank
    except (binascii.Error, ValueError, OverflowError):
        return None
