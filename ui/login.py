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

from core.errors import HubError, Unavailable
from core.hub import Hub
from core.partners.rules import safe_next
from ui.door import Door
from ui.oidc.provider import Provider
from ui.pages import login as pages
from ui.sessions import SIGNED_OUT_PATH, OpenPages, current

log = structlog.get_logger(__name__)

Builder = Callable[..., Any]

# The page may ask the provider three times (keys, token, userinfo), ten seconds each at the most.
_CALLBACK_SECONDS = 35.0
_LOGIN_SECONDS = 12.0


def install(app: FastAPI, hub: Hub, provider: Provider | None = None) -> Provider:
    """Routes and pages of signing in are there; call it after `guards.install`.

    `/login`, `/login/start`, `/login/callback`, `/logout`, `/switch`, `/signed-out`.
    """
    provider = provider or Provider(hub.settings, hub.clock)
    door = Door(hub, provider, app.state.open_pages, app.state.content_policy)
    app.add_api_route("/login/start", door.start, methods=["POST"], include_in_schema=False)
    app.add_api_route("/logout", door.logout, methods=["POST"], include_in_schema=False)
    app.add_api_route("/switch", door.switch, methods=["POST"], include_in_schema=False)
    name = hub.settings.name
    _page("/login", f"Sign in · {name}", _LOGIN_SECONDS)(_login_page(door))
    _page("/login/callback", f"Sign in · {name}", _CALLBACK_SECONDS)(_callback_page(door))
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
            email = str(error.about.get("email", "")) if error.code == "not_invited" else ""
            client.status_code = pages.problem_page(
                door.hub.settings.name, _known(error), email=email
            )
            # Code and state leave the address bar and the history; a reload shows the door.
            ui.run_javascript("history.replaceState(null, '', '/login')")
            return None

    return callback_page


def _signed_out_page(door: Door) -> Builder:
    def signed_out_page() -> None:
        pages.signed_out_page(door.hub.settings.name)

    return signed_out_page


def _known(error: HubError) -> str:
    """The problem to show for an error; details stay in the log."""
    if isinstance(error, Unavailable):
        return "provider_down" if error.code.startswith("provider_") else "unavailable"
    return error.code if error.code in pages.PROBLEMS else "login_refused"
