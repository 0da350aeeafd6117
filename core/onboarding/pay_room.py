"""What the parts of the payment step share: where the run may go, and when there is an account."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from core.billing.ledger import Payer
from core.events import EventType
from core.onboarding.account import open_account
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.noting import clear_trouble, move_to, note
from core.onboarding.paying import lacks_card, pays_itself, stage_of
from core.onboarding.popup import Popup
from core.onboarding.room import Opened
from core.onboarding.views import PayStage, RunView
from core.partners.entities import Partner

_WAITING = (RunStep.PAYMENT.value, RunStep.META.value, RunStep.REGISTER.value)


class PayRoom(Popup):
    """For the verbs in `agreeing`, `card_entry` and `first_credit`."""

    def go_on(self, opened: Opened) -> RunView:
        """The account is there as soon as there is a card; Meta's window when nothing is missing.

        The guard: whatever is called in whatever order, without a card there is neither.
        """
        session, run, now = opened.session, opened.run, self.clock.now()
        session.flush()
        if not lacks_card(session, run, opened.partner, now):
            open_account(session, self.clock, run)
        terms = self.settings.terms_version
        if run.step == RunStep.PAYMENT:
            if stage_of(session, run, opened.partner, terms, now) is None:
                move_to(run, RunStep.META, RunStatus.OPEN)
        return self.view(opened)

    def waiting_runs(self, session: Session, payer: Payer) -> list[Opened]:
        """The client's runs that wait for money, held until the commit."""
        partner = session.get(Partner, payer.partner_id)
        if partner is None or not payer.client_id or not pays_itself(partner):
            return []
        found = select(OnboardingRun).where(
            OnboardingRun.client_id == payer.client_id, col(OnboardingRun.step).in_(_WAITING)
        )
        held = found.with_for_update().execution_options(populate_existing=True)
        runs = session.exec(held).all()
        return [Opened(session=session, run=run, partner=partner) for run in runs]

    def require_stage(self, opened: Opened, *stages: PayStage) -> None:
        run, terms = opened.run, self.settings.terms_version
        now = self.clock.now()
        if stage_of(opened.session, run, opened.partner, terms, now) not in stages:
            raise OnboardingRefused("wrong_step", language=run.language, step=run.step)

    def reopen(self, run: OnboardingRun) -> None:
        """What was wrong with the card is over; a stopped server sequence stays stopped."""
        if run.step != RunStep.REGISTER:
            clear_trouble(run)
            run.status = RunStatus.OPEN.value

    def way_back(self, run: OnboardingRun) -> str:
        """The run's own page."""
        return f"{self.settings.base_url}/onboarding/{run.partner_id}/run/{run.id}"

    def told(self, opened: Opened, step: str, *, actor: str = "client", **data: Any) -> None:
        """One line in the flight record."""
        kind = EventType.RUN_STEP
        note(opened.session, self.clock, opened.run, kind, actor=actor, step=step, **data)
