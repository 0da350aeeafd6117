"""NiceGUI's upload route, made to ask who sends: the browser of the page that holds the field.

As shipped it takes a file from anybody who knows or guesses the page's id, without any cookie.
"""

from __future__ import annotations

import hmac
import re

from nicegui.client import Client
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from ui.guards.answers import refuse
from ui.guards.browsers import browser_of

UPLOAD_PATH = re.compile(r"/_nicegui/client/([^/]+)/upload/\d+")
# Where files of support are posted, by owners and by staff (`ui.api.support_files`).
SUPPORT_FILES = ("/support/files", "/desk/files")
# Where owners post their logo (`ui.api.profile_logo`).
LOGO_FILE = "/profile/logo"


class UploadGuard:
    """ASGI middleware: 403 for an upload that does not come from its page's own browser."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = UPLOAD_PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if path is not None and not comes_from_its_page(scope, path[1], self._settings):
            await refuse(scope, receive, send, 403, "This page is not yours, or it has ended.")
            return
        await self._app(scope, receive, send)


def comes_from_its_page(scope: Scope, client_id: str, settings: Settings) -> bool:
    """Whether the page lives and its browser, which must have a session, sends this."""
    page = Client.instances.get(client_id)
    if page is None:
        return False  # pages of ended sessions are gone (ui.sessions)
    request = page.request
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    theirs = browser_of(request.url.path, cookie_parser("; ".join(lines)), settings)
    own = browser_of(request.url.path, request.cookies, settings)
    return bool(own) and hmac.compare_digest(own.encode(), theirs.encode())


def is_own(headers: Headers, settings: Settings) -> bool:
    """Whether a page of ours sends this; browsers send Origin with every POST."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    return origin == settings.origin
