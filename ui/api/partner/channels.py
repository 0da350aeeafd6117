"""Channels, and the end of one."""

from __future__ import annotations

from fastapi import APIRouter, Response

from core.integration.api.channel_lists import CHANNELS
from ui.api.partner.answers import answer, listed
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.channels import (
    CancellationRequest,
    ChannelList,
    ChannelObject,
    EndedChannel,
)
from ui.api.partner.schemas.common import Nothing

_CONTROL = f"{PARTNER}/clients/{{client_id}}/channels/{{channel_id}}/control"


def routes(router: APIRouter) -> None:
    @router.get(
        f"{PARTNER}/channels",
        **told("List channels", ChannelList, lists=CHANNELS),
    )
    def list_channels(call: Called) -> Response:
        who, query = call.who, call.listing()
        return listed("partner_channels", call.hub.partner_api.channels.page(who, query), query)

    @router.get(f"{PARTNER}/channels/{{channel_id}}", **told("Get a channel", ChannelObject))
    def get_channel(call: Called) -> Response:
        return answer(call.hub.partner_api.channels.one(call.who, call.path("channel_id")))

    @router.post(
        f"{_CONTROL}/cancellation_request",
        **told(
            "Cancel a channel, or keep it",
            EndedChannel,
            about="A cancelled channel works until the end of the month (UTC).",
            takes=CancellationRequest,
        ),
    )
    def request_cancellation(call: Called) -> Response:
        who, wish = call.who, call.body(CancellationRequest)
        place = (call.path("client_id"), call.path("channel_id"))
        channels = call.hub.partner_api.channels
        return answer(channels.request_cancellation(who, *place, enabled=wish.enabled))

    @router.post(
        f"{_CONTROL}/reactivate",
        **told("Keep a cancelled channel", ChannelObject, takes=Nothing),
    )
    def reactivate(call: Called) -> Response:
        who = call.who
        place = (call.path("client_id"), call.path("channel_id"))
        return answer(call.hub.partner_api.channels.reactivate(who, *place))
