"""How a client's browser gets in: the three entry paths, and the mailed link.

An entry opens the run, makes sure of the cookie and leads to the run's own address, so neither
the e-mail nor the signature of the link stays in the address bar.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from core.errors import Conflict, RateLimited, Unavailable
from core.hub import Hub
from core.onboarding.errors import OnboardingRefused, UnknownPartner
from core.onboarding.links import read_link
from core.onboarding.service import new_browser_secret
from core.onboarding.views import RunKey, RunView
from ui.context import in_thread
from ui.cookies import ONBOARDING_COOKIE, set_cookie
from ui.guards.rates import Rate
from ui.i18n import Texts, preferred, texts
from ui.pages.onboarding import plain
from ui.pages.onboarding.origin import is_ours

ENTRY_PATHS = (
    "/dashboard/app/{partner_id}/permissions",
    "/dashboard/app/{partner_id}",
    "/onboarding/{partner_id}",
)
# Each opening may make a row. A campaign's clients come from many addresses, a fair behind one
# address opens a few a second; a flood does not get through.
_OPENINGS = 240
_PARTNER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# As long as the mailed link lives.
_COOKIE_SECONDS = 30 * 86_400


def run_path(run: RunView) -> str:
    """The clean address of a run."""
    return f"/onboarding/{run.brand.partner_id}/run/{run.run_id}"


def install(app: FastAPI, hub: Hub, mails: Rate) -> None:
    """Registers the entry paths and the mailed link; `mails` counts those that clients ask for."""
    openings = Rate(_OPENINGS)

    async def enter(partner_id: str, request: Request) -> Response:
        raw_query = request.scope.get("query_string", b"").decode("latin-1")
        # A link without a language begins in the browser's; the client can switch.
        guessed = preferred(request.headers.get("accept-language", ""))
        say = texts(_asked_language(raw_query) or guessed)
        if not openings.allows(_address(request)):
            return plain.busy(say, hub.settings.name)
        if not _PARTNER_ID.fullmatch(partner_id):
            return plain.refused(UnknownPartner(), say, hub.settings.name)
        secret = request.cookies.get(ONBOARDING_COOKIE, "") or new_browser_secret()

        def opened() -> tuple[RunView, str]:
            run = hub.onboarding.open_link(partner_id, raw_query, secret, guessed=guessed)
            return run, secret

        return await _go(hub, say, opened)

    if hub.settings.is_sandbox:

        @app.get("/onboarding/example-terms", include_in_schema=False)
        async def example_terms(request: Request) -> Response:
            return plain.example_terms(_browser_texts(request), hub.settings.name)

    for path in ENTRY_PATHS:
        for written in (path, f"{path}/"):  # links are copied and typed with a slash at the end
            app.add_api_route(written, enter, methods=["GET"], include_in_schema=False)

    @app.get("/onboarding/resume/{token}", include_in_schema=False)
    async def ask(token: str, request: Request) -> Response:
        return plain.go_on(token, _browser_texts(request), hub.settings.name)

    @app.post("/onboarding/resume/{token}", include_in_schema=False)
    async def resume(token: str, request: Request) -> Response:
        say = _browser_texts(request)
        if not is_ours(request, hub.settings):
            return plain.refused(OnboardingRefused("not_from_here"), say, hub.settings.name)

        def resumed() -> tuple[RunView, str]:
            found = hub.onboarding.resume(token, request.cookies.get(ONBOARDING_COOKIE, ""))
            return found.run, found.secret

        return await _go(hub, say, resumed)

    @app.post("/onboarding/elsewhere/{run_id}", include_in_schema=False)
    async def bring_back(run_id: str, request: Request) -> Response:
        """A browser that had the run before asks for a link to take it back, by mail only."""
        say, name = _browser_texts(request), hub.settings.name
        if not is_ours(request, hub.settings):
            return plain.refused(OnboardingRefused("not_from_here"), say, name)
        if not mails.allows(_address(request)):
            return plain.busy(say, name)
        key = RunKey(run_id, request.cookies.get(ONBOARDING_COOKIE, ""))
        try:
            await in_thread(hub.onboarding.mail_link, key)
        except OnboardingRefused as error:
            return plain.refused(error, say, name)
        except Conflict as error:
            return plain.refused(OnboardingRefused(error.code), say, name)
        except Unavailable:
            return plain.unavailable(say, name)
        except RateLimited:
            pass  # one was sent within this minute: it is the one to look for
        return plain.refused(OnboardingRefused("link_mailed"), say, name)


async def _go(hub: Hub, say: Texts, opening: Callable[[], tuple[RunView, str]]) -> Response:
    """To the run's page with the cookie, or the page that says why not."""
    try:
        run, secret = await in_thread(_unless_held, hub, opening)
    except OnboardingRefused as error:
        known = texts(error.language) if error.brand else say
        return plain.refused(error, known, hub.settings.name)
    except Unavailable:
        return plain.unavailable(say, hub.settings.name)
    response = RedirectResponse(run_path(run), 303, {"Cache-Control": "no-store"})
    set_cookie(response, ONBOARDING_COOKIE, secret, hub.settings, max_age=_COOKIE_SECONDS)
    return response


def _unless_held(hub: Hub, opening: Callable[[], tuple[RunView, str]]) -> tuple[RunView, str]:
    """No client begins at a copy: nothing it does there would count. Raises Unavailable."""
    if hub.operations is not None:
        hub.operations.way_out.require_open()
    return opening()


def _asked_language(raw_query: str) -> str:
    link = read_link(raw_query)
    return link.language if link.names_language else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _browser_texts(request: Request) -> Texts:
    return texts(preferred(request.headers.get("accept-language", "")))
