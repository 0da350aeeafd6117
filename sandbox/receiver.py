"""What a partner's webhook endpoint gets: `/receiver/{name}` records every request.

A receiver can be told to fail, hang or redirect, for the next n requests or until told
otherwise. Nothing is interpreted here; signatures are judged by whoever reads the records.
"""

import asyncio
import base64
from collections import defaultdict
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sandbox.clock import SandboxClock
from sandbox.waiting import Arrivals

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
# Enough for the busiest test; older records fall out so that a soak run cannot eat the memory.
KEPT_PER_RECEIVER = 5_000
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Behaviour(BaseModel):
    """How a receiver answers. `times` requests long, for ever when it is left out."""

    model_config = ConfigDict(extra="forbid")

    status: int = Field(default=200, ge=200, le=599)
    hang_seconds: float = Field(default=0, ge=0, le=3600)
    redirect_to: str | None = None
    body: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    times: int | None = Field(default=None, ge=1)


class Receivers:
    """All receivers by name; a name exists as soon as something was sent to it."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._records: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._count: dict[str, int] = defaultdict(int)
        self._behaviours: dict[str, Behaviour] = {}
        self._arrivals = Arrivals()
        self._released = asyncio.Event()

    def reset(self) -> None:
        self._records.clear()
        self._count.clear()
        self._behaviours.clear()
        self.release()

    def release(self) -> None:
        """Let go of every request that hangs at this moment."""
        self._released.set()
        self._released = asyncio.Event()

    def forget(self, name: str) -> None:
        for known in (self._records, self._count, self._behaviours):
            known.pop(name, None)

    def names(self) -> list[dict[str, Any]]:
        known = sorted({*self._count, *self._behaviours})
        return [
            {"name": name, "received": self._count.get(name, 0), "behaviour": self.behaviour(name)}
            for name in known
        ]

    def records(self, name: str) -> list[dict[str, Any]]:
        return list(self._records.get(name, []))

    def behaviour(self, name: str) -> Behaviour:
        return self._behaviours.get(name, Behaviour())

    def set_behaviour(self, name: str, behaviour: Behaviour) -> None:
        self._behaviours[name] = behaviour

    async def record(self, name: str, request: Request) -> None:
        """Keep the request with its raw bytes and its headers in the order sent."""
        body = await request.body()
        self._count[name] += 1
        records = self._records[name]
        records.append(_as_record(self._count[name], self._clock, request, body))
        del records[:-KEPT_PER_RECEIVER]
        await self._arrivals.announce()

    async def wait_for(self, name: str, at_least: int, seconds: float) -> None:
        await self._arrivals.wait_until(lambda: self._count.get(name, 0) >= at_least, seconds)

    async def answer(self, name: str) -> Response:
        behaviour = self._use_behaviour(name)
        if behaviour.hang_seconds:
            await _hang(self._released, behaviour.hang_seconds)
        if behaviour.redirect_to is not None:
            return _redirect(behaviour, behaviour.redirect_to)
        body = behaviour.body if behaviour.body is not None else '{"received": true}'
        headers = {"Content-Type": "application/json", **behaviour.headers}
        return Response(body, status_code=behaviour.status, headers=headers)

    def _use_behaviour(self, name: str) -> Behaviour:
        behaviour = self.behaviour(name)
        if behaviour.times == 1:
            del self._behaviours[name]
        elif behaviour.times is not None:
            self._behaviours[name] = behaviour.model_copy(update={"times": behaviour.times - 1})
        return behaviour


class ReceiverRoutes:
    """`/receiver/{name}` and its controls under `/control/receiver`."""

    def __init__(self, receivers: Receivers) -> None:
        self._receivers = receivers

    def router(self) -> APIRouter:
        router = APIRouter(tags=["receiver"])
        for path in ("/receiver/{name}", "/receiver/{name}/{rest:path}"):
            router.add_api_route(path, self.receive, methods=METHODS, include_in_schema=False)
        router.get("/control/receiver")(self.overview)
        router.get("/control/receiver/{name}")(self.read)
        router.delete("/control/receiver/{name}")(self.forget)
        router.get("/control/receiver/{name}/behaviour")(self.behaviour)
        router.post("/control/receiver/{name}/behaviour")(self.behave)
        return router

    async def receive(self, name: str, request: Request) -> Response:
        await self._receivers.record(name, request)
        return await self._receivers.answer(name)

    async def overview(self) -> dict[str, Any]:
        return {"receivers": self._receivers.names()}

    async def read(self, name: str, at_least: int = 0, wait_seconds: float = 0) -> dict[str, Any]:
        await self._receivers.wait_for(name, at_least, wait_seconds)
        records = self._receivers.records(name)
        return {"name": name, "count": len(records), "requests": records}

    async def forget(self, name: str) -> dict[str, Any]:
        self._receivers.forget(name)
        return {"name": name, "forgotten": True}

    async def behaviour(self, name: str) -> Behaviour:
        return self._receivers.behaviour(name)

    async def behave(self, name: str, behaviour: Behaviour) -> Behaviour:
        self._receivers.set_behaviour(name, behaviour)
        return behaviour


def _as_record(number: int, clock: SandboxClock, request: Request, body: bytes) -> dict[str, Any]:
    return {
        "number": number,
        "received_at": clock.now().isoformat(),
        "method": request.method,
        "path": request.url.path,
        "query": request.url.query,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "header_list": [[name, value] for name, value in request.headers.items()],
        "body_base64": base64.b64encode(body).decode(),
        "body": body.decode("utf-8", errors="replace"),
    }


def _redirect(behaviour: Behaviour, target: str) -> Response:
    """A redirect with the wished status, or 307 when that is no redirect."""
    wished = behaviour.status in REDIRECTS
    status = behaviour.status if wished else HTTPStatus.TEMPORARY_REDIRECT
    headers = {**behaviour.headers, "Location": target}
    return Response(behaviour.body or "", status_code=status, headers=headers)


async def _hang(released: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(released.wait(), seconds)
    except TimeoutError:
        return
