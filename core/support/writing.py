"""How a message gets into a conversation: numbered, listed, told to the other side.

Functions on the caller's session; the caller holds the conversation's row and has passed a gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from core.errors import Conflict
from core.events import EventType, record
from core.support import mailing
from core.support.entities import SUBJECT_LENGTH, Conversation, Message
from core.support.files import attach
from core.support.marks import read_all
from core.support.room import Room
from core.support.states import ConversationState, Side, Told, may_become
from core.support.texts import beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said. What the hub says has an `author` too: whoever of side `by` caused it."""

    side: Side
    author: str
    by: Side
    text: str = ""
    told: Told = Told.NOTHING
    facts: Mapping[str, str] = field(default_factory=dict)
    file_ids: tuple[str, ...] = ()
    is_note: bool = False


def say(session: Session, room: Room, conversation: Conversation, words: Words) -> Message:
    """The message is there; whose turn it is stays. Raises InvalidInput for its files."""
    now = room.now()
    conversation.messages += 1
    message = Message(
        partner_id=conversation.partner_id,
        conversation_id=conversation.id,
        number=conversation.messages,
        side=words.side.value,
        author_id=None if words.side is Side.HUB else words.author,
        text=words.text,
        told=words.told.value,
        facts=dict(words.facts),
        is_note=words.is_note,
        at=now,
    )
    session.add(conversation)
    session.flush()
    session.add(message)
    session.flush()
    attach(session, message, words.author, words.file_ids)
    if not words.is_note:
        _show(conversation, message)
    return message


def answered(
    session: Session, room: Room, conversation: Conversation, words: Words, message: Message
) -> None:
    """Whoever said it has read what was there, and the other side is told, by mail if away."""
    read_all(session, conversation, words.author, words.by, room.now())
    mailing.expect(session, room, conversation, message, words.by)


def move(conversation: Conversation, to: ConversationState, now: datetime) -> ConversationState:
    """Whose turn it is from now on; returns whose it was. Raises Conflict (`not_now`)."""
    before = ConversationState(conversation.state)
    if not may_become(before, to):
        raise Conflict(code="not_now", state=before.value, wanted=to.value)
    conversation.state = to.value
    conversation.closed_at = now if to is ConversationState.CLOSED else None
    if to is not ConversationState.WAITING_SUPPORT:
        conversation.waits_since = None
    elif conversation.waits_since is None:
        conversation.waits_since = now
    return before


def note(
    session: Session, room: Room, of: Conversation, type_: EventType, *, by: str, **data: object
) -> None:
    """The partner's audit has it, under the name of whoever did it."""
    record(
        session,
        room.clock,
        type_,
        partner_id=of.partner_id,
        subject=("conversation", of.id),
        actor=by,
        data=data,
    )


def changed(field_: str, before: object, after: object) -> dict[str, object]:
    """How an event says what was before and is now."""
    return {field_: {"previous": before, "current": after}}


def _show(conversation: Conversation, message: Message) -> None:
    """What lists show of it."""
    conversation.version += 1
    conversation.last_at = message.at
    conversation.last_side = message.side
    conversation.last_text = beginning(message.text, SUBJECT_LENGTH)
    conversation.last_told = message.told
