"""A mail to whoever is away: some minutes after a message, if it was not read until then.

One mail per person and conversation until they have read: what comes meanwhile is in the same one,
or waits in the hub. Nothing is mailed of what was read before its mail is due.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlmodel import Session, col, func, select

from core.errors import GatewayError, InvalidInput, NotFound, Unavailable
from core.partners.entities import Membership, Partner, Person, Role
from core.ports import Mail, Steps, Tenant
from core.support.entities import Conversation, Message
from core.support.mail_texts import Told, mail_of
from core.support.marks import concerns, furthest, mark_of, read_by
from core.support.ports import MAIL_JOB
from core.support.room import Room, existing
from core.support.states import Side

log = structlog.get_logger()

# *Seconds*; after a day in vain the message stands in the hub anyway.
_WAITS = (10, 60, 600, 3600, 6 * 3600, 24 * 3600)


def expect(
    session: Session, room: Room, conversation: Conversation, message: Message, by: Side
) -> None:
    """Whoever has to read the message is mailed if they do not; one that is expected is enough."""
    if by is Side.PARTNER:
        if room.settings.desk_email and conversation.staff_mailed <= furthest(
            session, conversation.id, Side.STAFF
        ):
            conversation.staff_mailed = message.number
            _enqueue(session, room, conversation, "", message.number)
        return
    for person_id in owners_taking_part(session, conversation):
        mark = mark_of(session, conversation, person_id, Side.PARTNER)
        if mark.mailed_number <= mark.read_number:
            mark.mailed_number = message.number
            session.add(mark)
            _enqueue(session, room, conversation, person_id, message.number)


def owners_taking_part(session: Session, conversation: Conversation) -> list[str]:
    """Owners who have written in it; once none of them is one any more, all owners."""
    owners = set(
        session.exec(
            select(Membership.person_id).where(
                Membership.partner_id == conversation.partner_id,
                Membership.role == Role.OWNER.value,
                col(Membership.removed_at).is_(None),
            )
        )
    )
    wrote = select(Message.author_id).where(
        Message.conversation_id == conversation.id, Message.side == Side.PARTNER.value
    )
    return sorted(owners & set(session.exec(wrote.distinct())) or owners)


class Mailing:
    """Registered as the durable work `support_mail`."""

    def __init__(self, room: Room) -> None:
        self._room = room
        room.jobs.register(MAIL_JOB, self.work)

    def work(  # noqa: PLR0917  a job's arguments are a list
        self,
        steps: Steps,
        partner_id: str,
        conversation_id: str,
        person_id: str,
        number: int,
        tries: int = 0,
    ) -> None:
        """One mail; later again while the mail server does not take it."""
        if steps.run("send", self.send, partner_id, conversation_id, person_id, number):
            return
        if tries < len(_WAITS):
            args = (partner_id, conversation_id, person_id, number, tries + 1)
            key = _key(conversation_id, person_id, number, tries + 1)
            with self._room.database.transaction(Tenant(partner_id)) as session:
                self._room.jobs.enqueue(session, MAIL_JOB, *args, key=key, delay=_WAITS[tries])

    def send(self, partner_id: str, conversation_id: str, person_id: str, number: int) -> bool:
        """True when there is nothing left to do: read meanwhile, mailed, or not to be mailed."""
        with self._room.database.reading(Tenant(partner_id)) as session:
            unread = self._unread(session, conversation_id, person_id, number)
        if unread is None:
            return True
        try:
            self._room.mailer.send(self._mail(unread, person_id, number))
        except Unavailable:
            return False
        except (GatewayError, InvalidInput) as error:
            log.warning("support_mail_refused", code=error.code)
        return True

    def _unread(
        self, session: Session, conversation_id: str, person_id: str, number: int
    ) -> _Unread | None:
        """None when there is nobody to write to, or nothing to write about any more."""
        try:
            conversation = existing(session, conversation_id)
        except NotFound:
            return None
        side = Side.PARTNER if person_id else Side.STAFF
        read = read_by(session, conversation_id, side, person_id)
        to = self._address(session, conversation, person_id)
        if read >= number or to is None:
            return None
        open_ = (
            Message.conversation_id == conversation_id,
            Message.number > read,
            concerns(side),
            col(Message.is_note).is_(False),
        )
        newest = session.exec(
            select(Message).where(*open_).order_by(col(Message.number).desc()).limit(1)
        ).first()
        if newest is None:
            return None
        count = session.exec(select(func.count()).select_from(Message).where(*open_)).one()
        partner = session.get_one(Partner, conversation.partner_id)
        return _Unread(conversation, newest, count, partner.brand_name, *to)

    def _address(
        self, session: Session, conversation: Conversation, person_id: str
    ) -> tuple[str, str] | None:
        """Where to, and in which language; None for somebody who is no owner any more."""
        if not person_id:
            return self._room.settings.desk_email, "en"
        person = session.get(Person, person_id)
        if person is None or not person.email:
            return None
        if person_id not in owners_taking_part(session, conversation):
            return None
        return person.email, str(person.preferences.get("language", "en"))

    def _mail(self, unread: _Unread, person_id: str, number: int) -> Mail:
        conversation, base = unread.conversation, self._room.settings.base_url
        place = "support" if person_id else "desk"
        told = Told(
            hub=self._room.settings.name,
            partner=unread.partner,
            subject=conversation.subject,
            kind=conversation.kind,
            told=unread.newest.told,
            text=unread.newest.text,
            count=unread.count,
        )
        text = mail_of(told, for_staff=not person_id, language=unread.language)
        return Mail(
            to=unread.to,
            subject=text.subject,
            text=text.body,
            button_label=text.button,
            button_url=f"{base}/{place}/{conversation.id}",
            language=unread.language,
            key=_key(conversation.id, person_id, number, 0),
        )


@dataclass(frozen=True, slots=True)
class _Unread:
    conversation: Conversation
    newest: Message
    count: int
    partner: str
    to: str
    language: str


def _enqueue(
    session: Session, room: Room, conversation: Conversation, person_id: str, number: int
) -> None:
    args = (conversation.partner_id, conversation.id, person_id, number, 0)
    delay = room.settings.support_mail_after.total_seconds()
    key = _key(conversation.id, person_id, number, 0)
    room.jobs.enqueue(session, MAIL_JOB, *args, key=key, delay=delay)


def _key(conversation_id: str, person_id: str, number: int, tries: int) -> str:
    return f"{MAIL_JOB}:{conversation_id}:{person_id or 'desk'}:{number}:{tries}"
