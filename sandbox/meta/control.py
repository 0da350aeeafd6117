"""Strings for QA and tests: fire webhooks, let things happen, set switches, read the journals."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from sandbox.meta.errors import GraphError
from sandbox.meta.events import Event
from sandbox.meta.more_scenarios import SCENARIOS
from sandbox.meta.targets import NoTarget, resolve
from sandbox.meta.tokens import revoke_tokens
from sandbox.meta.traffic_order import BadTraffic, order_from
from sandbox.meta.values import Node
from sandbox.meta.world import MetaWorld

_PARTNER_EVENTS = ("PARTNER_",)


def build_control_router(world: MetaWorld) -> APIRouter:
    """Routes under /control/meta."""
    router = APIRouter(prefix="/control/meta")
    control = Control(world)
    routes: list[tuple[str, str, Callable[..., Any]]] = [
        ("POST", "/events", control.events),
        ("POST", "/scenario/{name}", control.scenario),
        ("GET", "/scenarios", control.scenarios),
        ("GET", "/state", control.state),
        ("GET", "/behaviour", control.read_behaviour),
        ("POST", "/behaviour", control.change_behaviour),
        ("GET", "/calls", control.calls),
        ("DELETE", "/calls", control.forget_calls),
        ("GET", "/deliveries", control.deliveries),
        ("GET", "/traffic", control.traffic),
        ("POST", "/traffic", control.send_traffic),
        ("DELETE", "/traffic", control.stop_traffic),
        ("POST", "/flush", control.flush),
        ("POST", "/revoke", control.revoke),
        ("POST", "/handshake", control.handshake),
    ]
    for method, path, act in routes:
        router.add_api_route(path, act, methods=[method])
    return router


class Control:
    """The acts on one world."""

    def __init__(self, world: MetaWorld) -> None:
        self._world = world

    async def events(self, request: Request) -> Node:
        """Sends one `{field, value, …}`, or a burst of `events`, exactly as given."""
        given = await _body(request)
        rows = given.get("events") or [given]
        try:
            events = [self._event(row) for row in rows]
        except KeyError as missing:
            raise HTTPException(422, f"missing {missing}") from missing
        except NoTarget as unknown:
            raise HTTPException(404, str(unknown)) from unknown
        return _report(await self._world.sender.send(events, force=bool(given.get("force"))))

    async def scenario(self, name: str, request: Request) -> Node:
        """Changes the world and sends the webhooks that follow."""
        if name not in SCENARIOS:
            raise HTTPException(404, f"unknown scenario; known: {', '.join(sorted(SCENARIOS))}")
        try:
            return _report(await self._world.scenario(name, await _body(request)))
        except NoTarget as unknown:
            raise HTTPException(404, str(unknown)) from unknown

    async def scenarios(self) -> Node:
        """The names of all scenarios."""
        return {"scenarios": sorted(SCENARIOS)}

    async def state(self) -> Node:
        """All nodes."""
        return self._world.state.dump()

    async def read_behaviour(self) -> Node:
        """All switches."""
        return self._world.behaviour.dump()

    async def change_behaviour(self, request: Request) -> Node:
        """Sets the given switches; the others stay."""
        try:
            self._world.behaviour.change(await _body(request))
        except (ValueError, TypeError) as wrong:
            raise HTTPException(422, str(wrong)) from wrong
        return self._world.behaviour.dump()

    async def calls(self, path: str = "", method: str = "") -> Node:
        """The journal of Graph calls, and how often each path was called."""
        return self._world.journal.dump(path, method)

    async def forget_calls(self) -> Node:
        """Empties the journal."""
        self._world.journal.clear()
        return {"success": True}

    async def deliveries(self) -> Node:
        """Webhook attempts, oldest first."""
        return {"deliveries": list(self._world.sender.deliveries)}

    async def traffic(self) -> Node:
        """What the last order has told so far."""
        return self._world.traffic.progress()

    async def send_traffic(self, request: Request) -> Node:
        """Tells of messages that were sent; spread over `seconds`, it goes on by itself."""
        given = await _body(request)
        try:
            order = order_from(self._world.state, given)
        except BadTraffic as wrong:
            raise HTTPException(422, str(wrong)) from wrong
        except NoTarget as unknown:
            raise HTTPException(404, str(unknown)) from unknown
        return await self._world.traffic.send(self._world.state, order)

    async def stop_traffic(self) -> Node:
        """Ends what goes on."""
        self._world.traffic.stop()
        return self._world.traffic.progress()

    async def flush(self) -> Node:
        """Sends what `hold` kept back, and ends the hold."""
        return _report(await self._world.sender.flush())

    async def revoke(self, request: Request) -> Node:
        """Withdraws a client's tokens without telling the hub."""
        business_id = str((await _body(request)).get("business_id", ""))
        return {"revoked": revoke_tokens(self._world.state, business_id)}

    async def handshake(self) -> Node:
        """Runs the GET handshake against the app's callback."""
        url, token = self._world.state.app.callback_url, self._world.settings.verify_token
        try:
            await self._world.sender.handshake(url, token)
        except GraphError as failed:
            return {"success": False, "error": failed.message}
        return {"success": True}

    def _event(self, row: Node) -> Event:
        return Event(field=row["field"], value=row["value"], entry_id=self._entry_id(row))

    def _entry_id(self, row: Node) -> str:
        """The given entry, else what Meta would use: the partner for PARTNER_* events."""
        if entry_id := row.get("entry_id"):
            return str(entry_id)
        value = row["value"]
        kind = str(value.get("event", "")) if isinstance(value, dict) else ""
        if kind.startswith(_PARTNER_EVENTS) or row["field"] == "partner_solutions":
            return self._world.settings.business_id
        if waba_id := row.get("waba_id"):
            # Not looked up: events of accounts that Meta does not know (any more) do arrive.
            return str(waba_id)
        return str(resolve(self._world.state, row).waba["id"])


def _report(records: list[Node]) -> Node:
    """What was sent, with the hub's last status in front."""
    statuses = [record.get("status") for record in records if "status" in record]
    return {"status": statuses[-1] if statuses else None, "sent": records}


async def _body(request: Request) -> dict[str, Any]:
    if not await request.body():
        return {}
    try:
        given = await request.json()
    except ValueError as wrong:
        raise HTTPException(422, "the body is not JSON") from wrong
    if not isinstance(given, dict):
        raise HTTPException(422, "the body must be a JSON object")
    return given
