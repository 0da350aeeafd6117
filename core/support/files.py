"""Files of conversations: checked and drawn anew, kept by hash, seen by whom they were sent to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from core.access import Principal
from core.errors import Conflict, InvalidInput, NotFound
from core.support.entities import Message, SupportFile
from core.support.room import Room, known
from core.support.states import Side
from core.support.views import FileView
from core.uploads.rules import PICTURES, Kind, kind_of, safe_name

FILES_PER_MESSAGE = 5
# Kept but not sent: more than one draft with its files is somebody who fills the disk.
MOST_UNSENT = 20
_TAKEN = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class _Kept:
    name: str
    kind: Kind
    size: int
    digest: str


class Files:
    """For owners and for staff; which of them, the caller's session tells."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def keep_for_owner(self, who: Principal, name: str, content: bytes) -> FileView:
        """As `Support.keep_file`."""
        with self._room.owner_reading(who) as session:
            require_few(session, who.person_id)
        checked = self._checked(name, content)
        with self._room.owner_writing(who) as session:
            return self._keep(session, who.tenant.partner_id, who, Side.PARTNER, checked)

    def keep_for_staff(
        self, who: Principal, partner_id: str, name: str, content: bytes
    ) -> FileView:
        """As `Desk.keep_file`."""
        with self._room.gate.staff_reading(who, partner_id) as session:
            require_few(session, who.person_id)
        checked = self._checked(name, content)
        with self._room.gate.staff_writing(who, partner_id) as session:
            return self._keep(session, partner_id, who, Side.STAFF, checked)

    def for_owner(self, who: Principal, file_id: str) -> tuple[str, str, bytes]:
        """As `Support.file`: sent in a conversation of the partner's, or this person's own draft.

        What staff wrote among themselves, or have not sent, is not there.
        """
        with self._room.owner_reading(who) as session:
            file = _existing(session, file_id)
            message = session.get(Message, file.message_id) if file.message_id else None
            is_draft = message is None and file.side == Side.PARTNER.value
            if message is None and not (is_draft and file.uploaded_by == who.person_id):
                raise NotFound(file_id=file_id)
            if message is not None and message.is_note:
                raise NotFound(file_id=file_id)
        return self._content(file)

    def for_staff(self, who: Principal, file_id: str) -> tuple[str, str, bytes]:
        """As `Desk.file`: everything that was sent, and this person's own drafts."""
        with self._room.gate.desk_reading(who, "a file of a conversation") as session:
            file = _existing(session, file_id)
        if file.message_id is None and file.uploaded_by != who.person_id:
            raise NotFound(file_id=file_id)
        return self._content(file)

    def _checked(self, name: str, content: bytes) -> _Kept:
        """Outside of any transaction: drawing and the disk take as long as they take."""
        kind = kind_of(content, _TAKEN)
        if kind in PICTURES:
            content, kind = self._room.pictures.drawn(content, kind)
        digest = self._room.blobs.put(content, kind.value)
        return _Kept(safe_name(name, kind), kind, len(content), digest)

    def _keep(
        self,
        session: Session,
        partner_id: str,
        who: Principal,
        side: Side,
        kept: _Kept,
    ) -> FileView:
        require_few(session, who.person_id)
        file = SupportFile(
            partner_id=partner_id,
            uploaded_by=who.person_id,
            side=side.value,
            name=kept.name,
            media_type=kept.kind.value,
            size=kept.size,
            blob_hash=kept.digest,
            at=self._room.now(),
        )
        session.add(file)
        session.flush()
        return view_of(file)

    def _content(self, file: SupportFile) -> tuple[str, str, bytes]:
        content, _ = self._room.blobs.get(file.blob_hash)
        return file.name, file.media_type, content


def attach(session: Session, message: Message, person_id: str, ids: tuple[str, ...]) -> None:
    """The message has the person's unsent files. Raises InvalidInput (field files):
    `too_many_files`, `unknown_file`."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > FILES_PER_MESSAGE:
        raise InvalidInput(code="too_many_files", field="files", most=FILES_PER_MESSAGE)
    for id_ in wanted:
        file = _unsent(session, id_)
        if file is None or file.uploaded_by != person_id or file.side != message.side:
            raise InvalidInput(code="unknown_file", field="files")
        file.message_id = message.id
        session.add(file)
    session.flush()


def by_message(session: Session, ids: list[str]) -> dict[str, tuple[FileView, ...]]:
    """Files of messages, in the order in which they were kept."""
    found = select(SupportFile).where(col(SupportFile.message_id).in_(ids))
    files: dict[str, list[FileView]] = {}
    for file in session.exec(found.order_by(col(SupportFile.at), SupportFile.id)):
        files.setdefault(file.message_id or "", []).append(view_of(file))
    return {id_: tuple(views) for id_, views in files.items()}


def require_few(session: Session, person_id: str) -> None:
    """Raises Conflict (`too_many_files`) for somebody who keeps files and sends none."""
    unsent = select(func.count()).where(
        col(SupportFile.uploaded_by) == person_id, col(SupportFile.message_id).is_(None)
    )
    if session.exec(unsent.select_from(SupportFile)).one() >= MOST_UNSENT:
        raise Conflict(code="too_many_files", most=MOST_UNSENT)


def forget_unsent(session: Session, before: datetime) -> int:
    """Files that nobody sent since then are gone; how many. The blob stays: others may have it."""
    found = select(SupportFile).where(
        col(SupportFile.message_id).is_(None), SupportFile.at < before
    )
    old = session.exec(found).all()
    for file in old:
        session.delete(file)
    return len(old)


def view_of(file: SupportFile) -> FileView:
    return FileView(id=file.id, name=file.name, media_type=file.media_type, size=file.size)


def _existing(session: Session, file_id: str) -> SupportFile:
    file = session.get(SupportFile, known(file_id))
    if file is None:
        raise NotFound(file_id=file_id)
    return file


def _unsent(session: Session, file_id: str) -> SupportFile | None:
    if not (file_id.isascii() and file_id.isalnum()):
        return None
    found = select(SupportFile).where(
        SupportFile.id == file_id, col(SupportFile.message_id).is_(None)
    )
    return session.exec(found.with_for_update()).one_or_none()
