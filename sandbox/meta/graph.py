"""One Graph call from the wire to the answer: journal, faults, version, token, node, handler.

Handlers are plain functions in tables keyed by method, node kind and edge; they raise GraphError.
"""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from sandbox.meta.behaviour import Fault
from sandbox.meta.errors import GraphError, bad_parameter, not_visible
from sandbox.meta.journal import Entry
from sandbox.meta.lost_answer import CutConnection
from sandbox.meta.state import MetaState, Token
from sandbox.meta.tokens import caller_kind, identify, may_use
from sandbox.meta.usage import hourly_budget, usage_headers
from sandbox.meta.values import GRAPH_VERSIONS, Node
from sandbox.meta.world import MetaWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler gets: the node it is about, who asks, and with which parameters."""

    world: MetaWorld
    method: str
    node: Node
    params: Node
    token: Token
    raw_token: str
    url: str

    @property
    def state(self) -> MetaState:
        """The world's nodes."""
        return self.world.state

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return self.world.clock.now()

    def required(self, name: str) -> str:
        """A parameter as text; error 100 when it is missing."""
        value = self.params.get(name)
        if value in (None, ""):
            raise bad_parameter(f"The parameter {name} is required.")
        return str(value)

    def json(self, name: str) -> Any:
        """A parameter that is an object or a list, sent as JSON or as its text."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        try:
            # Meta also takes lists with single quotes, as in its own samples.
            return json.loads(value.replace("'", '"'))
        except ValueError as wrong:
            raise bad_parameter(f"Param {name} must be valid JSON") from wrong


Handler = Callable[[Call], Any | Awaitable[Any]]
# (method, node kind, edge) → handler; the edge is "" for the node itself.
Table = dict[tuple[str, str, str], Handler]

# Calls that carry their own proof instead of a token.
_WITHOUT_TOKEN = {"oauth/access_token"}


class GraphServer:
    """Answers Graph calls for one world."""

    def __init__(self, world: MetaWorld, table: Table) -> None:
        self._world = world
        self._table = table

    async def answer(self, request: Request, version: str, path: str) -> Response:
        """The response to one call; a fault may refuse it, delay it or lose its answer."""
        world, method = self._world, request.method
        # First: what hangs below is done even for a caller that dies meanwhile, and who died before
        # it had said all has not called.
        await request.body()
        entry = world.journal.begin(world.clock.now(), method, f"/{path}", version)
        raw = _raw_token(request, dict(request.query_params))
        entry.caller = caller_kind(world.state, world.settings, raw, entry.at)
        fault = world.behaviour.take_fault(method, f"/{path}")
        try:
            await _suffer(fault)
            result = await self._work(request, version, path, entry)
            response: Response = JSONResponse(result)
        except GraphError as error:
            entry.code = error.code
            response = JSONResponse(error.body(), status_code=error.status)
        headers = usage_headers(world, entry.waba_id)
        response.headers.update(headers)
        if fault and fault.answer_lost:
            response = CutConnection() if fault.answer_lost == "drop" else Response(status_code=500)
        entry.status = response.status_code
        return response

    async def _work(self, request: Request, version: str, path: str, entry: Entry) -> Any:
        world = self._world
        _require_version(version, world.clock.now())
        params = await _params(request)
        raw = _raw_token(request, params)
        if path in _WITHOUT_TOKEN:
            token = Token(value="", kind="none", business_id="", issued_at=world.clock.now())
        else:
            token = identify(world.state, world.settings, raw, world.clock.now())
        kind, node, edge = self._locate(path, request.method, token)
        entry.waba_id = _waba_of(kind, node)
        _require_budget(world, entry)
        handler = self._table.get((request.method, kind, edge))
        if handler is None:
            raise _no_such_edge(request.method, edge, node)
        url = f"{world.settings.public_url}/{version}/{path}"
        call = Call(
            world=world,
            method=request.method,
            node=node,
            params=params,
            token=token,
            raw_token=raw,
            url=url,
        )
        result = handler(call)
        return await result if inspect.isawaitable(result) else result

    def _locate(self, path: str, method: str, token: Token) -> tuple[str, Node, str]:
        """Node and edge of a path; the node must be visible to the token."""
        if any(kind == "root" and edge == path for _, kind, edge in self._table):
            return "root", {}, path
        node_id, _, edge = path.partition("/")
        if node_id == self._world.settings.app_id:
            return "app", {"id": node_id, "name": "Partner app"}, edge
        found = self._world.state.find(node_id)
        if found is None or not _visible(self._world, *found, token):
            raise not_visible(node_id, method)
        return *found, edge


def _visible(world: MetaWorld, kind: str, node: Node, token: Token) -> bool:
    match kind:
        case "waba":
            return may_use(token, node)
        case "phone" | "template" | "flow":
            return may_use(token, world.state.wabas[node["waba_id"]])
        case "business":
            return token.kind == "system" or token.business_id == node["id"]
        case "solution":
            return token.kind in ("system", "app")
        case _:
            return token.kind in ("system", "business")


def _waba_of(kind: str, node: Node) -> str | None:
    if kind == "waba":
        return str(node["id"])
    return node.get("waba_id") if kind in ("phone", "template", "flow") else None


async def _suffer(fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.hang_seconds:
        await asyncio.sleep(fault.hang_seconds)
    if error := fault.error():
        raise error


def _require_version(version: str, now: datetime) -> None:
    if version not in GRAPH_VERSIONS:
        raise GraphError(2500, f"Unknown path components: /{version}")
    until = GRAPH_VERSIONS[version]
    if until is not None and now.date() > until:
        raise GraphError(2635, f"(#2635) Version {version} is no longer available.")


def _require_budget(world: MetaWorld, entry: Entry) -> None:
    if entry.waba_id is None:
        return
    used = world.journal.count_usage(entry.waba_id, entry.at)
    if world.behaviour.enforce_rate_limits and used > hourly_budget(world.state, entry.waba_id):
        raise GraphError(
            80007,
            "(#80007) There have been too many calls to this WhatsApp Business account.",
            transient=True,
        )


def _no_such_edge(method: str, edge: str, node: Node) -> GraphError:
    if edge:
        return GraphError(2500, f"Unknown path components: /{edge}")
    return not_visible(str(node.get("id", "")), method)


async def _params(request: Request) -> Node:
    """Query and body in one: Graph takes either; an empty body is no parameters."""
    params: Node = dict(request.query_params)
    body = await request.body()
    if not body:
        return params
    kind = request.headers.get("content-type", "")
    if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form() as form:
            return params | {
                name: await value.read() if isinstance(value, UploadFile) else value
                for name, value in form.items()
            }
    try:
        given = json.loads(body)
    except ValueError as wrong:
        raise bad_parameter("The body is not valid JSON") from wrong
    if not isinstance(given, dict):
        raise bad_parameter("The body must be a JSON object")
    return params | given


def _raw_token(request: Request, params: Node) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else str(params.get("access_token", ""))
