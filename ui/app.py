"""The web application on a hub: middleware, routes, the dashboard's one page.

Everything is installed before NiceGUI is mounted, because its mount answers whatever is left.
uvicorn is started elsewhere (`main.py`) with `ws=LimitedSocket`,
`ws_per_message_deflate=False`; `TUNING` says what is set here and why.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import nicegui
from fastapi import FastAPI, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import PlainTextResponse
from nicegui import background_tasks, ui
from nicegui.client import Client
from starlette.routing import Match, Mount

from core.errors import NotFound
from core.hub import Hub
from ui import guards
from ui.api import health
from ui.assets import MARK, AssetMiddleware, Assets
from ui.context import in_thread
from ui.dashboard import Dashboard
from ui.faults import log_failure
from ui.guards.requests import Count
from ui.icons import ALIASES, NAMES
from ui.live import LiveTopics
from ui.loop_lag import measure_lag
from ui.places import Section

Install = Callable[[FastAPI, Hub], object]

# performance.md rule 6. Twenty seconds: long enough for a lift or a sleeping tab, short enough
# that closed pages give their memory back. Fifty messages: more have been missed than a reload
# costs, and the frame reads its section again after any break.
_RECONNECT_SECONDS = 20.0
_MESSAGES_KEPT = 50
_GZIP_LEVEL = 5
_GZIP_FROM_BYTES = 1_000

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOGO_TYPES = ("image/png", "image/jpeg", "image/webp")


def create_app(
    hub: Hub,
    sections: Sequence[Section],
    *,
    installs: Sequence[Install] = (),
    live: LiveTopics | None = None,
    sandbox_url: str = "",
) -> FastAPI:
    """The ASGI application.

    `installs` add sign-in, client pages and API routes; they find `app.state.live`. With
    `sandbox_url` every page says that nothing here is real and leads there.
    """
    topics = live or LiveTopics(hub.feed, hub.settings.pushes_per_second)
    app = FastAPI(
        title=hub.settings.name, docs_url=None, redoc_url=None, lifespan=_lifespan(topics, hub)
    )
    app.state.live = topics
    # First, for sign-in and pages find what it leaves; the guards wrap whatever comes after them.
    guards.install(app, hub.settings, _counting(hub))
    for install in installs:
        install(app, hub)
    assets = Assets()
    health.install(app, hub)
    _logos(app, hub)
    _look(assets)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    app.add_middleware(AssetMiddleware, assets=assets)
    dashboard = Dashboard(hub, topics, sections, _elsewhere(app), sandbox_url)
    ui.run_with(
        app,
        root=dashboard.root,
        title=hub.settings.name,
        favicon=MARK,
        dark=None,
        language="en-GB",
        binding_refresh_interval=None,
        reconnect_timeout=_RECONNECT_SECONDS,
        message_history_length=_MESSAGES_KEPT,
        gzip_middleware_factory=None,
        tailwind=False,
        show_welcome_message=False,
    )
    return app


def _lifespan(
    topics: LiveTopics, hub: Hub
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        topics.start()
        async with _lag_measured(hub):
            try:
                yield
            finally:
                topics.stop()

    return lifespan


@asynccontextmanager
async def _lag_measured(hub: Hub) -> AsyncIterator[None]:
    if hub.operations is None:
        yield
        return
    measuring = background_tasks.create(measure_lag(hub.operations.meters.lag), name="loop lag")
    try:
        yield
    finally:
        measuring.cancel()


def _elsewhere(app: FastAPI) -> Callable[[str], bool]:
    """Whether a plain route answers this path: a link to it leaves the single page."""

    def is_elsewhere(path: str) -> bool:
        if path.startswith("/api/"):  # a mount of its own: the partner API and its pages
            return True
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
        routes = (route for route in app.routes if not isinstance(route, Mount))
        return any(route.matches(scope)[0] == Match.FULL for route in routes)

    return is_elsewhere


def _counting(hub: Hub) -> Count | None:
    if hub.operations is None:
        return None
    meters = hub.operations.meters
    return lambda asked: meters.request(asked.method, asked.route, asked.status, asked.seconds)


def _logos(app: FastAPI, hub: Hub) -> None:
    @app.get("/logos/{digest}", include_in_schema=False)
    async def logo(digest: str) -> Response:
        """A partner's logo by the hash of its content: never another one, so kept for ever."""
        if not _DIGEST.fullmatch(digest):
            return PlainTextResponse("Not found", 404)
        try:
            content, media_type = await in_thread(hub.blobs.get, digest)
        except NotFound:
            return PlainTextResponse("Not found", 404)
        if media_type not in _LOGO_TYPES:  # invoices lie in the same store
            return PlainTextResponse("Not found", 404)
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type=media_type, headers=headers)


def _look(assets: Assets) -> None:
    """Head and icons for every page; failures are logged once, with their reference."""
    Client.shared_head_html += assets.head
    Client.shared_body_html += '<div id="announcer" class="only-read" aria-live="polite"></div>'
    names = {name: name for name in NAMES} | ALIASES
    config = nicegui.app.config
    # No bar across the top for every request in the background.
    config.quasar_config["loadingBar"] = {"skipHijack": True}
    config.vue_config_script += f"""
        const hubIcons = {names};
        app.config.globalProperties.$q.iconMapFn = (name) =>
          hubIcons[name] ? {{ cls: "i i-" + hubIcons[name], content: "" }} : undefined;
        hub.applyTheme();
    """
    # NiceGUI's own handler would write a traceback for every refusal of the hub.
    nicegui.app._exception_handlers[:] = [log_failure]
