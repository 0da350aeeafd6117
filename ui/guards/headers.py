"""Security headers on every answer; a fresh nonce per page, in NiceGUI's own template only.

The nonce is put into the template's source, not into the finished HTML: a script that came in by
user text or `add_head_html` gets none and does not run.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from nicegui import client as nicegui_client
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.billing.pay_links.links import PAY_PATH
from core.settings import Settings
from ui.guards.browsers import is_onboarding
from ui.guards.uploads import SUPPORT_FILES

NONCE = "csp_nonce"
_TEMPLATE = "index.html"
_YEAR = 31_536_000
# Files that somebody uploaded: whatever is in them, opened as a page they can do nothing.
_FILES = ("/logos/", *(f"{path}/" for path in SUPPORT_FILES))
_INERT = "default-src 'none'; sandbox; frame-ancestors 'none'"
_NO_DEVICES = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"


class ContentPolicy:
    """What a page may load and where its forms may lead; `form_targets` grows by discovery."""

    def __init__(self, settings: Settings) -> None:
        origin = urlsplit(settings.origin)
        socket = "wss" if origin.scheme == "https" else "ws"
        self._socket = f"{socket}://{origin.netloc}"
        # Chromium applies form-action to redirects as well: sign-in leads to the provider.
        self.form_targets = {_origin(settings.oidc_issuer)}
        self._meta = _meta_origins(settings)
        self.is_https = origin.scheme == "https"

    def header(self, path: str, nonce: str) -> str:
        """The Content-Security-Policy of an answer under `path`."""
        if path.startswith(_FILES):
            return _INERT
        meta = self._meta if is_onboarding(path) else []
        directives = {
            "default-src": ["'self'"],
            # Vue compiles templates and NiceGUI sends code to run: without eval there is no page.
            "script-src": ["'self'", f"'nonce-{nonce}'", "'unsafe-eval'", *meta],
            "style-src": ["'self'", "'unsafe-inline'"],
            "img-src": ["'self'", "data:", "blob:", *meta],
            "font-src": ["'self'", "data:"],
            "connect-src": ["'self'", self._socket, *meta],
            "frame-src": meta or ["'none'"],
            "worker-src": ["'self'", "blob:"],
            "frame-ancestors": ["'none'"],
            "base-uri": ["'none'"],
            "object-src": ["'none'"],
            "form-action": ["'self'", *sorted(self.form_targets)],
        }
        return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


class SecurityHeaders:
    """ASGI middleware: the headers of `headers_for` on every answer, whoever made it."""

    def __init__(self, app: ASGIApp, policy: ContentPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = scope[NONCE] = secrets.token_urlsafe(16)
        path = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in headers_for(self._policy, path, nonce).items():
                    headers[name] = value
                if is_onboarding(path):
                    del headers["Cross-Origin-Opener-Policy"]
            await send(message)

        await self._app(scope, receive, with_headers)


def headers_for(policy: ContentPolicy, path: str, nonce: str) -> dict[str, str]:
    """Onboarding keeps its opener (the button waits for it) and tells nobody its address."""
    headers = {
        "Content-Security-Policy": policy.header(path, nonce),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": _NO_DEVICES,
        "Referrer-Policy": "no-referrer" if _tells_nobody(path) else "same-origin",
    }
    if not is_onboarding(path):
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if policy.is_https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    return headers


def _tells_nobody(path: str) -> bool:
    """Where the address itself is a secret, or leads out to others."""
    return is_onboarding(path) or path.startswith(f"{PAY_PATH}/")


def add_nonces_to_template() -> None:
    """Every script tag of NiceGUI's page template carries the nonce of its request."""
    env = nicegui_client.templates.env
    loader = env.loader
    assert isinstance(loader, BaseLoader)  # noqa: S101  NiceGUI always has one
    source, _, _ = loader.get_source(env, _TEMPLATE)
    if NONCE not in source:
        marked = re.sub(
            r"<script\b", f"<script nonce=\"{{{{ request.scope['{NONCE}'] }}}}\"", source
        )
        env.loader = ChoiceLoader([DictLoader({_TEMPLATE: marked}), loader])
        if env.cache is not None:
            env.cache.clear()


def _meta_origins(settings: Settings) -> list[str]:
    urls = (settings.meta_sdk_url, settings.meta_dialog_base, settings.meta_graph_base)
    return sorted({*map(_origin, urls), *settings.meta_message_origins})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
