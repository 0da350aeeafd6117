"""The steps of signing in and out over HTTP, between the browser, the provider and the database.

GET changes nothing, except the provider's answer, which works once. POSTs come from our own pages
only. Errors leave as HubErrors; what a person sees of them is in `ui.login` and `ui.pages.login`.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from core.access import Principal
from core.errors import InvalidInput, NotFound, NotSignedIn, Unavailable
from core.hub import Hub
from core.partners.rules import safe_next
from core.partners.sign_in import Browser, ClaimedLogin
from ui.asking import Asking, told_by_provider
from ui.confirming import CONFIRMED, CONFIRMED_PATH
from ui.context import in_thread
from ui.cookies import drop_cookie, login_cookie, session_cookie, set_cookie
from ui.guards.headers import ContentPolicy
from ui.guards.uploads import is_own
from ui.oidc.provider import Provider
from ui.pages import login as pages
from ui.places import counterpart
from ui.sessions import (
    AFTER_THE_ANSWER,
    REVOKED,
    SIGNED_OUT_PATH,
    SWITCHED,
    OpenPages,
    current,
    tell,
)

log = structlog.get_logger(__name__)

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# An office behind one address may start together; a flood of attempt rows may not.
_STARTS = RateLimitItemPerMinute(60)
# Signing out must not wait for a provider that is down: other tabs end within a second.
_DISCOVERY_AT_LOGOUT = 0.4


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
        self._asking = Asking(hub, provider)
        self._starts = FixedWindowRateLimiter(MemoryStorage())

    async def reach_provider(self) -> None:
        """The provider is known and forms may lead to it; raises Unavailable."""
        metadata = await self.provider.metadata()
        self._policy.form_targets |= metadata.browser_origins

    async def start(self, request: Request) -> Response:
        """POST /login/start: an attempt is open and the browser on its way to the provider."""
        if not is_own(request.headers, self._settings):
            return _foreign()
        if not self._starts.hit(_STARTS, _ip(request)):
            return PlainTextResponse("Too many sign-ins.", 429, {"Retry-After": "60"})
        form = await request.form()
        next_path = safe_next(str(form.get("next") or ""))
        confirming = await current(self.hub, request) if form.get("confirm") else None
        # The same secret for all tabs of a browser, so that two of them can be on their way.
        cookie = request.cookies.get(login_cookie(self._settings), "")
        browser = cookie if _SECRET.fullmatch(cookie) else secrets.token_urlsafe(32)
        try:
            await self.reach_provider()
            url = await self._asking.url(form, next_path, browser, confirming)
        except Unavailable as error:
            log.warning("login_unavailable", code=error.code, reason=str(error))
            if confirming is not None:
                return RedirectResponse(CONFIRMED_PATH, 303)
            return RedirectResponse("/login?" + urlencode({"next": next_path}), 303)
        answer: Response = RedirectResponse(url, 303)
        if confirming is not None:
            # Sent by a page that was loaded before the provider was known: see `logout`.
            answer = HTMLResponse(pages.onward(url, "Continue to your sign-in provider"))
        answer.headers["Cache-Control"] = "no-store"
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
            raise told_by_provider(error, is_confirming=bool(attempt.confirms))
        if not given.get("code"):
            raise InvalidInput(code="login_refused")
        claims, id_token = await self.provider.exchange(given["code"], attempt)
        if attempt.confirms:
            return await self._confirm(request, attempt, claims, id_token)
        old = request.cookies.get(session_cookie(self._settings), "")
        before = await current(self.hub, request) if old else None
        browser = Browser(
            user_agent=request.headers.get("user-agent", ""), ip=_ip(request), old_secret=old
        )
        secret, who = await in_thread(
            self.hub.sign_in.complete,
            claims,
            id_token,
            browser,
            invitation_hash=attempt.invitation_hash,
        )
        if before is not None:
            await self._ended(before, path="/")
        log.info("signed_in", person=who.person_id, partner=who.partner_id)
        return self._signed_in(secret, attempt.next_path)

    async def _confirm(
        self, request: Request, attempt: ClaimedLogin, claims: dict[str, Any], id_token: str
    ) -> Response:
        """The session that began the attempt is fresh, and its other tabs hear of it."""
        who = await current(self.hub, request)
        if who is None or who.session_hash != attempt.confirms:
            raise InvalidInput(code="login_not_open")
        await in_thread(self.hub.sign_in.confirm, claims, id_token, attempt.confirms)
        await tell(self.hub, CONFIRMED, who.session_hash, who.partner_id)
        log.info("sign_in_confirmed", person=who.person_id, partner=who.partner_id)
        return RedirectResponse(attempt.next_path, 303, {"Cache-Control": "no-store"})

    async def logout(self, request: Request) -> Response:
        """POST /logout: the session and its pages are over, then the provider's own sign-out."""
        if not is_own(request.headers, self._settings):
            return _foreign()
        who = await current(self.hub, request)
        answer: Response = RedirectResponse(SIGNED_OUT_PATH, 303)
        if who is not None and (url := await self._sign_out(who)):
            # A page instead of a redirect: the browser leaves the old page at once, however long
            # the provider takes, and form-action need not know where providers sign people out.
            answer = HTMLResponse(pages.onward(url, "Continue signing out"))
        answer.headers["Cache-Control"] = "no-store"
        drop_cookie(answer, session_cookie(self._settings), self._settings)
        return answer

    async def switch(self, request: Request) -> Response:
        """POST /switch: every tab of the session works for another partner.

        `next` is the very page to go on at, `from` one whose counterpart it is; `page` the id of
        the page that sends this.
        """
        if not is_own(request.headers, self._settings):
            return _foreign()
        who = await current(self.hub, request)
        if who is None:
            return RedirectResponse("/login", 303)
        form = await request.form()
        partner_id, next_path, here, page_id = (
            str(form.get(name) or "") for name in ("partner_id", "next", "from", "page")
        )
        partner_id = partner_id[:20]
        try:
            now = await in_thread(self.hub.sign_in.switch_partner, who, partner_id)
        except NotFound:
            return PlainTextResponse("You do not work for such a partner.", 404)
        except NotSignedIn:
            return RedirectResponse("/login", 303)
        await self._open_pages.switch(who.session_hash, partner_id, but=page_id)
        await tell(self.hub, SWITCHED, who.session_hash, partner_id)
        return RedirectResponse(safe_next(next_path) if next_path else counterpart(here, now), 303)

    async def switched(self, request: Request) -> Response:
        """GET /switched: where a page goes on whose session works for another partner now."""
        who = await current(self.hub, request)
        if who is None:
            return RedirectResponse("/login", 303)
        here = request.query_params.get("from", "").partition("?")[0]
        return RedirectResponse(counterpart(here, who), 303, {"Cache-Control": "no-store"})

    async def _sign_out(self, who: Principal) -> str:
        """Where the provider signs the person out, or ""."""
        try:
            hint = await in_thread(self.hub.sign_in.sign_out, who)
        except NotSignedIn:
            return ""  # another tab was faster
        url = await self._provider_logout(hint)
        await self._ended(who, delay=AFTER_THE_ANSWER)
        return url

    async def _ended(
        self, who: Principal, *, path: str = SIGNED_OUT_PATH, delay: float = 0
    ) -> None:
        await self._open_pages.end(who.session_hash, path=path, delay=delay)
        await tell(self.hub, REVOKED, who.session_hash, who.partner_id)

    async def _provider_logout(self, hint: str) -> str:
        try:
            # Known since somebody signed in, but for the first minutes of a new process.
            await asyncio.wait_for(self.reach_provider(), _DISCOVERY_AT_LOGOUT)
        except (Unavailable, TimeoutError):
            return ""
        return self.provider.logout_url(hint)

    def _signed_in(self, secret: str, next_path: str) -> Response:
        answer = RedirectResponse(next_path, 303, {"Cache-Control": "no-store"})
        seconds = int(self._settings.session_lifetime.total_seconds())
        set_cookie(answer, session_cookie(self._settings), secret, self._settings, max_age=seconds)
        return answer


def _ip(request: Request) -> str:
    return request.client.host if request.client else ""


def _foreign() -> Response:
    return PlainTextResponse("This was not sent by a page of this hub.", 403)
