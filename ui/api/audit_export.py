"""The record as a file: `GET /audit/export.csv` with the filters of the page's own address.

Read as it is sent, page by page, so that its size is no matter; who asks is looked at for each.
"""

from __future__ import annotations

from itertools import chain

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.access import Principal
from core.hub import Hub
from ui import format as words
from ui.api.posted import guarded
from ui.components import ZONE_COOKIE
from ui.context import in_thread
from ui.location import values_of
from ui.pages import audit_words
from ui.pages.audit_asked import EXPORT, query_of

_WHY = {"role_too_low": "Your role does not allow this. An owner can do it for you."}


def install(app: FastAPI, hub: Hub) -> None:
    """For `ui.app.create_app`, after the guards: in front of every other route."""

    async def export(who: Principal, request: Request) -> Response:
        asked = values_of(request.url.query)
        asked.pop("before", None)
        query = query_of(asked, words.zone(request.cookies.get(ZONE_COOKIE, "")))
        pieces = hub.audit.export_csv(who, query, audit_words.wording)
        # The first one now: a refusal is an answer of its own, not half a file.
        first = await in_thread(next, pieces)
        headers = {
            "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(
            chain([first], pieces), media_type="text/csv; charset=utf-8", headers=headers
        )

    app.router.routes.insert(0, Route(EXPORT, guarded(hub, export, _WHY), methods=["GET"]))
