"""Signing in and out over HTTP: the hub is an OpenID client, its session a cookie of its own.

GET changes nothing, except the provider's answer at `/login/callback`, which works once. POSTs
come from our own pages only. What a person may see of a failure is in `ui.pages.login`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from nicegui import ui
from nicegui.client import Client

from core.access import Principal
from core.errors import Forbidden, HubError, InvalidInput, NotFound, NotSignedIn, Unavailable
from core.hub import Hub
from core.partners.rules import safe_next
from core.partners.sign_in import Browser
from ui.context import in_thread
from ui.cookies import drop_cookie, login_cookie, session_cookie, set_cookie
from ui.guards.headers import ContentPolicy
from ui.oidc.provider import Provider
from ui.pages import login as pages
from ui.sessions import REVOKED, SIGNED_OUT_PATH, SWITCHED, OpenPages, current, tell

log = structlog.get_logger(__name__)

Builder = Callable[..., Any]

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# An office behind one address may start together; a flood of attempt rows may not.
_STARTS = RateLimitItemPerMinute(60)
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
    app.state.open_pages.follow(hub.feed)
    return provider


class Door:
    """The steps of signing in and out; one per process."""

    def __init__(
        self, hub: Hub, provider: Provider, open_pages: OpenPages, policy: ContentPolicy
    ) -> None:
        self.hub = hub
        self.provider = provider
        self._open_pages = open_pages
        self._policy = policy
        self._settings = hub.settings
        self._starts = FixedWindowRateLimiter(MemoryStorage())

    async def reach_provider(self) -> None:
        """The provider is known and forms may lead to it; raises Unavailable."""
        metadata = await self.provider.metadata()
        self._policy.form_targets |= metadata.browser_origins

    async def start(self, request: Request) -> Response:
        """POST /login/start: an attempt is open and the browser on its way to the provider."""
        if not self._is_own(request):
            return _foreign()
        if not self._starts.hit(_STARTS, _ip(request)):
            return PlainTextResponse("Too many sign-ins.", 429, {"Retry-After": "60"})
        form = await request.form()
        next_path = safe_next(str(form.get("next") or ""))
        # The same secret for all tabs of a browser, so that two of them can be on their way.
        cookie = request.cookies.get(login_cookie(self._settings), "")
        browser = cookie if _SECRET.fullmatch(cookie) else secrets.token_urlsafe(32)
        try:
            await self.reach_provider()
            start = await in_thread(self.hub.sign_in.begin, next_path, browser)
            url = await self.provider.authorization_url(start, "login" if form.get("again") else "")
        except Unavailable as error:
            log.warning("login_unavailable", code=error.code, reason=str(error))
            return RedirectResponse("/login?" + urlencode({"next": next_path}), 303)
        answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
        seconds = int(self._settings.login_lifetime.total_seconds())
        set_cookie(answer, login_cookie(self._settings), browser, self._settings, max_age=seconds)
        return answer

    async def finish(self, request: Request) -> Response:
        """The provider's answer becomes a session; raises the HubError that says why not."""
        given = request.query_params
        if any(len(given.getlist(name)) > 1 for name in given):
            raise InvalidInput(code="login_refused")
        cookie = request.cookies.get(login_cookie(self._settings), "")
        attempt = await in_thread(self.hub.sign_in.claim, given.get("state", ""), cookie)
        await self.provider.check_answer(given.get("iss"))
        if error := given.get("error"):
            raise _told_by_provider(error)
        if not given.get("code"):
            raise InvalidInput(code="login_refused")
        claims, id_token = await self.provider.exchange(given["code"], attempt)
        old = request.cookies.get(session_cookie(self._settings), "")
        before = await current(self.hub, request) if old else None
        browser = Browser(
            user_agent=request.headers.get("user-agent", ""), ip=_ip(request), old_secret=old
        )
        secret, who = await in_thread(self.hub.sign_in.complete, claims, id_token, browser)
        if before is not None:
            await self._ended(before, posted_by="", path="/")
        log.info("signed_in", person=who.person_id, partner=who.partner_id)
        return self._signed_in(secret, attempt.next_path)

    async def logout(self, request: Request) -> Response:
        """POST /logout: the session and its pages are over, then the provider's own sign-out."""
        if not self._is_own(request):
            return _foreign()
        who = await current(self.hub, request)
        url = SIGNED_OUT_PATH
        if who is not None:
            form = await request.form()
            hint = await self._sign_out(who, str(form.get("page") or ""))
            url = await self._provider_logout(hint) or SIGNED_OUT_PATH
        answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
        drop_cookie(answer, session_cookie(self._settings), self._settings)
        return answer

    async def switch(self, request: Request) -> Response:
        """POST /switch: every tab of the session works for another partner."""
        if not self._is_own(request):
            return _foreign()
        who = await current(self.hub, request)
        if who is None:
            return RedirectResponse("/login", 303)
        form = await request.form()
        partner_id = str(form.get("partner_id") or "")[:20]
        try:
            await in_thread(self.hub.sign_in.switch_partner, who, partner_id)
        except NotFound:
            return PlainTextResponse("You do not work for such a partner.", 404)
        except NotSignedIn:
            return RedirectResponse("/login", 303)
        await self._open_pages.switch(who.session_hash, partner_id)
        await tell(self.hub, SWITCHED, who.session_hash, partner_id)
        return RedirectResponse("/", 303)

    async def _sign_out(self, who: Principal, posted_by: str) -> str:
        try:
            hint = await in_thread(self.hub.sign_in.sign_out, who)
        except NotSignedIn:
            hint = ""  # another tab was faster
        await self._ended(who, posted_by=posted_by or None)
        return hint

    async def _ended(
        self, who: Principal, *, posted_by: str | None, path: str = SIGNED_OUT_PATH
    ) -> None:
        await self._open_pages.end(who.session_hash, posted_by=posted_by, path=path)
        await tell(self.hub, REVOKED, who.session_hash, who.partner_id)

    async def _provider_logout(self, hint: str) -> str:
        try:
            await self.reach_provider()
        except Unavailable:
            return ""
        return self.provider.logout_url(hint)

    def _signed_in(self, secret: str, next_path: str) -> Response:
        answer = RedirectResponse(next_path, 303, {"Cache-Control": "no-store"})
        seconds = int(self._settings.session_lifetime.total_seconds())
        set_cookie(answer, session_cookie(self._settings), secret, self._settings, max_age=seconds)
        return answer

    def _is_own(self, request: Request) -> bool:
        """True for a form of our own pages; browsers send Origin with every POST."""
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site") == "same-origin"
        return origin == self._settings.origin


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


def _told_by_provider(error: str) -> HubError:
    if error in ("server_error", "temporarily_unavailable"):
        return Unavailable(code="provider_down")
    if error in ("access_denied", "login_required", "consent_required", "interaction_required"):
        return Forbidden(code="access_denied")
    return InvalidInput(code="login_refused", reason="the provider answered with an error")


def _ip(request: Request) -> str:
    return request.client.host if request.client else ""


def _foreign() -> Response:
    return PlainTextResponse("This was not sent by a page of this hub.", 403)
