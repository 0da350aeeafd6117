"""Sign-in's routes and pages: the door, the provider's answer, the way out, switching partners.

What happens behind each is in `ui.door`, how it looks in `ui.pages.login`; here is what stands
between: addresses, and which problem page an error gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import background_tasks, ui
from nicegui.client import Client

from core.errors import HubError, NotFound, NotSignedIn, Unavailable
from core.hub import Hub
from core.partners.invitation_links import PATH as INVITATIONS
from core.partners.invitation_rules import InvitationState
from core.partners.rules import safe_next
from ui.confirming import CONFIRMED_PATH
from ui.context import in_thread
from ui.door import Door
from ui.oidc.provider import Provider
from ui.pages import invitation
from ui.pages import login as pages
from ui.pages.login_problems import PROBLEMS
from ui.sessions import SIGNED_OUT_PATH, SWITCHED_PATH, OpenPages, current

log = structlog.get_logger(__name__)

Builder = Callable[..., Any]

# The page may ask the provider three times (keys, token, userinfo), ten seconds each at the most.
_CALLBACK_SECONDS = 35.0
_LOGIN_SECONDS = 12.0
# What changes something is never done by following a link.
_ACTS = ["POST"]
# Problems that say which address somebody came with.
_NAMED = ("not_invited", "invitation_other_address")


def install(app: FastAPI, hub: Hub, provider: Provider | None = None) -> Provider:
    """Routes and pages of signing in are there; call it after `guards.install`.

    `/login`, `/login/start`, `/login/callback`, `/logout`, `/switch`, `/switched`, `/confirmed`,
    `/signed-out`, `/invitations/{token}`.
    """
    provider = provider or Provider(hub.settings, hub.clock)
    door = Door(hub, provider, app.state.open_pages, app.state.content_policy)
    app.add_api_route("/login/start", door.start, methods=_ACTS, include_in_schema=False)
    app.add_api_route("/logout", door.logout, methods=_ACTS, include_in_schema=False)
    app.add_api_route("/switch", door.switch, methods=_ACTS, include_in_schema=False)
    app.add_api_route(SWITCHED_PATH, door.switched, methods=["GET"], include_in_schema=False)
    name = hub.settings.name
    _page("/login", f"Sign in · {name}", _LOGIN_SECONDS)(_login_page(door))
    _page("/login/callback", f"Sign in · {name}", _CALLBACK_SECONDS)(_callback_page(door))
    _page(f"{INVITATIONS}/{{token}}", f"Invitation · {name}", _LOGIN_SECONDS)(
        _invitation_page(door)
    )
    _page(CONFIRMED_PATH, f"Confirm · {name}", _LOGIN_SECONDS)(_confirmed_page(door))
    _page(SIGNED_OUT_PATH, f"Signed out · {name}", _LOGIN_SECONDS)(_signed_out_page(door))
    open_pages: OpenPages = app.state.open_pages
    open_pages.follow(hub.feed)
    background_tasks.create_or_defer(open_pages.watch(hub), name="look after sessions")
    return provider


def _page(path: str, title: str, seconds: float) -> ui.page:
    return ui.page(path, title=title, response_timeout=seconds, language="en-GB")


def _login_page(door: Door) -> Builder:
    async def login_page(request: Request, client: Client) -> Response | None:
        next_path = safe_next(request.query_params.get("next"))
        try:
            if await current(door.hub, request) is not None:
                return RedirectResponse(next_path, 303)
            await door.reach_provider()
        except Unavailable as error:
            client.status_code = pages.problem_page(door.hub.settings.name, _known(error))
            return None
        pages.sign_in_page(door.hub.settings.name, next_path)
        return None

    return login_page


def _callback_page(door: Door) -> Builder:
    async def callback_page(request: Request, client: Client) -> Response | None:
        try:
            return await door.finish(request)
        except HubError as error:
            log.info("login_refused", code=error.code, reason=error.about.get("reason", ""))
            email = str(error.about.get("email", "")) if error.code in _NAMED else ""
            client.status_code = pages.problem_page(
                door.hub.settings.name, _known(error), email=email
            )
            # Code and state leave the address bar and the history; a reload shows the door.
            ui.run_javascript("history.replaceState(null, '', '/login')")
            return None

    return callback_page


def _invitation_page(door: Door) -> Builder:
    async def invitation_page(request: Request, client: Client, token: str) -> None:
        name = door.hub.settings.name
        try:
            landing = await in_thread(door.hub.users.landing, token)
            who = await current(door.hub, request)
            if landing.state is not InvitationState.OPEN:
                client.status_code = invitation.over_page(name, landing)
                return
            await door.reach_provider()
        except NotFound:
            client.status_code = invitation.unknown_page(name)
        except Unavailable as error:
            client.status_code = pages.problem_page(name, _known(error))
        else:
            invitation.open_page(name, landing, token, who)

    return invitation_page


def _confirmed_page(door: Door) -> Builder:
    async def confirmed_page(request: Request, client: Client) -> Response | None:
        try:
            who = await current(door.hub, request)
            if who is None:
                return RedirectResponse("/login", 303)
            is_fresh = await in_thread(door.hub.sign_in.is_fresh, who)
        except NotSignedIn:
            return RedirectResponse("/login", 303)
        except Unavailable as error:
            client.status_code = pages.problem_page(door.hub.settings.name, _known(error))
            return None
        pages.confirmed_page(door.hub.settings.name, is_fresh=is_fresh)
        return None

    return confirmed_page


def _signed_out_page(door: Door) -> Builder:
    def signed_out_page() -> None:
        pages.signed_out_page(door.hub.settings.name)

    return signed_out_page


def _known(error: HubError) -> str:
    """The problem to show for an error; details stay in the log."""
    if isinstance(error, Unavailable):
        return "provider_down" if error.code.startswith("provider_") else "unavailable"
    if error.code in PROBLEMS:
        return error.code
    return "invitation_over" if error.code.startswith("invitation_") else "login_refused"
