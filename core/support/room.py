"""What all verbs of support work with."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.clock import Clock
from core.errors import NotFound
from core.partners.entities import Person
from core.ports import Blobs, ChangeFeed, Database, Jobs, Mailer, Notice
from core.settings import Settings
from core.support.entities import Conversation
from core.support.ports import Details, Drawing, Plans

MAY = Permission.SUPPORT
_ID_LENGTH = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Ports, the slices below, and the doors."""

    gate: Gate
    database: Database
    clock: Clock
    jobs: Jobs
    feed: ChangeFeed
    blobs: Blobs
    mailer: Mailer
    settings: Settings
    pictures: Drawing
    plans: Plans
    details: Details

    def now(self) -> datetime:
        return self.clock.now()

    def owner_reading(self, who: Principal) -> AbstractContextManager[Session]:
        """For one of the partner's owners."""
        return self.gate.reading(who, MAY)

    def owner_writing(self, who: Principal) -> AbstractContextManager[Session]:
        """The same as a transaction."""
        return self.gate.writing(who, MAY)

    def partner_of(self, who: Principal, conversation_id: str) -> str:
        """Whose conversation it is, for staff. Raises NotFound, NotSignedIn, Forbidden."""
        with self.gate.desk_reading(who, "whose conversation is this") as session:
            return existing(session, conversation_id).partner_id

    def tell(self, type_: str, partner_id: str, conversation_id: str) -> None:
        """Open pages of both sides hear of what is kept nowhere, or changes nothing to tell of."""
        self.feed.publish([Notice(partner_id, type_, "conversation", conversation_id)])


def existing(session: Session, conversation_id: str) -> Conversation:
    """Raises NotFound, also for another partner's in a partner's scope."""
    found = select(Conversation).where(Conversation.id == known(conversation_id))
    conversation = session.exec(found).one_or_none()
    if conversation is None:
        raise NotFound(conversation_id=conversation_id)
    return conversation


def locked(session: Session, conversation_id: str) -> Conversation:
    """The same, as it is now and held until the commit: messages are numbered in turn."""
    found = select(Conversation).where(Conversation.id == known(conversation_id))
    held = found.with_for_update().execution_options(populate_existing=True)
    conversation = session.exec(held).one_or_none()
    if conversation is None:
        raise NotFound(conversation_id=conversation_id)
    return conversation


def known(id_: str) -> str:
    """The id; what cannot be one is unknown, before a database chokes on it. Raises NotFound."""
    if not (id_.isascii() and id_.isalnum() and len(id_) <= _ID_LENGTH):
        raise NotFound(id=id_[:_ID_LENGTH])
    return id_


def names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """Of people, by id."""
    asked = sorted({id_ for id_ in ids if id_})
    if not asked:
        return {}
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(asked))).all())
