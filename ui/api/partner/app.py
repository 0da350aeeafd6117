"""The API as an application of its own, mounted in front of the pages."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, FastAPI
from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from core.hub import Hub
from ui.api.partner import (
    balances,
    channel_keys,
    channels,
    clients,
    docs,
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
    app.router.routes[:0] = [_Below(PREFIX, api), _Below(_OLD_PREFIX, api)]


def make_api(hub: Hub) -> FastAPI:
    """The application; finds hub and rates in its state."""
    title = f"{hub.settings.name}: Partner API"
    # Document and pages are our own (`openapi`, `docs`).
    api = FastAPI(title=title, openapi_url=None, docs_url=None, redoc_url=None)
    api.state.hub = hub
    api.state.rates = Rates(hub.settings)
    errors.install(api)
    for tag, add in ROUTES.items():
        router = APIRouter(route_class=OnceRoute, tags=[tag])
        add(router)
        api.router.routes += router.routes  # as they are: nothing is to be combined with them
    openapi.install(api, PREFIX)
    docs.install(api, PREFIX, hub.settings.base_url)
    return api


class _Below(BaseRoute):
    """Everything below a prefix, with any bytes in it: a `Mount` lets paths with newlines by.

    A slash at the end of a path means nothing; a redirect would lose credentials on its way.
    """

    def __init__(self, prefix: str, app: ASGIApp) -> None:
        self._prefix = prefix
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = get_route_path(scope)
        if scope["type"] != "http" or not f"{path}/".startswith(f"{self._prefix}/"):
            return Match.NONE, {}
        root = scope.get("root_path", "")
        below = path[len(self._prefix) :].rstrip("/")
        return Match.FULL, {
            "app_root_path": scope.get("app_root_path", root),
            "root_path": root + self._prefix,
            "path": root + self._prefix + below,
        }

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
