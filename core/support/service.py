"""Support as a partner's owners have it: conversations with staff, files, requests."""

from __future__ import annotations

from sqlmodel import Session

from core.access import Principal
from core.events import EventType
from core.support import asking, presence, rows, writing
from core.support.asking import Effects
from core.support.effects.effect import Asked
from core.support.entities import SUBJECT_LENGTH, TEXT_LENGTH, Conversation
from core.support.files import Files
from core.support.marks import read_all, unread_of
from core.support.reading import view_of
from core.support.room import Room, existing, locked
from core.support.states import (
    ConversationState,
    RequestKind,
    RequestStatus,
    Show,
    Side,
    Told,
)
from core.support.texts import beginning, kept
from core.support.views import (
    Choices,
    ConversationRow,
    ConversationView,
    FileView,
    Values,
)
from core.support.writing import Words

_US = Side.PARTNER


class Support:
    """Verbs of owners; a foreign conversation or file and an unknown one get the same NotFound."""

    def __init__(self, room: Room, effects: Effects) -> None:
        self.room = self._room = room
        self._effects = effects
        self._files = Files(room)

    def conversations(
        self, who: Principal, *, show: Show = Show.ALL, cursor: str = "", size: int = 50
    ) -> tuple[tuple[ConversationRow, ...], str]:
        """A page, the newest first, and the next page's cursor ('' at the end)."""
        with self._room.owner_reading(who) as session:
            return rows.newest_first(session, who, _US, rows.shown(show), cursor, size)

    def unread(self, who: Principal) -> int:
        """Messages of the other side that this person has not read."""
        with self._room.owner_reading(who) as session:
            return unread_of(session, who.person_id, _US)

    def conversation(
        self, who: Principal, conversation_id: str, *, before: str = ""
    ) -> ConversationView:
        """With its newest messages, or those before a cursor. Raises NotFound."""
        with self._room.owner_reading(who) as session:
            return view_of(session, who, _US, existing(session, conversation_id), before)

    def read(self, who: Principal, conversation_id: str) -> None:
        """This person has read all there is. Raises NotFound."""
        with self._room.owner_writing(who) as session:
            conversation = locked(session, conversation_id)
            is_news = read_all(session, conversation, who.person_id, _US, self._room.now())
        if is_news:
            self._room.tell(presence.READ, who.tenant.partner_id, conversation_id)

    def here(self, who: Principal, conversation_id: str, *, is_typing: bool = False) -> None:
        """The other side is told that somebody looks, or types; nothing is kept. Tell it again
        every 10 seconds. Raises NotFound."""
        with self._room.owner_reading(who) as session:
            existing(session, conversation_id)
        type_ = presence.PARTNER_TYPING if is_typing else presence.PARTNER_HERE
        self._room.tell(type_, who.tenant.partner_id, conversation_id)

    def open(
        self, who: Principal, subject: str, text: str, file_ids: tuple[str, ...] = ()
    ) -> ConversationView:
        """A new conversation. Raises InvalidInput (field subject or text: needed, too_long;
        files: unknown_file, too_many_files)."""
        subject = kept(subject, "subject", SUBJECT_LENGTH)
        text = kept(text, "text", TEXT_LENGTH, is_needed=not file_ids)
        with self._room.owner_writing(who) as session:
            return self._begin(session, who, subject, (text, file_ids), None)

    def ask(
        self,
        who: Principal,
        kind: RequestKind,
        facts: Values,
        text: str = "",
        file_ids: tuple[str, ...] = (),
    ) -> ConversationView:
        """A new conversation with the request attached. `facts` by kind: remove_user: person_id;
        company_data: the fields of `DetailsForm`; delete_number: channel_id; other: subject.

        Raises InvalidInput (bad_facts with `faults`: a code by field; else as `open`), NotFound,
        Conflict (already_asked with `conversation_id`; last_owner; nothing_changes; and as
        `Subscriptions.preview_downgrade`).
        """
        text = kept(text, "text", TEXT_LENGTH, is_needed=kind is RequestKind.OTHER)
        with self._room.owner_writing(who) as session:
            partner_id = who.tenant.partner_id
            request = asking.asked(session, self._effects, partner_id, kind, facts)
            said = (text, file_ids)
            return self._begin(session, who, request.subject, said, (kind, request))

    def write(
        self, who: Principal, conversation_id: str, text: str, file_ids: tuple[str, ...] = ()
    ) -> ConversationView:
        """One message more; a closed conversation is open again. Raises NotFound, InvalidInput."""
        text = kept(text, "text", TEXT_LENGTH, is_needed=not file_ids)
        words = Words(side=_US, by=_US, author=who.person_id, text=text, file_ids=file_ids)
        with self._room.owner_writing(who) as session:
            conversation = locked(session, conversation_id)
            self._say(session, conversation, words)
            return view_of(session, who, _US, conversation)

    def withdraw_request(self, who: Principal, conversation_id: str) -> ConversationView:
        """Nothing is asked for any more, and the conversation is closed. Raises NotFound,
        Conflict (request_decided with `status`)."""
        with self._room.owner_writing(who) as session:
            conversation = locked(session, conversation_id)
            asking.withdraw(session, self._room, conversation, who.person_id)
            session.flush()
            return view_of(session, who, _US, conversation)

    def keep_file(self, who: Principal, name: str, content: bytes) -> FileView:
        """A file to attach: PNG, JPEG, WebP or PDF by its content. Pages post it to
        `/support/files` (ui/api). Raises InvalidInput (field file; codes of
        `core.uploads.rules` and `pictures`), Conflict (too_many_files)."""
        return self._files.keep_for_owner(who, name, content)

    def file(self, who: Principal, file_id: str) -> tuple[str, str, bytes]:
        """Name, media type and content. Raises NotFound."""
        return self._files.for_owner(who, file_id)

    def choices(self, who: Principal, *, numbers: str = "") -> Choices:
        """What may be asked for; `numbers` searches them."""
        with self._room.owner_reading(who) as session:
            return asking.choices(session, self._room, who.tenant.partner_id, numbers)

    def asked(self, who: Principal, kind: RequestKind) -> dict[str, str]:
        """The conversation of each request of the kind that waits for Support, by what it is
        about (such as a person's id)."""
        with self._room.owner_reading(who) as session:
            return asking.open_ones(session, who.tenant.partner_id, kind)

    def _begin(
        self,
        session: Session,
        who: Principal,
        subject: str,
        said: tuple[str, tuple[str, ...]],
        request: tuple[RequestKind, Asked] | None,
    ) -> ConversationView:
        now = self._room.now()
        conversation = Conversation(
            partner_id=who.tenant.partner_id,
            subject=beginning(subject, SUBJECT_LENGTH),
            kind=request[0].value if request else "",
            request_status=RequestStatus.OPEN.value if request else "",
            opened_by=who.person_id,
            opened_at=now,
            waits_since=now,
            last_at=now,
        )
        session.add(conversation)
        session.flush()
        self._note(session, conversation, EventType.CONVERSATION_OPENED, who.person_id)
        if request is not None:
            asking.attach(session, self._room, conversation, who.person_id, request)
        words = Words(
            side=_US,
            by=_US,
            author=who.person_id,
            text=said[0],
            file_ids=said[1],
            told=Told.REQUEST_MADE if request else Told.NOTHING,
            facts={"kind": request[0].value} if request else {},
        )
        self._say(session, conversation, words)
        return view_of(session, who, _US, conversation)

    def _say(self, session: Session, conversation: Conversation, words: Words) -> None:
        """Support has to answer now, also in a conversation that was closed."""
        message = writing.say(session, self._room, conversation, words)
        writing.answered(session, self._room, conversation, words, message)
        before = writing.move(conversation, ConversationState.WAITING_SUPPORT, self._room.now())
        session.flush()
        change = writing.changed("state", before.value, conversation.state)
        self._note(session, conversation, EventType.MESSAGE_WRITTEN, words.author, change=change)
        session.flush()

    def _note(
        self, session: Session, of: Conversation, type_: EventType, by: str, **data: object
    ) -> None:
        writing.note(session, self._room, of, type_, by=by, side=_US.value, **data)
