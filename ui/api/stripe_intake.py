"""Where the payment provider posts: signature over raw bytes, event on disk, then 200.

Nothing is parsed before the signature holds and nothing is acted on here. The provider repeats for
three days what was not answered with 2xx, so a refusal for want of the database loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from starlette.routing import Route

from core.billing.payments.port import BadSignature
from core.errors import Unavailable
from core.hub import Hub

log = structlog.get_logger()

PATH = "/webhooks/stripe"
_HEADER = b"stripe-signature"


class Taker(Protocol):
    """Verifies and keeps an event for good; False when it was known."""

    def __call__(self, body: bytes, signature: str) -> bool: ...


def install(take: Taker) -> Callable[[FastAPI, Hub], None]:
    """For `ui.app.create_app`, after the guards: in front of every other route."""

    async def answered(request: Request) -> PlainTextResponse:
        signature = _signature(request)
        body = await request.body()
        try:
            await run_in_threadpool(take, body, signature)
        except BadSignature as error:
            log.warning("stripe_intake_refused", reason=str(error), bytes=len(body))
            return PlainTextResponse("the signature does not match", 401)
        except Unavailable:
            again = {"Retry-After": "5"}
            return PlainTextResponse("not stored; please send it again", 503, headers=again)
        return PlainTextResponse("ok")

    def put_first(app: FastAPI, hub: Hub) -> None:
        async def intake(request: Request) -> PlainTextResponse:
            answer = await answered(request)
            if hub.operations is not None:
                hub.operations.meters.intake("payments", answer.status_code)
            return answer

        app.router.routes.insert(0, Route(PATH, intake, methods=["POST"]))

    return put_first


def _signature(request: Request) -> str:
    """The one signature header; none or several are as good as a wrong one."""
    found = [value for name, value in request.scope["headers"] if name == _HEADER]
    return found[0].decode("latin-1") if len(found) == 1 else ""
