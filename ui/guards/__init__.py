"""What stands between the outside and every page: hosts, bodies, headers, browsers, sockets.

`install(app, settings)` comes last in `ui.app`, after every middleware and mount: the guards wrap
the finished stack, so also its own error answers pass them. Outermost first: request ids and the
log, headers, host and forwarding, origins, rates, body limits, uploads, onboarding's browser;
NiceGUI's socket handlers are replaced in place.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from core.settings import Settings
from ui.guards.bodies import BodyLimits
from ui.guards.browsers import OnboardingBrowsers
from ui.guards.floods import Floods
from ui.guards.headers import ContentPolicy, SecurityHeaders, add_nonces_to_template
from ui.guards.hosts import HostGuard
from ui.guards.origins import Origins
from ui.guards.rates import PublicRates
from ui.guards.requests import Asked, Count, Requests, RouteNoted
from ui.guards.sockets import guard_sockets
from ui.guards.uploads import UploadGuard
from ui.sessions import OpenPages


def install(app: FastAPI, settings: Settings, count: Count | None = None) -> OpenPages:
    """Every request and socket of `app` passes the guards from now on; `count` hears of each.

    Leaves `app.state.open_pages` and `app.state.content_policy` for `ui.login`. Run uvicorn with
    `proxy_headers=False`: it would believe forwarded headers before the guards see them.
    """
    policy = ContentPolicy(settings)
    pages = OpenPages()
    app.state.content_policy = policy
    app.state.open_pages = pages
    build = app.build_middleware_stack
    app.build_middleware_stack = (  # type: ignore[method-assign]
        lambda: wrap(build(), settings, policy, count or _not_counted)
    )
    add_nonces_to_template()
    guard_sockets(settings, pages)
    return pages


def wrap(app: ASGIApp, settings: Settings, policy: ContentPolicy, count: Count) -> ASGIApp:
    """The guards that are ASGI middleware, around `app`."""
    guarded: ASGIApp = OnboardingBrowsers(RouteNoted(app), settings)
    guarded = UploadGuard(guarded, settings)
    guarded = BodyLimits(guarded)
    guarded = PublicRates(guarded, settings)
    guarded = Floods(guarded, settings)
    guarded = Origins(guarded)
    guarded = HostGuard(guarded, settings)
    return Requests(SecurityHeaders(guarded, policy), settings, count)


def _not_counted(_: Asked) -> None:
    """For an app whose figures nobody asks for."""
