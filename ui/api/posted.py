"""Files that our own pages post as they are, without any multipart, and what they are answered.

Who posts is read from the session now; a refusal is `{why}` in words, with the status of its kind.
The limit on the body stands in `ui.guards.bodies`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.access import Principal
from core.errors import (
    Conflict,
    Forbidden,
    HubError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Unavailable,
)
from core.hub import Hub
from ui.guards.uploads import is_own
from ui.sessions import current

_STATUS: tuple[tuple[type[HubError], int], ...] = (
    (InvalidInput, 400),
    (NotSignedIn, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
)

Act = Callable[[Principal, Request], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def posted(hub: Hub, act: Act, why: Mapping[str, str]) -> Endpoint:
    """From our own pages only: a browser says where a request comes from."""
    endpoint = guarded(hub, act, why)

    async def answered(request: Request) -> Response:
        if not is_own(request.headers, hub.settings):
            return JSONResponse({"why": "This was not sent by a page of this hub."}, 403)
        return await endpoint(request)

    return answered


def guarded(hub: Hub, act: Act, why: Mapping[str, str]) -> Endpoint:
    """For whoever is signed in; `why` has the words by the code of a refusal."""

    async def answered(request: Request) -> Response:
        try:
            who = await current(hub, request)
            if who is None:
                raise NotSignedIn
            return await act(who, request)
        except HubError as error:
            return _refused(error, why)

    return answered


def _refused(error: HubError, why: Mapping[str, str]) -> Response:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if error.code == "file_too_large":
        status = 413
    words = why.get(error.code, "This file was not taken." if status != 404 else "Not found.")  # noqa: PLR2004
    again = {"Retry-After": "5"} if status == 503 else None  # noqa: PLR2004
    return JSONResponse({"why": words}, status, headers=again)
