"""The partner's solution at Meta: which one it is, and whether it may take clients."""

from __future__ import annotations

from core.access import Principal
from core.errors import InvalidInput, MetaError
from core.integration.settings.room import Room
from core.integration.settings.rules import solution_fault
from core.integration.settings.views import IntegrationView
from core.partners.entities import SolutionStatus

_LONGEST_STATUS = 24
_NO_SUCH_OBJECT = 100  # or one that the operator's app has no part in


class Solution:
    """Meta is asked outside of every transaction."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def set_solution_id(self, who: Principal, text: str) -> IntegrationView:
        """The solution is `text` (14 to 18 digits, or none), in the state that Meta tells.

        Raises InvalidInput (`solution_form`, or `solution_unknown` when Meta knows none of that
        ID), Unavailable when Meta does not answer: then nothing is saved.
        """
        wanted = "".join(text.split())
        if fault := solution_fault(wanted):
            raise InvalidInput(code=fault, field="solution_id")
        with self._room.reading(who):
            pass  # who may not is refused before Meta is asked
        status = self._status_of(wanted)
        with self._room.writing(who) as (session, partner):
            self._room.change(session, partner, who, "solution_id", wanted)
            self._room.change(session, partner, who, "solution_status", status)
            return self._room.view(session, partner)

    def refresh_solution(self, who: Principal) -> IntegrationView:
        """The state is what Meta says now; a solution that Meta does not know has none.

        Raises Unavailable when Meta does not answer.
        """
        with self._room.reading(who) as (session, partner):
            asked, now = partner.solution_id, self._room.view(session, partner)
        if not asked:
            return now
        try:
            status = self._status_of(asked)
        except InvalidInput:
            status = SolutionStatus.NONE.value
        with self._room.writing(who) as (session, partner):
            if partner.solution_id == asked:  # else another one was entered meanwhile
                self._room.change(session, partner, who, "solution_status", status)
            return self._room.view(session, partner)

    def _status_of(self, solution_id: str) -> str:
        if not solution_id:
            return SolutionStatus.NONE.value
        try:
            node = self._room.meta.solution(solution_id)
        except MetaError as error:
            if error.meta_code != _NO_SUCH_OBJECT:
                raise
            raise InvalidInput(code="solution_unknown", field="solution_id") from error
        return str(node.get("status") or SolutionStatus.NONE.value)[:_LONGEST_STATUS]
