"""Clients."""

from __future__ import annotations

from fastapi import APIRouter, Response

from core.integration.api.clients import CLIENTS
from ui.api.partner.answers import answer, listed
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.clients import ClientChange, ClientList, ClientObject

_ONE = f"{PARTNER}/clients/{{client_id}}"


def routes(router: APIRouter) -> None:
    @router.get(f"{PARTNER}/clients", **told("List clients", ClientList, lists=CLIENTS))
    def list_clients(call: Called) -> Response:
        who, query = call.who, call.listing()
        return listed("clients", call.hub.partner_api.clients.page(who, query), query)

    @router.get(_ONE, **told("Get a client", ClientObject))
    def get_client(call: Called) -> Response:
        return answer(call.hub.partner_api.clients.one(call.who, call.path("client_id")))

    @router.patch(_ONE, **told("Change a client", ClientObject, takes=ClientChange))
    def change_client(call: Called) -> Response:
        who, change = call.who, call.body(ClientChange)
        changed = call.hub.partner_api.clients.change(
            who,
            call.path("client_id"),
            partner_payload=change.partner_payload,
            max_channels=change.max_channels,
        )
        return answer(changed)
