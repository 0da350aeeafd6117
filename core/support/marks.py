"""How far people have read, and what of it is told to whom.

Functions on the caller's session; the caller holds the conversation's row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from core.support.entities import Conversation, Message, ReadMark
from core.support.states import Side


def mark_of(session: Session, conversation: Conversation, person_id: str, side: Side) -> ReadMark:
    """The person's mark; a new one has read nothing."""
    found = select(ReadMark).where(
        ReadMark.conversation_id == conversation.id,
        ReadMark.person_id == person_id,
        ReadMark.side == side.value,
    )
    mark = session.exec(found).one_or_none()
    if mark is None:
        mark = ReadMark(
            partner_id=conversation.partner_id,
            conversation_id=conversation.id,
            person_id=person_id,
            side=side.value,
        )
        session.add(mark)
        session.flush()
    return mark


def read_all(
    session: Session, conversation: Conversation, person_id: str, side: Side, now: datetime
) -> bool:
    """The person has read everything; False when that is no news."""
    mark = mark_of(session, conversation, person_id, side)
    if mark.read_number >= conversation.messages:
        return False
    mark.read_number, mark.at = conversation.messages, now
    session.add(mark)
    return True


def furthest(session: Session, conversation_id: str, side: Side) -> int:
    """The number up to which somebody of the side has read."""
    return read_by(session, conversation_id, side, "")


def read_by(session: Session, conversation_id: str, side: Side, person_id: str) -> int:
    """The same of one person; of anybody where no person is named."""
    found = select(func.max(ReadMark.read_number)).where(
        ReadMark.conversation_id == conversation_id, ReadMark.side == side.value
    )
    if person_id:
        found = found.where(ReadMark.person_id == person_id)
    return session.exec(found).one() or 0


def unread_of(session: Session, person_id: str, side: Side) -> int:
    """Messages of all conversations in the session's scope that the person has not read.

    From conversations to what lies behind the mark, so that what was read is not touched.
    """
    mine = and_(col(ReadMark.conversation_id) == col(Conversation.id), own_mark(person_id, side))
    behind = and_(
        col(Message.conversation_id) == col(Conversation.id),
        col(Message.number) > func.coalesce(col(ReadMark.read_number), 0),
    )
    found = (
        select(func.count(col(Message.id)))
        .select_from(Conversation)
        .outerjoin(ReadMark, mine)
        .join(Message, behind)
        .where(concerns(side))
    )
    return session.exec(found).one()


def own_mark(person_id: str, side: Side) -> ColumnElement[bool]:
    """Joins a person's mark to conversations or messages."""
    return and_(col(ReadMark.person_id) == person_id, col(ReadMark.side) == side.value)


def concerns(side: Side) -> Any:
    """The messages that somebody of the side has to read: the other's, and for staff notes."""
    if side is Side.PARTNER:
        return and_(col(Message.side) != Side.PARTNER.value, col(Message.is_note).is_(False))
    return or_(col(Message.side) == Side.PARTNER.value, col(Message.is_note).is_(True))
