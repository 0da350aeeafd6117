"""The partner itself."""

from __future__ import annotations

from ui.api.partner.schemas.common import Told, maybe, says, url

_URL = "https://partner.example/done"
_HOOK = "https://partner.example/hooks/whatsapp"


class PartnerObject(Told):
    """The partner."""

    id: str = says("Id, ends in PA.", "f167CmPA")
    brand_name: str = says("Name that clients see.", "Acme Messaging")
    logo_url: str = says("Address of the logo; '' without one.", "https://hub.example/logos/4f…")
    partner_redirect_url: str = says("Where clients go after onboarding; '' without one.", _URL)
    webhook_url: str = says("Where webhooks are posted; '' without one.", _HOOK)
    payment_plan: str = says("The plan; '' without one.", "growth")
    payment_required: bool = says("Whether each client pays for itself.", False)
    country: str = says("Country, two letters.", "DE")
    blocked_new_submission: bool = says("Whether no new numbers are taken.", False)
    onboarding_deeplink_add_params: bool = says("Whether links may carry parameters.", True)


class PartnerChange(Told):
    """What is to be set; null and missing leave a value as it is."""

    webhook_url: str | None = url("Where webhooks are posted.", _HOOK, missing=True)
    partner_redirect_url: str | None = url("Where clients go after onboarding.", _URL, missing=True)


class WebhookUrl(Told):
    """Where webhooks are posted."""

    id: str = says("Id of the partner.", "f167CmPA")
    webhook_url: str = says("The URL; '' without one.", _HOOK)


class WebhookUrlChange(Told):
    """A URL, and headers of the partner's own that are sent to it."""

    webhook_url: str = url("The URL; '' takes it away.", _HOOK)
    headers: dict[str, str] | None = maybe(
        "Sent with every webhook; missing: those that are set stay.",
        {"X-Tenant": "7"},
        max_length=20,
        json_schema_extra={"propertyNames": {"pattern": "^X-[A-Za-z0-9]{1,20}$"}},
    )
