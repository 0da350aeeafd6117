"""Step 2, direct-paid only: the first credit, bought now or later, and auto-renewal on or off.

Templates need credit, so it is offered here; nobody has to buy.
"""

from __future__ import annotations

from sqlmodel import Session

from core.billing.payments.entities import Payment
from core.billing.payments.quoting import Quote
from core.billing.payments.states import PaymentStatus
from core.money import Money
from core.onboarding.errors import OnboardingRefused
from core.onboarding.noting import stop
from core.onboarding.pay_room import PayRoom
from core.onboarding.paying import newest_card, payer_of
from core.onboarding.views import PayStage, RunKey, RunView


class FirstCredit(PayRoom):
    """The offer after the card."""

    def quote_credit(self, key: RunKey, amount: str) -> Quote:
        """What the first top-up would cost. Raises InvalidInput (see `quoting.amount_of`)."""
        with self.watching(key) as opened:
            self.require_stage(opened, PayStage.CREDIT)
            payer = payer_of(opened.run)
            return self.billing.payments.quote_for(opened.session, payer, amount)

    def renewal_figures(self, key: RunKey) -> tuple[Money, Money]:
        """Threshold and top-up of auto-renewal, for the sentence that explains it."""
        with self.watching(key) as opened:
            return self.billing.renewal.figures_of(opened.session, payer_of(opened.run))

    def buy_credit(self, key: RunKey, amount: str, quote: Quote, *, renews: bool) -> RunView:
        """The newest card is charged what was quoted; the run goes on when it is through.

        Raises InvalidInput, Conflict (quote_changed, top_up_under_way, card_expired).
        """
        with self.acting(key) as opened:
            self.require_stage(opened, PayStage.CREDIT)
            session, run = opened.session, opened.run
            card = newest_card(session, run, self.clock.now())
            if card is None:
                raise OnboardingRefused("card_missing", language=run.language)
            payer = payer_of(run)
            self.billing.renewal.choose(session, payer, is_on=renews)
            payment = self.billing.payments.top_up_for(session, payer, amount, card.id, quote)
            run.credit_payment = payment.id
            self.reopen(run)
            self.told(opened, "credit_begun", renews=renews)
            return self.view(opened)

    def confirm_credit(self, key: RunKey) -> str:
        """Where the bank's check is, '' when there is none any more; it comes back to the run."""
        with self.watching(key) as opened:
            payer, payment = payer_of(opened.run), opened.run.credit_payment
            back = self.way_back(opened.run)
        if not payment:
            return ""
        return self.billing.payments.confirm_for(payer, payment, f"{back}?visit=payment")

    def skip_credit(self, key: RunKey, *, renews: bool) -> RunView:
        """Nothing is bought now; templates wait for the first credit."""
        with self.acting(key) as opened:
            self.require_stage(opened, PayStage.CREDIT)
            self.billing.renewal.choose(opened.session, payer_of(opened.run), is_on=renews)
            opened.run.credit_answered_at = self.clock.now()
            self.reopen(opened.run)
            self.told(opened, "credit_skipped", renews=renews)
            return self.go_on(opened)

    def credit_ended(self, session: Session, payment: Payment) -> None:
        """The first top-up is through, or it is not."""
        for opened in self.waiting_runs(session, payment.payer):
            run = opened.run
            if run.credit_payment != payment.id or run.credit_answered_at is not None:
                continue
            if payment.status == PaymentStatus.SUCCEEDED:
                run.credit_answered_at = self.clock.now()
                self.told(opened, "credit_bought", actor="hub")
                self.go_on(opened)
            else:
                code = payment.decline_code
                stop(session, self.clock, run, "credit_declined", decline_code=code)
