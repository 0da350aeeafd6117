"""Our CSS, script and icons, and NiceGUI's own files, compressed once and kept in memory.

Addresses carry a hash, so browsers keep them for a year. Compressing 500 KB of Quasar for each
new browser would hold the event loop for 10 ms and more (performance.md rule 7).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nicegui
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui import icons, theme
from ui.guards.requests import ASSETS, asked_by

_OURS = Path(__file__).parent / "static"
MARK = _OURS / "favicon.svg"
_NICEGUI = Path(nicegui.__file__).parent / "static"
_NICEGUI_URL = f"/_nicegui/{nicegui.__version__}/static/"
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Later files may override earlier ones.
_STYLES = (
    "base.css",
    "quasar.css",
    "components.css",
    "frame.css",
    "phone.css",
    "support.css",
    "integration.css",
    "profile.css",
)
# What every page asks NiceGUI for; the rest goes its own way.
_FROM_NICEGUI = (
    "quasar.umd.prod.js",
    "quasar.unimportant.prod.css",
    "quasar.important.prod.css",
    "vue.esm-browser.prod.js",
    "socket.io.min.js",
    "nicegui.js",
    "nicegui.css",
    "dompurify.mjs",
    "fonts.css",
    "lang/en-GB.umd.prod.js",
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and compressed."""

    url: str
    content: bytes
    compressed: bytes
    media_type: str


class Assets:
    """All files by address; `style`, `script` and `strip` are what the frame's head names."""

    def __init__(self) -> None:
        self._by_url: dict[str, Asset] = {}
        self.strip = self._add("icons.svg", icons.strip())
        self.mark = self._add("mark.svg", MARK.read_text(encoding="utf-8"))
        self.style = self._add("hub.css", _style(self.strip, self.mark))
        self.script = self._add("hub.js", (_OURS / "hub.js").read_text(encoding="utf-8"))
        for name in _FROM_NICEGUI:
            self._put(_NICEGUI_URL + name, (_NICEGUI / name).read_bytes())

    @property
    def head(self) -> str:
        """For the page's head: both block the first paint, so neither theme nor layout jumps."""
        return f'<script src="{self.script}"></script><link rel="stylesheet" href="{self.style}">'

    def get(self, url: str) -> Asset | None:
        return self._by_url.get(url)

    def sizes(self) -> dict[str, int]:
        """Bytes on the wire by address, for the test of the first load's budget."""
        return {url: len(asset.compressed) for url, asset in self._by_url.items()}

    def _add(self, name: str, text: str) -> str:
        content = text.encode()
        stem, suffix = name.split(".", 1)
        digest = hashlib.sha256(content).hexdigest()[:12]
        return self._put(f"/assets/{stem}.{digest}.{suffix}", content)

    def _put(self, url: str, content: bytes) -> str:
        self._by_url[url] = Asset(url, content, _packed(content), _TYPES[Path(url).suffix])
        return url


@cache
def _packed(content: bytes) -> bytes:
    """Once per process, for whoever makes many apps in one; a tenth of a second for all files."""
    # mtime=0: the same bytes from every process behind a balancer.
    return gzip.compress(content, compresslevel=9, mtime=0)


class AssetMiddleware:
    """Answers for the known files before anything else is asked."""

    def __init__(self, app: ASGIApp, assets: Assets) -> None:
        self._app = app
        self._assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asset = self._assets.get(scope["path"]) if scope["type"] == "http" else None
        if asset is None or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        if (asked := asked_by(scope)) is not None:
            asked.route = ASSETS
        await _response(asset, Headers(scope=scope))(scope, receive, send)


def _response(asset: Asset, asked: Headers) -> Response:
    packed = "gzip" in asked.get("accept-encoding", "")
    response = Response(asset.compressed if packed else asset.content, media_type=None)
    headers = MutableHeaders(raw=response.raw_headers)
    headers["Content-Type"] = asset.media_type
    headers["Cache-Control"] = _FOREVER
    headers["Vary"] = "Accept-Encoding"
    headers["X-Content-Type-Options"] = "nosniff"
    if packed:
        headers["Content-Encoding"] = "gzip"
    return response


def _style(strip_url: str, mark_url: str) -> str:
    files = [(_OURS / name).read_text(encoding="utf-8") for name in _STYLES]
    mark = f':root{{--mark:url("{mark_url}")}}'
    return _squeeze("\n".join((theme.css(), mark, icons.css(strip_url), *files)))


def _squeeze(css: str) -> str:
    """Without comments and indentation; nothing cleverer, so nothing can break."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", bare).strip()
