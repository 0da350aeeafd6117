"""The partner itself as the contract writes it."""

from __future__ import annotations

from core.integration.shapes.values import Json
from core.partners.entities import BillingModel, Partner


def partner_object(partner: Partner, *, base_url: str, plan: str, webhook_url: str) -> Json:
    """The partner; '' for no plan and for no main endpoint. `base_url` is the hub's own."""
    logo = f"{base_url}/logos/{partner.logo_hash}" if partner.logo_hash else ""
    return {
        "id": partner.id,
        "brand_name": partner.brand_name,
        "logo_url": logo,
        "partner_redirect_url": partner.redirect_url,
        "webhook_url": webhook_url,
        "payment_plan": plan,
        "payment_required": partner.billing_model == BillingModel.DIRECT_PAID,
        "country": partner.country,
        "blocked_new_submission": partner.blocked or partner.plan_unpaid or partner.plan_ended,
        "onboarding_deeplink_add_params": True,
    }
