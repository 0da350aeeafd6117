"""Files of support: posted as they are, without any multipart, and served inert.

`POST /support/files?name=…` and `POST /desk/files?conversation=…&name=…` answer `{id, name, size}`,
or `{why}` in words; the limit on the body stands in `ui.guards.bodies`. What is served was drawn
anew by us or is a PDF to save: a fixed type, nosniff, and a policy under which nothing runs.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.access import Principal
from core.hub import Hub
from core.support.views import FileView
from ui.api.posted import guarded, posted
from ui.context import in_thread
from ui.guards.uploads import SUPPORT_FILES

_SHOWN = ("image/png", "image/webp")  # anything else is saved, not opened
_NAME_LENGTH = 300

WHY = {
    "file_empty": "This file is empty.",
    "file_too_large": "This file is too large. Up to 2 MB can be attached.",
    "file_type": "Only PNG, JPEG and WebP pictures and PDF files can be attached.",
    "file_broken": "This file cannot be read. Save it again, or take another one.",
    "picture_too_small": "This picture is too small: 32 pixels a side are needed.",
    "picture_too_large": "This picture has too many pixels: 4 megapixels at most.",
    "picture_moves": "Pictures that move cannot be attached.",
    "too_many_files": "Too many files are waiting to be sent. Send some of them first.",
}


def install(app: FastAPI, hub: Hub) -> None:
    """For `ui.app.create_app`, after the guards: in front of every other route."""

    async def from_partner(who: Principal, request: Request) -> Response:
        name = request.query_params.get("name", "")[:_NAME_LENGTH]
        content = await request.body()
        return _kept(await in_thread(hub.support.keep_file, who, name, content))

    async def from_staff(who: Principal, request: Request) -> Response:
        name = request.query_params.get("name", "")[:_NAME_LENGTH]
        conversation = request.query_params.get("conversation", "")
        content = await request.body()
        return _kept(await in_thread(hub.desk.keep_file, who, conversation, name, content))

    async def to_partner(who: Principal, request: Request) -> Response:
        return _served(*await in_thread(hub.support.file, who, request.path_params["file_id"]))

    async def to_staff(who: Principal, request: Request) -> Response:
        return _served(*await in_thread(hub.desk.file, who, request.path_params["file_id"]))

    partner, staff = SUPPORT_FILES
    app.router.routes[:0] = [
        Route(partner, posted(hub, from_partner, WHY), methods=["POST"]),
        Route(staff, posted(hub, from_staff, WHY), methods=["POST"]),
        Route(f"{partner}/{{file_id}}", guarded(hub, to_partner, WHY), methods=["GET"]),
        Route(f"{staff}/{{file_id}}", guarded(hub, to_staff, WHY), methods=["GET"]),
    ]


def _kept(file: FileView) -> Response:
    return JSONResponse({"id": file.id, "name": file.name, "size": file.size}, 201)


def _served(name: str, media_type: str, content: bytes) -> Response:
    kind = "inline" if media_type in _SHOWN else "attachment"
    ascii_name = "".join(c if c.isascii() else "_" for c in name)
    disposition = f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {
        "Content-Disposition": disposition,
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
