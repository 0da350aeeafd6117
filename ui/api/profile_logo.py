"""The logo: posted as the file that it is, with the rectangle to keep, by an owner's own page.

`POST /profile/logo?left=…&top=…&width=…&height=…` answers `{logo}`, the address of what was drawn,
or `{why}` in words.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.access import Principal
from core.errors import InvalidInput
from core.hub import Hub
from core.partners.profile.rules import Crop
from ui.api.posted import posted
from ui.context import in_thread
from ui.elements.logo_crop import TOO_THIN
from ui.frame_parts import logo_url
from ui.guards.uploads import LOGO_FILE

WHY = {
    "file_empty": "This file is empty.",
    "file_too_large": "This file is too large: up to 2 MB.",
    "file_type": "Only PNG, JPEG and WebP pictures can be a logo.",
    "file_broken": "This file cannot be read. Save it again, or take another one.",
    "picture_too_small": "This is too small: 32 pixels a side are needed.",
    "picture_too_large": "This picture is too large: up to 4096 pixels a side and 4 megapixels.",
    "picture_too_thin": f"{TOO_THIN} Keep another part, or take another picture.",
    "picture_moves": "Pictures that move cannot be a logo.",
    "crop_outside": "The part to keep lies outside of the picture. Choose it once more.",
    "role_too_low": "Only owners can change the logo.",
}
_SIDES = ("left", "top", "width", "height")
_DIGITS = 6


def install(app: FastAPI, hub: Hub) -> None:
    """For `ui.app.create_app`, after the guards: in front of every other route."""

    async def take(who: Principal, request: Request) -> Response:
        crop = _crop(request)
        content = await request.body()
        it = await in_thread(hub.profile.set_logo, who, content, crop)
        return JSONResponse({"logo": logo_url(it.logo_hash)}, 201)

    app.router.routes.insert(0, Route(LOGO_FILE, posted(hub, take, WHY), methods=["POST"]))


def _crop(request: Request) -> Crop | None:
    """The rectangle; None for the whole picture. Raises InvalidInput (`crop_outside`)."""
    given = {side: request.query_params.get(side, "") for side in _SIDES}
    if not any(given.values()):
        return None
    if not all(_is_number(text) for text in given.values()):
        raise InvalidInput(code="crop_outside", field="file")
    return Crop(**{side: int(text) for side, text in given.items()})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS
