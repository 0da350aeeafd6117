"""The partner itself, and where its webhooks go."""

from __future__ import annotations

from fastapi import APIRouter, Response

from core.errors import InvalidInput
from ui.api.partner.answers import answer
from ui.api.partner.call import PARTNER, Call, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.partners import (
    PartnerChange,
    PartnerObject,
    WebhookUrl,
    WebhookUrlChange,
)


def routes(router: APIRouter) -> None:
    @router.get(PARTNER, **told("Get the partner", PartnerObject))
    def get_partner(call: Called) -> Response:
        return answer(call.hub.partner_api.partner.one(call.who))

    @router.patch(PARTNER, **told("Change the partner", PartnerObject, takes=PartnerChange))
    def change_partner(call: Called) -> Response:
        who = call.who
        _change(call, call.body(PartnerChange))
        return answer(call.hub.partner_api.partner.one(who))

    @router.get(f"{PARTNER}/webhook_url", **told("Get the webhook URL", WebhookUrl))
    def get_webhook_url(call: Called) -> Response:
        return _webhook_url(call)

    @router.post(
        f"{PARTNER}/webhook_url",
        **told("Set the webhook URL", WebhookUrl, takes=WebhookUrlChange),
    )
    def set_webhook_url(call: Called) -> Response:
        who, change = call.who, call.body(WebhookUrlChange)
        call.hub.webhooks.set_main(who, change.webhook_url, change.headers)
        return _webhook_url(call)


def _change(call: Call, change: PartnerChange) -> None:
    """Both are judged before the first is set."""
    webhook_url, redirect_url = change.webhook_url, change.partner_redirect_url
    if redirect_url and (fault := call.hub.integration.redirect_rules.redirect_fault(redirect_url)):
        raise InvalidInput(code=fault, field="partner_redirect_url")
    if webhook_url:
        call.hub.webhooks.check_url(call.who, webhook_url)
    if redirect_url is not None:
        call.hub.integration.set_redirect_url(call.who, redirect_url)
    if webhook_url is not None:
        call.hub.webhooks.set_main(call.who, webhook_url)


def _webhook_url(call: Call) -> Response:
    main = call.hub.webhooks.main(call.who)
    return answer({"id": call.path("partner_id"), "webhook_url": main.url if main else ""})
