"""How a client gets in: the mailed link, its cookie, and a new link when the old one is too old."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from core.billing.client_page.views import PageKey
from core.billing.pay_links.links import ExpiredLink, UnknownLink
from core.errors import Conflict, HubError, RateLimited, Unavailable
from core.hub import Hub
from core.onboarding.errors import OnboardingRefused
from ui.context import in_thread
from ui.cookies import pay_cookie, set_cookie
from ui.guards.rates import Rate
from ui.i18n import Texts, preferred, texts
from ui.pages.onboarding import plain
from ui.pages.onboarding.origin import is_ours
from ui.pages.pay.page import path_of

# 256 bits in base64; whatever is longer is nobody's.
_LONGEST = 64


def install(app: FastAPI, hub: Hub, mails: Rate) -> None:
    """Registers the mailed link's address; `mails` counts those that clients ask for."""
    name = hub.settings.name
    desk = hub.billing.client_page

    @app.get("/pay/{token}", include_in_schema=False)
    async def enter(token: str, request: Request) -> Response:
        say = browser_texts(request)
        try:
            key = await in_thread(desk.open_link, token[:_LONGEST])
        except ExpiredLink:
            return plain.pay_link_expired(f"/pay/{quote(token, safe='')}", say, name)
        except HubError as error:
            return refusal(error, say, name)
        response = RedirectResponse(path_of(key.link_id), 303, {"Cache-Control": "no-store"})
        age = round(hub.settings.pay_link_lifetime / timedelta(seconds=1))
        set_cookie(response, pay_cookie(hub.settings), key.secret, hub.settings, max_age=age)
        return response

    @app.post("/pay/{token}", include_in_schema=False)
    async def mail_again(token: str, request: Request) -> Response:
        """A new link goes to the client's own mailbox, so asking for it hands nothing over."""
        say = browser_texts(request)
        if not is_ours(request, hub.settings):
            return plain.refused(OnboardingRefused("not_from_here"), say, name)
        if not mails.allows(request.client.host if request.client else ""):
            return plain.busy(say, name)
        try:
            await in_thread(desk.mail_again, token[:_LONGEST])
        except RateLimited:
            pass  # one was sent within this minute: it is the one to look for
        except HubError as error:
            return refusal(error, say, name)
        return plain.refused(OnboardingRefused("pay_link_mailed"), say, name)


def key_of(request: Request, link_id: str, hub: Hub) -> PageKey:
    """What this browser may open."""
    return PageKey(link_id[:_LONGEST], request.cookies.get(pay_cookie(hub.settings), ""))


def refusal(error: HubError, say: Texts, hub_name: str) -> Response:
    """A page that says why there is nothing to see, and what to do."""
    if isinstance(error, Unavailable):
        return plain.unavailable(say, hub_name)
    codes: dict[type[HubError], str] = {
        UnknownLink: "pay_link_unknown",
        ExpiredLink: "pay_link_over",
        Conflict: "pay_link_unknown",
    }
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), error.code)
    return plain.refused(OnboardingRefused(code), say, hub_name)


def browser_texts(request: Request) -> Texts:
    return texts(preferred(request.headers.get("accept-language", "")))
