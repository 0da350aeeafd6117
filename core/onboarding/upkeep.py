"""What becomes of runs that nobody touches: rows without a visit go, the others are put aside.

Scheduled as `onboarding_upkeep`; safe to run at any time and on several processes.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, delete, select

from core.events import EventType
from core.onboarding.entities import OnboardingRun, RunStatus
from core.onboarding.errors import UnknownRun
from core.onboarding.noting import note
from core.onboarding.room import Room
from core.onboarding.steps import STATUS_MOVES
from core.ports import Everything

UPKEEP_JOB = "onboarding_upkeep"
_ALL = Everything("onboarding: upkeep of every partner's runs")
# A page that was fetched and never looked at; a tab that a phone restores late is no loss, the
# link makes a new run.
_UNVISITED_FOR = timedelta(days=1)
# Each in a short transaction of its own; the next hour takes the rest.
_AT_ONCE = 500
_MAY_BE_PUT_ASIDE = tuple(
    status.value for status, moves in STATUS_MOVES.items() if RunStatus.ABANDONED in moves
)


class Upkeep(Room):
    """Keeps the lists short."""

    def upkeep(self) -> None:
        """No row without a visit is older than a day, no idle run is called open."""
        self._forget_unvisited()
        for run_id in self._idle():
            self._put_aside(run_id)

    def _forget_unvisited(self) -> None:
        with self.database.transaction(_ALL) as session:
            session.exec(
                delete(OnboardingRun).where(
                    col(OnboardingRun.visited_at).is_(None),
                    col(OnboardingRun.created_at) < self.clock.now() - _UNVISITED_FOR,
                )
            )

    def _idle(self) -> list[str]:
        before = self.clock.now() - self.settings.onboarding_put_aside_after
        with self.database.reading(_ALL) as session:
            found = select(OnboardingRun.id).where(
                col(OnboardingRun.status).in_(_MAY_BE_PUT_ASIDE),
                col(OnboardingRun.updated_at) < before,
            )
            return list(session.exec(found.limit(_AT_ONCE)).all())

    def _put_aside(self, run_id: str) -> None:
        before = self.clock.now() - self.settings.onboarding_put_aside_after
        try:
            with self.writing(run_id) as opened:
                run = opened.run
                moved_at = run.updated_at
                if run.status not in _MAY_BE_PUT_ASIDE or moved_at >= before:
                    return  # the client came back meanwhile
                run.status = RunStatus.ABANDONED.value
                note(opened.session, self.clock, run, EventType.RUN_STEP, step="put_aside")
                # Nobody moved it: it keeps its place in the list.
                run.updated_at = moved_at
        except UnknownRun:
            return
