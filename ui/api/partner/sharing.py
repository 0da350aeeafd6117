"""Account sharing, and whether clients of other partners are taken unasked."""

from __future__ import annotations

from fastapi import APIRouter, Response

from core.onboarding.shared_numbers import SharedNumber
from ui.api.partner.answers import answer
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.channels import ChannelObject
from ui.api.partner.schemas.sharing import (
    NewSharedClient,
    NewSharedNumber,
    PartnerChangeSetting,
    PartnerChangeWish,
    SharedClientIds,
)


def routes(router: APIRouter) -> None:
    @router.post(
        f"{PARTNER}/account_sharing/clients",
        **told(
            "Make a client for numbers to share",
            SharedClientIds,
            about="For partners who run Embedded Signup on their own site. Refused (409) while the"
            " partner has no ACTIVE solution, and for an address that a client has already.",
            takes=NewSharedClient,
        ),
    )
    def share_client(call: Called) -> Response:
        who, given = call.who, call.body(NewSharedClient)
        client_id = call.hub.onboarding.share_client(
            who, name=given.name, email=given.email, user_name=given.user_name or ""
        )
        return answer({"client_id": client_id, "id": client_id})

    @router.post(
        f"{PARTNER}/account_sharing/numbers",
        **told(
            "Take a number that a client shared with the partner's solution",
            ChannelObject,
            about="Meta must name the solution as the WABA's, or it is refused (409). The channel"
            " is registered and goes live by itself; webhooks tell of each step.",
            takes=NewSharedNumber,
        ),
    )
    def share_number(call: Called) -> Response:
        who, given = call.who, call.body(NewSharedNumber)
        channel_id = call.hub.onboarding.share_number(
            who,
            SharedNumber(
                waba_id=_id(given.waba_external_id),
                solution_id=_id(given.solution_id),
                client_id=given.client_id or "",
                business_id=_id(given.waba_business_id),
                phone_id=_id(given.channel_external_id),
                tier=given.tier or "",
            ),
        )
        return answer(call.hub.partner_api.channels.one(who, channel_id))

    @router.patch(
        f"{PARTNER}/settings/partner_change_request",
        **told(
            "Take clients of other partners unasked",
            PartnerChangeSetting,
            about="Kept, and shown to the operator's staff beside each request to come over;"
            " without it they ask the partner first.",
            takes=PartnerChangeWish,
        ),
    )
    def change_partner_change_request(call: Called) -> Response:
        who, wish = call.who, call.body(PartnerChangeWish)
        kept = call.hub.integration.set_takes_partner_changes(
            who, wish.auto_approve in (True, "true")
        )
        return answer({"auto_approve": kept})

    @router.get(
        f"{PARTNER}/settings/partner_change_request",
        **told("Whether they are", PartnerChangeSetting),
    )
    def get_partner_change_request(call: Called) -> Response:
        return answer({"auto_approve": call.hub.integration.takes_partner_changes(call.who)})


def _id(given: str | int | None) -> str:
    return "" if given is None else str(given)
