"""Conversations, what was said and asked in them, files, and how far everybody has read.

Messages are numbered within their conversation. What lists show is kept on the conversation by
`support.writing`, and never comes from a note.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.columns import PartnerOwned, new_key, utc_field
from core.support.states import ConversationState, RequestKind, RequestStatus, Side

TEXT_LENGTH = 10_000
SUBJECT_LENGTH = 200
WHY_LENGTH = 2_000
_OPEN = text("status = 'open'")


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Conversation(PartnerOwned, table=True):
    """What one partner and the desk talk about; at most one request is attached."""

    __tablename__ = "support_conversation"
    __table_args__ = (
        CheckConstraint(_one_of("state", *ConversationState), name="state"),
        CheckConstraint(_one_of("kind", "", *RequestKind), name="kind"),
        CheckConstraint(_one_of("request_status", "", *RequestStatus), name="request_status"),
        CheckConstraint(_one_of("last_side", *Side), name="last_side"),
        Index("ix_support_conversation_partner", "partner_id", "last_at", "id"),
        Index("ix_support_conversation_queue", "state", "waits_since", "id"),
        Index("ix_support_conversation_last", "last_at", "id"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    subject: str = Field(default="", max_length=SUBJECT_LENGTH)
    state: str = Field(default=ConversationState.WAITING_SUPPORT.value, max_length=16)
    kind: str = Field(default="", max_length=16)
    request_status: str = Field(default="", max_length=16)
    opened_by: str = Field(foreign_key="person.id", max_length=16)
    assigned_to: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    opened_at: datetime = utc_field()
    closed_at: datetime | None = utc_field(nullable=True)
    waits_since: datetime | None = utc_field(nullable=True)
    last_at: datetime = utc_field()
    last_side: str = Field(default=Side.PARTNER.value, max_length=8)
    last_text: str = Field(default="", max_length=SUBJECT_LENGTH)
    last_told: str = Field(default="", max_length=24)
    messages: int = 0  # the number of the newest one, notes included
    version: int = 0  # grows with what the partner may see
    staff_mailed: int = 0  # the number of the message that the desk was last mailed about


class Message(PartnerOwned, table=True):
    """One contribution; a note is for staff only. The hub's own have no author."""

    __tablename__ = "support_message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number", name="uq_support_message_number"),
        CheckConstraint(_one_of("side", *Side), name="side"),
        CheckConstraint("side = 'staff' OR NOT is_note", name="is_note"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    conversation_id: str = Field(foreign_key="support_conversation.id", max_length=16)
    number: int
    side: str = Field(max_length=8)
    author_id: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    text: str = Field(default="", max_length=TEXT_LENGTH)
    told: str = Field(default="", max_length=24)
    facts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    is_note: bool = False
    at: datetime = utc_field()


class SupportFile(PartnerOwned, table=True):
    """A file; its uploader's own until a message takes it along."""

    __tablename__ = "support_file"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        Index("ix_support_file_message", "message_id"),
        Index("ix_support_file_uploader", "uploaded_by", "at"),
    )

    id: str = Field(default_factory=new_key, primary_key=True, max_length=22)
    message_id: str | None = Field(default=None, foreign_key="support_message.id", max_length=16)
    uploaded_by: str = Field(foreign_key="person.id", max_length=16)
    side: str = Field(max_length=8)
    name: str = Field(max_length=120)
    media_type: str = Field(max_length=40)
    size: int  # bytes
    blob_hash: str = Field(max_length=64)
    at: datetime = utc_field()


class SupportRequest(PartnerOwned, table=True):
    """What staff are asked to do. The same thing is asked for once at a time: `about` names it."""

    __tablename__ = "support_request"
    __table_args__ = (
        UniqueConstraint("conversation_id", name="uq_support_request_conversation_id"),
        CheckConstraint(_one_of("kind", *RequestKind), name="kind"),
        CheckConstraint(_one_of("status", *RequestStatus), name="status"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_at"),
        Index(
            "uq_support_request_open",
            *("partner_id", "kind", "about"),
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    conversation_id: str = Field(foreign_key="support_conversation.id", max_length=16)
    kind: str = Field(max_length=16)
    about: str = Field(default="", max_length=16)
    facts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    status: str = Field(default=RequestStatus.OPEN.value, max_length=16)
    made_by: str = Field(foreign_key="person.id", max_length=16)
    made_at: datetime = utc_field()
    decided_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    decided_at: datetime | None = utc_field(nullable=True)
    why: str = Field(default="", max_length=WHY_LENGTH)
    effect: dict[str, str] = Field(default_factory=dict, sa_type=JSON)


class ReadMark(PartnerOwned, table=True):
    """How far a person has read, and of which message there is or was a mail since."""

    __tablename__ = "support_read_mark"

    conversation_id: str = Field(
        foreign_key="support_conversation.id", primary_key=True, max_length=16
    )
    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=16)
    # Somebody may be both, staff and one of the partner's owners.
    side: str = Field(primary_key=True, max_length=8)
    read_number: int = 0
    mailed_number: int = 0
    at: datetime | None = utc_field(nullable=True)


class CannedAnswer(SQLModel, table=True):
    """An answer that staff write often; the operator's, no partner's."""

    __tablename__ = "support_canned_answer"
    __table_args__ = (UniqueConstraint("title", name="uq_support_canned_answer_title"),)

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    title: str = Field(max_length=120)
    text: str = Field(max_length=TEXT_LENGTH)
    changed_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    changed_at: datetime = utc_field()
