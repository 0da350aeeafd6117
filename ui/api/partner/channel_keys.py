"""The API key of a channel."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from core.integration.api.channel_keys import ChannelKeyRow
from ui.api.partner.answers import answer
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.common import Nothing, Success
from ui.api.partner.schemas.keys import ChannelKeyList, NewChannelKeyObject

_KEYS = f"{PARTNER}/channels/{{channel_id}}/api_keys"


def routes(router: APIRouter) -> None:
    @router.post(
        _KEYS,
        **told(
            "Make an API key for a channel",
            NewChannelKeyObject,
            about="From `channel_permission_granted` on; the key before is good for nothing then.",
            takes=Nothing,
            status=201,
        ),
    )
    def make_key(call: Called) -> Response:
        # Whatever is sent as a body says nothing: programs send none, {} or an empty form.
        made = call.hub.partner_api.channel_keys.create(call.who, call.path("channel_id"))
        return answer(_told(made.row) | {"api_key": made.api_key}, 201)

    @router.get(_KEYS, **told("List API keys of a channel", ChannelKeyList))
    def list_keys(call: Called) -> Response:
        rows = call.hub.partner_api.channel_keys.all(call.who, call.path("channel_id"))
        return answer({"api_keys": [_told(row) for row in rows]})

    @router.delete(_KEYS, **told("Delete the API key of a channel", Success, writes=True))
    def delete_key(call: Called) -> Response:
        call.hub.partner_api.channel_keys.delete(call.who, call.path("channel_id"))
        return answer({"meta": {"success": True}})


def _told(row: ChannelKeyRow) -> dict[str, Any]:
    return {"id": row.id, "address": row.address, "app_id": row.app_id}
