"""What the browser tells of Meta's popup, by the page's socket or by a plain request.

Both ways end here. The request is the way on while the socket is down: Meta's code lives for
thirty seconds and is given once.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from core.errors import InvalidInput, Unavailable
from core.hub import Hub
from core.onboarding.errors import OnboardingRefused, UnknownRun
from core.onboarding.service import Onboarding
from core.onboarding.views import RunKey
from ui.context import in_thread
from ui.cookies import ONBOARDING_COOKIE
from ui.pages.onboarding.origin import is_ours


class Signal(BaseModel):
    """One signal; `value` is Meta's code, or its window message as it came."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(max_length=64)
    kind: Literal["opened", "blocked", "code", "message"]
    value: JsonValue = ""
    origin: str = Field(default="", max_length=200)


def install(app: FastAPI, hub: Hub) -> None:
    """The plain way."""

    @app.post("/onboarding/api/{run_id}/signal", include_in_schema=False)
    async def signal(run_id: str, request: Request) -> Response:
        key = RunKey(run_id, request.cookies.get(ONBOARDING_COOKIE, ""))
        if not is_ours(request, hub.settings):
            status = HTTPStatus.FORBIDDEN
        elif request.headers.get("content-type", "").partition(";")[0] != "application/json":
            # A plain form of another site could not be told from our own request.
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        else:
            status = await _taken(hub.onboarding, key, await request.body())
        again = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
        return Response(status_code=status, headers=again)


async def _taken(onboarding: Onboarding, key: RunKey, body: bytes) -> HTTPStatus:
    status = HTTPStatus.NO_CONTENT
    try:
        await in_thread(deliver, onboarding, key, Signal.model_validate(json.loads(body)))
    except (ValidationError, ValueError, RecursionError, InvalidInput):
        status = HTTPStatus.BAD_REQUEST
    except UnknownRun:
        status = HTTPStatus.NOT_FOUND
    except OnboardingRefused:
        status = HTTPStatus.CONFLICT
    except Unavailable:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return status


def read(raw: Any) -> Signal | None:
    """The signal in an event's arguments; None for anything else."""
    try:
        return Signal.model_validate(raw)
    except ValidationError:
        return None


def deliver(onboarding: Onboarding, key: RunKey, signal: Signal) -> None:
    """Tell the service. Raises what its verbs raise."""
    if signal.kind == "opened":
        onboarding.begin_signup(key, signal.id)
    elif signal.kind == "blocked":
        onboarding.popup_blocked(key)
    elif signal.kind == "code":
        onboarding.meta_code(key, signal.value if isinstance(signal.value, str) else "")
    elif isinstance(signal.value, str | dict):
        onboarding.meta_message(key, signal.value, signal.origin)
