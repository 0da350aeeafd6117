"""Answers that staff write often; the operator's own, the same for all partners."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

from core.access import Principal
from core.errors import Conflict, NotFound
from core.support.entities import TEXT_LENGTH, CannedAnswer
from core.support.room import Room, known
from core.support.texts import beginning, kept
from core.support.views import CannedView

_TITLE = 120
_WHY = "canned answers"


class CannedAnswers:
    """Verbs of the desk; each passes the staff gate."""

    _room: Room

    def canned(self, who: Principal) -> tuple[CannedView, ...]:
        """Answers that are written often, by title."""
        with self._room.gate.desk_reading(who, _WHY) as session:
            found = select(CannedAnswer).order_by(func.lower(CannedAnswer.title))
            return tuple(_view(answer) for answer in session.exec(found))

    def add_canned(self, who: Principal, title: str, text: str) -> CannedView:
        """Raises InvalidInput (field title or text), Conflict (title_taken)."""
        with self._room.gate.desk_writing(who, _WHY) as session:
            answer = CannedAnswer(title="", text="", changed_at=self._room.now())
            return self._keep_canned(session, answer, who, title, text)

    def change_canned(self, who: Principal, canned_id: str, title: str, text: str) -> CannedView:
        """Raises NotFound, InvalidInput, Conflict (title_taken)."""
        with self._room.gate.desk_writing(who, _WHY) as session:
            return self._keep_canned(session, _existing(session, canned_id), who, title, text)

    def remove_canned(self, who: Principal, canned_id: str) -> None:
        """Raises NotFound."""
        with self._room.gate.desk_writing(who, _WHY) as session:
            session.delete(_existing(session, canned_id))

    def _keep_canned(
        self, session: Session, answer: CannedAnswer, who: Principal, title: str, text: str
    ) -> CannedView:
        title = beginning(kept(title, "title", _TITLE), _TITLE)
        answer.title = title
        answer.text = kept(text, "text", TEXT_LENGTH)
        answer.changed_by, answer.changed_at = who.person_id, self._room.now()
        session.add(answer)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(code="title_taken", title=title) from error
        return _view(answer)


def _existing(session: Session, canned_id: str) -> CannedAnswer:
    answer = session.get(CannedAnswer, known(canned_id))
    if answer is None:
        raise NotFound(canned_id=canned_id)
    return answer


def _view(answer: CannedAnswer) -> CannedView:
    return CannedView(id=answer.id, title=answer.title, text=answer.text)
