"""What machines ask: does the process live, can it work, and how is it doing.

`/healthz` and `/readyz` answer everybody with one word, and near machines with more; `/metrics`
answers near machines and whoever shows the token, and is not there for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from nicegui import core as nicegui_core
from nicegui.client import Client

from core.errors import HubError
from core.hub import Hub
from core.operations.figures import Figure
from core.operations.meters import MEDIA_TYPE
from core.operations.scraping import may_scrape
from core.operations.service import Operations, Readiness
from core.settings import Settings
from ui.context import in_thread
from ui.guards.requests import asked_by
from ui.live import LiveTopics


def install(app: FastAPI, hub: Hub) -> None:
    """The three routes; without operations (tests of pages) the database alone is asked."""

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        """The process answers."""
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request) -> Response:
        """The database answers, too; whether it is held and who works is told as well."""
        try:
            told = await in_thread(hub.operations.readiness) if hub.operations else None
            if told is None:
                await in_thread(hub.partners.ready)
        except HubError:
            body = {"status": "database does not answer"}
            return JSONResponse(body, 503, {"Retry-After": "5"})
        return JSONResponse(_told(told, is_near(request, hub.settings)))

    if hub.operations is not None:
        _metrics(app, hub.operations, hub.settings)


def is_near(request: Request, settings: Settings) -> bool:
    """Whether the caller may read what is for the operator's machines."""
    asked = asked_by(request.scope)
    if asked is None:
        return False
    return may_scrape(
        asked.peer,
        was_forwarded=asked.was_forwarded,
        authorization=request.headers.get("authorization", ""),
        networks=settings.metrics_networks,
        token=settings.metrics_token.get_secret_value(),
    )


def _metrics(app: FastAPI, operations: Operations, settings: Settings) -> None:
    operations.meters.watch(figures_of_pages(app.state.live))

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        """Figures of this process and of the database, for Prometheus."""
        if not is_near(request, settings):
            return PlainTextResponse("Not found", 404)
        text = await in_thread(operations.meters.text)
        return Response(text, media_type=MEDIA_TYPE)


def _told(told: Readiness | None, is_near: bool) -> dict[str, Any]:
    if told is None:
        return {"status": "ok"}
    public: dict[str, Any] = {"status": "held" if told.held else "ok"}
    if not is_near:
        return public
    return public | {
        "database": "ok",
        "schema": told.schema,
        "schema_needed": told.needed,
        "workers": told.workers,
        "last_heartbeat": told.last_beat.isoformat() if told.last_beat else None,
        "held": {"reason": told.held.reason, "since": told.held.since.isoformat()}
        if told.held
        else None,
    }


def figures_of_pages(live: LiveTopics) -> Callable[[], Iterable[Figure]]:
    """Pages, sockets and pushes of this process."""

    def look() -> Iterable[Figure]:
        rooms = nicegui_core.sio.manager.rooms.get("/", {})
        yield Figure(
            name="hub_open_pages",
            about="Pages that are kept for a browser.",
            value=float(len(Client.instances)),
        )
        yield Figure(
            name="hub_sockets",
            about="Browsers that are connected now.",
            value=float(len(rooms.get(None, ()))),
        )
        yield Figure(
            name="hub_watched_partners",
            about="Partners with an open page here.",
            value=float(live.topics),
        )
        counts = live.counts
        for what, count in (
            ("received", counts.received),
            ("pushed", counts.pushed),
            ("coalesced", counts.coalesced),
            ("unwatched", counts.unwatched),
        ):
            yield Figure(
                name="hub_notices",
                about="Changes told to open pages: received, pushed as batches, replaced by a newer"
                " one, or for partners nobody looks at.",
                value=float(count),
                labels={"what": what},
                only_grows=True,
            )

    return look
