"""Whose browser it is: the dashboard's session on dashboard pages, onboarding's own cookie there.

Onboarding pages never see the dashboard's cookie: it is taken out of their requests. Their own is
made here with the first page, so that the page and its socket agree about it from the start.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.settings import Settings
from ui.cookies import ONBOARDING_COOKIE, SESSION_COOKIES, cookie_header, session_cookie

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_ONBOARDING_DAYS = 30


def is_onboarding(path: str) -> bool:
    """True for the pages that clients see (partner-api.md section 4)."""
    return path.startswith(("/onboarding/", "/dashboard/app/"))


def browser_of(path: str, cookies: Mapping[str, str], settings: Settings) -> str:
    """The secret that names the browser for a page under `path`; "" where it has none."""
    name = ONBOARDING_COOKIE if is_onboarding(path) else session_cookie(settings)
    return cookies.get(name, "")


class OnboardingBrowsers:
    """ASGI middleware for onboarding pages only; others pass untouched."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_onboarding(scope["path"]):
            await self._app(scope, receive, send)
            return
        cookies = _cookies(scope)
        for name in SESSION_COOKIES:
            cookies.pop(name, None)
        is_new = not _SECRET.fullmatch(cookies.get(ONBOARDING_COOKIE, ""))
        if is_new:
            cookies[ONBOARDING_COOKIE] = secrets.token_urlsafe(32)
        set_cookie = cookie_header(
            ONBOARDING_COOKIE,
            cookies[ONBOARDING_COOKIE],
            self._settings,
            max_age=_ONBOARDING_DAYS * 86_400,
        )

        async def with_cookie(message: Message) -> None:
            if is_new and message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", set_cookie)
            await send(message)

        await self._app(_with_cookies(scope, cookies), receive, with_cookie)


def _cookies(scope: Scope) -> dict[str, str]:
    headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    return cookie_parser("; ".join(headers))


def _with_cookies(scope: Scope, cookies: dict[str, str]) -> Scope:
    line = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")
    others = [header for header in scope["headers"] if header[0] != b"cookie"]
    return dict(scope, headers=[*others, (b"cookie", line)])
