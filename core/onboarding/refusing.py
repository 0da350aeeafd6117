"""Why a partner takes no clients, the first reason first; refusals in the order of product.md."""

from __future__ import annotations

from core.onboarding.errors import OnboardingRefused
from core.onboarding.seeing import brand_of
from core.partners.entities import BillingModel, Partner, SolutionStatus
from core.settings import Settings


def refuse_partner(partner: Partner, language: str) -> None:
    """Raises OnboardingRefused when this partner takes no clients now."""
    if reasons := partner_faults(partner):
        raise refused(reasons[0], partner, language)


def refuse_billing(partner: Partner, language: str, settings: Settings) -> None:
    """Raises OnboardingRefused where the client would have to agree to terms that are not there."""
    if lacks_terms(partner, settings):
        raise refused("terms_missing", partner, language)


def lacks_terms(partner: Partner, settings: Settings) -> bool:
    """Clients that pay for themselves have a contract with the operator."""
    return partner.billing_model == BillingModel.DIRECT_PAID and not settings.terms_link


def partner_faults(partner: Partner) -> list[str]:
    """Why this partner takes no clients."""
    active = partner.solution_status == SolutionStatus.ACTIVE
    faults = {
        "partner_blocked": partner.blocked,
        "plan_ended": partner.plan_ended,
        "plan_unpaid": partner.plan_unpaid,
        "solution_inactive": not (partner.solution_id and active),
    }
    return [code for code, is_so in faults.items() if is_so]


def refused(code: str, partner: Partner, language: str) -> OnboardingRefused:
    """The refusal in the partner's dress."""
    return OnboardingRefused(code, brand=brand_of(partner), language=language)
