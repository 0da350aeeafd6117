"""A webhook says that a client shared a WABA: which run is waiting for it?

The webhook is a hint, never a proof: a run takes the WABA only after its own token could read it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from core.accounts.entities import WabaAccount
from core.events import EventType
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.guidance import for_key
from core.onboarding.noting import note, note_trouble, remember, set_trouble
from core.onboarding.popup import Popup
from core.onboarding.room import Opened
from core.partners.entities import Partner
from core.ports import Everything, Steps

_ALL = Everything("onboarding: a webhook names a WABA, not a partner")
# The popup may stay open for long, and the webhook may be repeated for days.
_OPEN_FOR = timedelta(hours=3)
_SKEW = timedelta(minutes=5)
_WAITING = (RunStatus.OPEN.value, RunStatus.WORKING.value, RunStatus.STOPPED.value)
_LEFT = ("cancelled", "popup_closed")


class Sharing(Popup):
    """What Meta's webhooks tell the onboarding."""

    def partner_added(
        self, waba_id: str, business_id: str, solution_id: str, at: datetime
    ) -> list[str]:
        """Tell the runs that may be waiting for this WABA; their ids, most often one.

        `at` is Meta's time of the event. A WABA that the hub knows already concerns nobody.
        """
        with self.database.transaction(_ALL) as session:
            known = select(WabaAccount.id).where(WabaAccount.external_id == waba_id)
            if session.exec(known).first() is not None:
                return []
            runs = _waiting(session, solution_id, at)
            named = [run for run in runs if _is_named(run, waba_id, business_id)]
            told = named or [run for run in runs if solution_id and not run.business_external_id]
            for run in told:
                self._hint(session, run, waba_id, only_one=len(told) == 1)
            return [run.id for run in told]

    def match_shared_waba(
        self, steps: Steps, waba_id: str, business_id: str, solution_id: str, at: int
    ) -> None:
        """The durable work `partner_added`; `at` in unix *milliseconds*."""
        steps.run("match", self._match, waba_id, business_id, solution_id, at)

    def _match(self, waba_id: str, business_id: str, solution_id: str, at: int) -> list[str]:
        moment = datetime.fromtimestamp(at / 1000, UTC)
        return self.partner_added(waba_id, business_id, solution_id, moment)

    def _hint(self, session: Session, run: OnboardingRun, waba_id: str, *, only_one: bool) -> None:
        shared = list(run.progress.get("shared", []))
        if waba_id in shared:
            return
        remember(run, shared=[*shared, waba_id])
        note(session, self.clock, run, EventType.RUN_STEP, actor="meta", step="waba_shared")
        partner = session.get(Partner, run.partner_id)
        if partner is not None and run.error_code == "waba_not_found":
            opened = Opened(session=session, run=run, partner=partner)
            self.restart(opened, "webhook_late", actor="meta")
        elif only_one and run.error_code in _LEFT:
            # Left midway, with the account shared already: say so instead of "cancelled".
            trouble = set_trouble(run, for_key("shared_unfinished"), self.clock.now())
            note_trouble(session, self.clock, run, trouble, actor="meta")


def _waiting(session: Session, solution_id: str, at: datetime) -> list[OnboardingRun]:
    query = (
        select(OnboardingRun)
        .join(Partner, col(Partner.id) == OnboardingRun.partner_id)
        .where(
            col(OnboardingRun.status).in_(_WAITING),
            col(OnboardingRun.step).in_([RunStep.META.value, RunStep.REGISTER.value]),
            col(OnboardingRun.signup_at) > at - _OPEN_FOR,
            col(OnboardingRun.signup_at) <= at + _SKEW,
        )
        .order_by(OnboardingRun.id)
        .with_for_update(of=OnboardingRun)
    )
    if solution_id:
        query = query.where(Partner.solution_id == solution_id)
    return list(session.exec(query).all())


def _is_named(run: OnboardingRun, waba_id: str, business_id: str) -> bool:
    same_business = bool(business_id) and run.business_external_id == business_id
    return run.waba_external_id == waba_id or same_business
