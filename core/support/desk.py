"""The desk: support as the operator's staff have it, across partners, each act under their name.

Whoever acts is staff by the flag in the database at the moment of the act, or gets Forbidden
(`not_staff`). An unknown conversation is NotFound.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session, col, select

from core.access import Principal
from core.errors import Conflict, NotFound
from core.events import EventType
from core.partners.entities import Person
from core.support import presence, writing
from core.support.asking import Effects
from core.support.canned import CannedAnswers
from core.support.context import context_of
from core.support.deciding import Deciding
from core.support.entities import TEXT_LENGTH, WHY_LENGTH, Conversation
from core.support.files import Files
from core.support.inbox import inbox
from core.support.marks import read_all
from core.support.reading import view_of
from core.support.room import Room, existing, known, locked
from core.support.states import ConversationState, RequestStatus, Side, Told
from core.support.texts import kept
from core.support.views import (
    ConversationView,
    EffectPreview,
    FileView,
    InboxPage,
    InboxQuery,
    PartnerContext,
    StaffView,
)
from core.support.writing import Words

_US = Side.STAFF
Act = Callable[[Session, Conversation], None]


class Desk(CannedAnswers):
    """Verbs of staff; those of answers that are written often stand in `canned`."""

    def __init__(self, room: Room, effects: Effects) -> None:
        self._room = room
        self._gate = room.gate
        self._deciding = Deciding(room, effects)
        self._files = Files(room)

    def inbox(self, who: Principal, query: InboxQuery) -> InboxPage:
        """A page of conversations of all partners, and counts."""
        with self._gate.desk_reading(who, "the inbox across partners") as session:
            return inbox(session, who, query)

    def conversation(
        self, who: Principal, conversation_id: str, *, before: str = ""
    ) -> ConversationView:
        """With its newest messages and notes, or those before a cursor. Raises NotFound."""
        partner_id = self._room.partner_of(who, conversation_id)
        with self._gate.staff_reading(who, partner_id) as session:
            return view_of(session, who, _US, existing(session, conversation_id), before)

    def context(self, who: Principal, conversation_id: str) -> PartnerContext:
        """The partner as it stands now. Raises NotFound."""
        partner_id = self._room.partner_of(who, conversation_id)
        with self._gate.staff_reading(who, partner_id) as session:
            return context_of(session, self._room, partner_id)

    def read(self, who: Principal, conversation_id: str) -> None:
        """This person has read all there is. Raises NotFound."""
        partner_id = self._room.partner_of(who, conversation_id)
        with self._gate.staff_writing(who, partner_id) as session:
            conversation = locked(session, conversation_id)
            is_news = read_all(session, conversation, who.person_id, _US, self._room.now())
        if is_news:
            self._room.tell(presence.READ, partner_id, conversation_id)

    def here(self, who: Principal, conversation_id: str, *, is_typing: bool = False) -> None:
        """The partner's side is told that somebody looks, or types; nothing is kept."""
        type_ = presence.STAFF_TYPING if is_typing else presence.STAFF_HERE
        self._room.tell(type_, self._room.partner_of(who, conversation_id), conversation_id)

    def answer(
        self, who: Principal, conversation_id: str, text: str, file_ids: tuple[str, ...] = ()
    ) -> ConversationView:
        """A message to the partner; a closed conversation is open again. Raises NotFound,
        InvalidInput (as `Support.open`)."""
        text = kept(text, "text", TEXT_LENGTH, is_needed=not file_ids)

        def act(session: Session, conversation: Conversation) -> None:
            words = Words(side=_US, by=_US, author=who.person_id, text=text, file_ids=file_ids)
            message = writing.say(session, self._room, conversation, words)
            writing.answered(session, self._room, conversation, words, message)
            self._move(session, conversation, who, ConversationState.WAITING_PARTNER, Told.NOTHING)

        return self._act(who, conversation_id, act)

    def note(self, who: Principal, conversation_id: str, text: str) -> ConversationView:
        """For staff only; whose turn it is stays. Raises NotFound, InvalidInput."""
        text = kept(text, "text", TEXT_LENGTH)

        def act(session: Session, conversation: Conversation) -> None:
            words = Words(side=_US, by=_US, author=who.person_id, text=text, is_note=True)
            writing.say(session, self._room, conversation, words)
            read_all(session, conversation, who.person_id, _US, self._room.now())
            self._note(session, conversation, EventType.NOTE_WRITTEN, who)

        return self._act(who, conversation_id, act)

    def preview(self, who: Principal, conversation_id: str) -> EffectPreview:
        """What accepting would do now. Raises NotFound, Conflict (no_request, request_decided
        with `status` and `by`)."""
        partner_id = self._room.partner_of(who, conversation_id)
        with self._gate.staff_reading(who, partner_id) as session:
            return self._deciding.preview(session, existing(session, conversation_id))

    def accept(
        self, who: Principal, conversation_id: str, version: str, text: str = ""
    ) -> ConversationView:
        """The effect is there, and the partner is told. Raises NotFound, FreshSignInNeeded,
        Conflict: no_request, request_decided, preview_changed (look again), and the code of what
        is against it."""
        text = kept(text, "text", TEXT_LENGTH, is_needed=False)

        def act(session: Session, conversation: Conversation) -> None:
            self._deciding.accept(session, conversation, who.person_id, version, text)

        return self._act(who, conversation_id, act, fresh=True)

    def refuse(self, who: Principal, conversation_id: str, why: str) -> ConversationView:
        """The partner is told why. Raises NotFound, InvalidInput (field why), Conflict
        (no_request, request_decided)."""
        why = kept(why, "why", WHY_LENGTH)

        def act(session: Session, conversation: Conversation) -> None:
            self._deciding.refuse(session, conversation, who.person_id, why)

        return self._act(who, conversation_id, act)

    def assign(
        self, who: Principal, conversation_id: str, person_id: str | None
    ) -> ConversationView:
        """To one of staff, or to nobody. Raises NotFound."""

        def act(session: Session, conversation: Conversation) -> None:
            before, after = conversation.assigned_to, None
            if person_id is not None:
                after = _staff_member(session, person_id)
            conversation.assigned_to = after
            session.add(conversation)
            change = writing.changed("assigned_to", before, after)
            self._note(session, conversation, EventType.CONVERSATION_ASSIGNED, who, change=change)

        return self._act(who, conversation_id, act)

    def close(self, who: Principal, conversation_id: str) -> ConversationView:
        """Nothing is left to do. Raises NotFound, Conflict (request_open: decide it first;
        already_closed)."""

        def act(session: Session, conversation: Conversation) -> None:
            if conversation.request_status == RequestStatus.OPEN.value:
                raise Conflict(code="request_open")
            if conversation.state == ConversationState.CLOSED.value:
                raise Conflict(code="already_closed")
            self._move(session, conversation, who, ConversationState.CLOSED, Told.CLOSED)

        return self._act(who, conversation_id, act)

    def reopen(self, who: Principal, conversation_id: str) -> ConversationView:
        """It waits for staff again. Raises NotFound, Conflict (not_closed)."""

        def act(session: Session, conversation: Conversation) -> None:
            if conversation.state != ConversationState.CLOSED.value:
                raise Conflict(code="not_closed")
            self._move(session, conversation, who, ConversationState.WAITING_SUPPORT, Told.REOPENED)

        return self._act(who, conversation_id, act)

    def staff(self, who: Principal) -> tuple[StaffView, ...]:
        """Everybody a conversation may be assigned to, by name."""
        with self._gate.desk_reading(who, "who else is staff") as session:
            found = select(Person).where(col(Person.is_staff).is_(True))
            people = session.exec(found.order_by(col(Person.name), col(Person.id)))
            return tuple(
                StaffView(id=p.id, name=p.name, is_me=p.id == who.person_id) for p in people
            )

    def keep_file(
        self, who: Principal, conversation_id: str, name: str, content: bytes
    ) -> FileView:
        """A file to attach to an answer; pages post it to `/desk/files?conversation={id}`.
        Raises as `Support.keep_file`, NotFound."""
        partner_id = self._room.partner_of(who, conversation_id)
        return self._files.keep_for_staff(who, partner_id, name, content)

    def file(self, who: Principal, file_id: str) -> tuple[str, str, bytes]:
        """Name, media type and content; pages link to `/desk/files/{id}`. Raises NotFound."""
        return self._files.for_staff(who, file_id)

    def _act(
        self, who: Principal, conversation_id: str, act: Act, *, fresh: bool = False
    ) -> ConversationView:
        """One act in the partner's transaction, with the conversation as it is then."""
        partner_id = self._room.partner_of(who, conversation_id)
        with self._gate.staff_writing(who, partner_id, fresh=fresh) as session:
            conversation = locked(session, conversation_id)
            act(session, conversation)
            session.flush()
            return view_of(session, who, _US, conversation)

    def _move(
        self,
        session: Session,
        conversation: Conversation,
        who: Principal,
        to: ConversationState,
        told: Told,
    ) -> None:
        """Whose turn it is from now on, and, but for an answer, that the partner is told of it."""
        if told is not Told.NOTHING:
            words = Words(side=Side.HUB, by=_US, author=who.person_id, told=told)
            writing.say(session, self._room, conversation, words)
            read_all(session, conversation, who.person_id, _US, self._room.now())
        before = writing.move(conversation, to, self._room.now())
        session.add(conversation)
        change = writing.changed("state", before.value, to.value)
        self._note(session, conversation, _EVENTS[told], who, change=change)

    def _note(
        self, session: Session, of: Conversation, type_: EventType, who: Principal, **data: object
    ) -> None:
        writing.note(session, self._room, of, type_, by=who.person_id, side=_US.value, **data)


_EVENTS = {
    Told.NOTHING: EventType.MESSAGE_WRITTEN,
    Told.CLOSED: EventType.CONVERSATION_CLOSED,
    Told.REOPENED: EventType.CONVERSATION_REOPENED,
}


def _staff_member(session: Session, person_id: str) -> str:
    person = session.get(Person, known(person_id))
    if person is None or not person.is_staff:
        raise NotFound(person_id=person_id)
    return person.id
