"""What a client that pays for itself still owes before Meta's window; reads only.

The card is asked of the payments' own rows, never remembered by the run: one that is removed or
expires meanwhile counts no more. Without a card nobody gets an account.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from core.billing.invoices.details import newest
from core.billing.invoices.statuses import VatState
from core.billing.ledger import Payer
from core.billing.payments.entities import Card, Payment
from core.billing.payments.top_ups import usable_cards
from core.billing.payments.views import PaymentView, view_of
from core.billing.renewal.figures import credits_of
from core.onboarding.entities import OnboardingRun, RunStep
from core.onboarding.views import PayStage
from core.partners.entities import BillingModel, Partner

# Why a run stands still for want of a card; the way on is the provider's page.
CARD_TROUBLES = frozenset({"card_missing", "card_declined", "card_cancelled", "card_page_expired"})


def payer_of(run: OnboardingRun) -> Payer:
    """The client; of a run whose client is known."""
    return Payer(partner_id=run.partner_id, client_id=run.client_id or "")


def pays_itself(partner: Partner) -> bool:
    """Whether the partner's clients prepay, each for itself."""
    return partner.billing_model == BillingModel.DIRECT_PAID


def newest_card(session: Session, run: OnboardingRun, now: datetime) -> Card | None:
    """The card that was added last, of those that could be charged."""
    cards = usable_cards(session, payer_of(run), now) if run.client_id else []
    return max(cards, key=lambda card: card.position, default=None)


def lacks_card(session: Session, run: OnboardingRun, partner: Partner, now: datetime) -> bool:
    """The guard: such a client gets no account, however the run got here."""
    return pays_itself(partner) and newest_card(session, run, now) is None


def stage_of(
    session: Session, run: OnboardingRun, partner: Partner, terms: str, now: datetime
) -> PayStage | None:
    """The first thing that is missing; None when Meta may be opened. `terms`: their version."""
    if not pays_itself(partner):
        return None
    if run.step != RunStep.PAYMENT:
        # On the way to a number only the card counts, and only until there is a token.
        waits = run.step == RunStep.META or run.error_code in CARD_TROUBLES
        return PayStage.CARD if waits and lacks_card(session, run, partner, now) else None
    if not has_accepted(session, run, terms):
        return PayStage.TERMS
    if newest(session, payer_of(run)) is None:
        return PayStage.DETAILS
    if lacks_card(session, run, partner, now):
        return PayStage.CARD
    return PayStage.CREDIT if _is_asked_for_credit(session, run) else None


def _is_asked_for_credit(session: Session, run: OnboardingRun) -> bool:
    """Once in a run, and never a client whose credit has moved before."""
    if run.credit_answered_at is not None:
        return False
    return bool(run.credit_payment) or not credits_of(session, [payer_of(run)])


def has_accepted(session: Session, run: OnboardingRun, terms: str) -> bool:
    """Whether this client agreed to this version, now or in an earlier run."""
    found = select(OnboardingRun.id).where(
        OnboardingRun.client_id == run.client_id,
        OnboardingRun.terms_version == terms,
        col(OnboardingRun.terms_accepted_at).is_not(None),
    )
    return bool(run.client_id) and session.exec(found).first() is not None


def has_bad_vat_id(session: Session, run: OnboardingRun) -> bool:
    """The register has answered that it does not know the client's VAT ID."""
    details = newest(session, payer_of(run)) if run.client_id else None
    return details is not None and details.vat_state == VatState.INVALID


def credit_of(session: Session, run: OnboardingRun) -> PaymentView | None:
    """The first top-up as it stands; None before there is one."""
    payment = session.get(Payment, run.credit_payment) if run.credit_payment else None
    return view_of(payment) if payment is not None else None
