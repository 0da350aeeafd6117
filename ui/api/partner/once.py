"""Routes of writes: the same `Idempotency-Key` does a thing once and answers it again.

Around the route, so that no route has to think of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from core.access import Principal
from core.accounts.cursors import is_storable
from core.errors import InvalidInput
from core.hub import Hub
from ui.api.partner.call import program, require_own_path

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

HEADER = "Idempotency-Key"
_LONGEST = 255
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_JSON = "application/json"
_GOOD = range(200, 300)


class OnceRoute(APIRoute):
    """A route whose writes happen once per key."""

    def get_route_handler(self) -> Handler:
        plain = super().get_route_handler()

        async def handler(request: Request) -> Response:
            key = request.headers.get(HEADER, "").strip()
            # Only below a partner: a token is no thing that could be made twice.
            has_partner = "partner_id" in request.path_params
            if not key or not has_partner or request.method not in _CHANGING:
                return await plain(request)
            return await _once(request, key, plain)

        return handler


async def _once(request: Request, key: str, plain: Handler) -> Response:
    if len(key) > _LONGEST or not is_storable(key):
        raise InvalidInput("the key is too long", code="invalid_idempotency_key", field=HEADER)
    hub: Hub = request.app.state.hub
    writes = hub.partner_api.writes
    who = await run_in_threadpool(_who, request, hub)
    hashed = await _hash(request, who)
    before = await run_in_threadpool(writes.begin, who, key, hashed)
    if before is not None:
        again = {"Idempotent-Replayed": "true"}
        return Response(before.body, before.status, again, media_type=_JSON)
    kept = False
    try:
        response = await plain(request)
        if response.status_code in _GOOD:
            body = bytes(response.body)
            await run_in_threadpool(writes.finish, who, key, response.status_code, body)
            kept = True
        return response
    finally:
        if not kept:
            await run_in_threadpool(writes.release, who, key)


def _who(request: Request, hub: Hub) -> Principal:
    who = program(request, hub)
    require_own_path(who, request)
    return who


async def _hash(request: Request, who: Principal) -> str:
    """What makes a request the same one: who sends it, to where, and every byte."""
    scope = request.scope
    parts = (
        who.person_id.encode(),
        scope["method"].encode(),
        request.url.path.encode(),
        scope["query_string"],
        await request.body(),
    )
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()
