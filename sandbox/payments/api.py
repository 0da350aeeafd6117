"""The routes under `/v1`: who asks, under which key, and which fault is armed for the call."""

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from sandbox.meta.lost_answer import CutConnection
from sandbox.payments import checkout, customers, intents, refunds
from sandbox.payments.errors import StripeError, broken
from sandbox.payments.forms import known, read_form
from sandbox.payments.state import listed
from sandbox.payments.switches import Fault, FaultKind
from sandbox.payments.values import Node, new_id
from sandbox.payments.world import PaymentsWorld

_MOST_BYTES = 64 * 1024
_Work = Callable[..., Node]


def _read_event(world: PaymentsWorld, params: Node, event_id: str) -> Node:
    known(params, ())
    return world.state.find(event_id, "evt")


def _list_events(world: PaymentsWorld, params: Node) -> Node:
    known(params, ("type", "types", "limit", "starting_after", "ending_before", "created"))
    wanted = [params["type"]] if "type" in params else params.get("types")
    rows = [event for event in world.state.all("evt") if not wanted or event["type"] in wanted]
    return listed(rows, "/v1/events", 100)


# Longer paths first: `search` is not an id. The act is what a fault is armed for.
ROUTES: tuple[tuple[str, str, str, _Work], ...] = (
    ("POST", "/customers", "customer", customers.create_customer),
    ("GET", "/customers/{id}", "read", customers.read_customer),
    ("GET", "/customers/{id}/payment_methods", "read", customers.list_customer_cards),
    ("GET", "/payment_methods", "read", customers.list_cards),
    ("GET", "/payment_methods/{id}", "read", customers.read_card),
    ("POST", "/payment_methods/{id}/detach", "forget_card", customers.detach_card),
    ("POST", "/checkout/sessions", "card_page", checkout.create_session),
    ("GET", "/checkout/sessions/{id}", "read", checkout.read_session),
    ("POST", "/checkout/sessions/{id}/expire", "card_page", checkout.expire_session),
    ("GET", "/setup_intents/{id}", "read", checkout.read_setup),
    ("POST", "/payment_intents", "create", intents.create_intent),
    ("GET", "/payment_intents/search", "read", intents.search_intents),
    ("GET", "/payment_intents/{id}", "read", intents.read_intent),
    ("POST", "/payment_intents/{id}", "create", intents.update_intent),
    ("POST", "/payment_intents/{id}/confirm", "confirm", intents.confirm_intent),
    ("POST", "/payment_intents/{id}/cancel", "cancel", intents.cancel_intent),
    ("POST", "/refunds", "refund", refunds.create_refund),
    ("GET", "/refunds", "read", refunds.list_refunds),
    ("GET", "/refunds/{id}", "read", refunds.read_refund),
    ("GET", "/events", "read", _list_events),
    ("GET", "/events/{id}", "read", _read_event),
)


def build_api(world: PaymentsWorld) -> APIRouter:
    """The subset of Stripe's API; what is not here answers as an unknown address does there."""
    router = APIRouter(prefix="/v1", include_in_schema=False)
    for method, path, act, work in ROUTES:
        router.add_api_route(path, Endpoint(world, act, work).answer, methods=[method])
    router.add_api_route("/{rest:path}", Unknown(world).answer, methods=["GET", "POST", "DELETE"])
    return router


@dataclass(frozen=True)
class Endpoint:
    """One method and path."""

    world: PaymentsWorld
    act: str
    work: _Work

    async def answer(self, request: Request) -> Response:
        """Stripe's answer, its error object, or nothing at all when a fault says so."""
        try:
            _require_key(self.world, request)
            text = await _text(request)
            params = read_form(text)
        except StripeError as refused:
            return _refusal(refused)
        fault = self.world.switches.take_fault(self.act)
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        return await self._once(request, params, text, key, fault)

    async def _once(
        self, request: Request, params: Node, text: str, key: str, fault: Fault | None
    ) -> Response:
        keys = self.world.keys
        if refused := _turned_away(fault):
            return _refusal(refused)
        try:
            kept = keys.begin(key, (request.method, request.url.path, text)) if key else None
        except StripeError as refused:
            return _refusal(refused)
        if kept is not None:
            return _told(kept.status, kept.body or {}, {"Idempotent-Replayed": "true"})
        if fault is not None and fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        status, body, is_kept = self._do(request, params, fault)
        if key and is_kept:
            keys.end(key, status, body)
        elif key:
            keys.forget(key)
        if fault is not None and fault.kind is FaultKind.ANSWER_LOST:
            return CutConnection()
        if fault is not None and fault.kind is FaultKind.HANGS_AFTER:
            await asyncio.sleep(fault.seconds)
        return _told(status, body)

    def _do(self, request: Request, params: Node, fault: Fault | None) -> tuple[int, Node, bool]:
        """Status and body, and whether the key remembers them."""
        try:
            if fault is not None and fault.kind is FaultKind.ERROR_BEFORE:
                raise broken()
            ids = [str(value) for value in request.path_params.values()]
            node = self.work(self.world, params, *ids)
            if fault is not None and fault.kind is FaultKind.ERROR_AFTER:
                raise broken()
        except StripeError as refused:
            hidden = fault is not None and fault.kind is FaultKind.ERROR_AFTER
            told = broken() if hidden else refused
            return told.status, told.body(), told.is_kept
        return 200, self.world.state.shown(node, params.get("expand")), True


@dataclass(frozen=True)
class Unknown:
    """Every other address."""

    world: PaymentsWorld

    async def answer(self, request: Request) -> Response:
        """Stripe's 404, after the key was looked at."""
        try:
            _require_key(self.world, request)
        except StripeError as refused:
            return _refusal(refused)
        where = f"{request.method}: {request.url.path}"
        message = f"Unrecognized request URL ({where})."
        return _refusal(StripeError(404, "invalid_request_error", message))


def _turned_away(fault: Fault | None) -> StripeError | None:
    if fault is None:
        return None
    if fault.kind is FaultKind.UNAVAILABLE:
        return StripeError(503, "api_error", "The provider is not available at the moment.")
    if fault.kind is FaultKind.RATE_LIMITED:
        return StripeError(
            429, "invalid_request_error", "Too many requests hit the API.", code="rate_limit"
        )
    return None


def _require_key(world: PaymentsWorld, request: Request) -> None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        value = _user_of(value)
    if value != world.settings.stripe_secret_key:
        raise StripeError(401, "invalid_request_error", "Invalid API Key provided.")


def _user_of(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _text(request: Request) -> str:
    if request.method == "GET":
        return request.url.query
    raw = await request.body()
    if len(raw) > _MOST_BYTES:
        raise StripeError(413, "invalid_request_error", "The request is too large.")
    return raw.decode("utf-8", "replace")


def _refusal(refused: StripeError) -> Response:
    return _told(refused.status, refused.body())


def _told(status: int, body: Node, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(
        body, status_code=status, headers={"Request-Id": new_id("req")} | (headers or {})
    )
