"""The API as an application of its own, mounted in front of the pages."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from core.hub import Hub
from ui.api.partner import (
    balances,
    channel_keys,
    channels,
    clients,
    errors,
    flows,
    money,
    openapi,
    partners,
    rows,
    sharing,
    templates,
    token,
    webhooks,
)
from ui.api.partner.once import OnceRoute
from ui.api.partner.rates import Rates

PREFIX = "/api/v2"
# An older base that programs still use, for the same paths.
_OLD_PREFIX = "/v1"

# By the heading under which they are documented.
ROUTES: dict[str, Callable[[APIRouter], None]] = {
    "Token": token.routes,
    "Partner": partners.routes,
    "Clients": clients.routes,
    "Channels": channels.routes,
    "Channel API keys": channel_keys.routes,
    "Templates": templates.routes,
    "Flows": flows.routes,
    "Account sharing": sharing.routes,
    "Balances and usage": balances.routes,
    "Money": money.routes,
    "Users and events": rows.routes,
    "Webhooks": webhooks.routes,
}


def install(app: FastAPI, hub: Hub) -> None:
    """For `ui.app.create_app`: the API answers everything under its prefix, its errors too."""
    api = make_api(hub)
    app.router.routes[:0] = [
        Mount(PREFIX, app=_Straight(api)),
        Mount(_OLD_PREFIX, app=_Straight(api)),
    ]


def make_api(hub: Hub) -> FastAPI:
    """The application; finds hub and rates in its state."""
    api = FastAPI(title=f"{hub.settings.name}: Partner API", docs_url=None, redoc_url=None)
    api.openapi_url = None  # served by `openapi.install`, made once
    api.state.hub = hub
    api.state.rates = Rates(hub.settings)
    errors.install(api)
    for tag, add in ROUTES.items():
        router = APIRouter(route_class=OnceRoute, tags=[tag])
        add(router)
        api.include_router(router)
    openapi.install(api, PREFIX)
    return api


class _Straight:
    """A slash at the end of a path means nothing; a redirect would lose credentials on its way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.endswith("/"):
            scope = dict(scope, path=path.rstrip("/"))
        # Mounted as a whole: the API's own router sees the path below the prefix.
        await self._app(scope, receive, send)
