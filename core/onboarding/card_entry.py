"""Step 2, direct-paid only: the card, entered on the payment provider's own page.

What came of it is asked there, whoever comes back first: the browser, the provider's webhook, or
nobody at all (then the reconciler asks).
"""

from __future__ import annotations

from sqlmodel import Session

from core.billing.ledger import Payer
from core.billing.payments.card_pages import CardVisit
from core.onboarding.entities import RunStep
from core.onboarding.noting import stop
from core.onboarding.pay_room import PayRoom
from core.onboarding.paying import CARD_TROUBLES, newest_card, payer_of
from core.onboarding.room import Opened
from core.onboarding.views import PayStage, RunKey, RunView


class CardEntry(PayRoom):
    """To the provider's page and back."""

    def open_card_page(self, key: RunKey) -> str:
        """Where the card is entered; the browser comes back to the run with `visit`.

        Raises OnboardingRefused (wrong_step), Unavailable, PaymentRefused.
        """
        with self.watching(key) as opened:
            self.require_stage(opened, PayStage.CARD, PayStage.CREDIT)
            payer, back = payer_of(opened.run), self.way_back(opened.run)
        page = self.billing.payments.send_to_card_page(payer, back, actor="client")
        with self.acting(key) as opened:
            run = opened.run
            run.card_visit = page.visit_id
            self.reopen(run)
            self.told(opened, "card_page_opened")
        return page.url

    def came_back(self, key: RunKey, *, cancelled: bool = False) -> RunView:
        """From the provider's page, with a card or without; asked as often as anybody looks.

        Raises Unavailable: then the webhook brings the card in.
        """
        with self.watching(key) as opened:
            run, credit = opened.run, opened.run.credit_payment
            visit_id, payer = run.card_visit, payer_of(run)
        if credit:
            self._look_at_credit(key, payer, credit)
        visit = CardVisit()
        if visit_id:
            visit = self.billing.payments.came_back(payer.partner_id, visit_id)
        with self.acting(key) as opened:
            if visit_id and opened.run.card_visit == visit_id:
                self._take_visit(opened, visit, cancelled=cancelled)
            return self.go_on(opened)

    def card_came(self, session: Session, payer: Payer) -> None:
        """A card stands with the client; its run goes on, whoever is looking."""
        for opened in self.waiting_runs(session, payer):
            if opened.run.card_visit or self._waits_for_card(opened):
                self._take_card(opened)

    def _waits_for_card(self, opened: Opened) -> bool:
        return opened.run.step == RunStep.PAYMENT or opened.run.error_code in CARD_TROUBLES

    def _look_at_credit(self, key: RunKey, payer: Payer, payment_id: str) -> None:
        with self.watching(key) as opened:
            is_over = opened.run.credit_answered_at is not None
        if not is_over:
            self.billing.payments.look_for(payer, payment_id)

    def _take_visit(self, opened: Opened, visit: CardVisit, *, cancelled: bool) -> None:
        run, session = opened.run, opened.session
        if visit.card is not None:
            self._take_card(opened)
            return
        key = "card_cancelled" if cancelled else ""
        if visit.decline_code:
            key = "card_declined"
        elif visit.is_over:
            key = "card_page_expired"
        if not key:
            return  # still being checked: the provider's webhook tells
        run.card_visit = ""
        stop(session, self.clock, run, key, actor="client", decline_code=visit.decline_code)

    def _take_card(self, opened: Opened) -> None:
        """Told once per visit; the client has an account from here on."""
        run, session = opened.run, opened.session
        card = newest_card(session, run, self.clock.now())
        if card is None:
            stop(session, self.clock, run, "card_missing")
            return
        # Without a visit the partner's owner was there for the client.
        actor, run.card_visit = "client" if run.card_visit else "hub", ""
        self.told(opened, "card_added", actor=actor, brand=card.brand, last4=card.last4)
        if run.step == RunStep.REGISTER:
            if run.error_code in CARD_TROUBLES:
                self.restart(opened, "retried")
            return
        self.reopen(run)
        self.go_on(opened)
