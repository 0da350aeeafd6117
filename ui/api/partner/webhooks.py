"""Webhook endpoints beside the main one, and the log of what was sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from core.access import Principal
from core.errors import NotFound
from core.integration.api.deliveries import DELIVERIES
from core.integration.api.lists import Page
from core.integration.outbound.views import AttemptView, DeliveryDetails, EndpointView
from core.integration.shapes.values import moment, without_nulls
from ui.api.partner.answers import answer, listed
from ui.api.partner.asked import documented, page_of, path_id
from ui.api.partner.call import PARTNER, Call, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.common import Success
from ui.api.partner.schemas.partners import WebhookUrlChange
from ui.api.partner.schemas.webhooks import (
    ChannelWebhookUrl,
    DeliveryDetailsObject,
    DeliveryList,
    DeliveryObject,
    EndpointChange,
    EndpointList,
    EndpointObject,
    NewEndpoint,
)

Json = dict[str, Any]

_ENDPOINTS = f"{PARTNER}/webhooks/endpoints"
_ENDPOINT = f"{_ENDPOINTS}/{{endpoint_id}}"
_OF_NUMBER = f"{PARTNER}/channels/{{channel_id}}/webhook_url"
_DELIVERIES = f"{PARTNER}/webhooks/deliveries"
_DELIVERY = f"{_DELIVERIES}/{{delivery_id}}"
_BY = {
    "id": lambda row: row.id,
    "name": lambda row: row.name,
    "url": lambda row: row.url,
    "state": lambda row: row.state.value,
}
_DIGITS = 18


def routes(router: APIRouter) -> None:
    _of_number(router)
    _endpoints(router)
    _deliveries(router)


def _of_number(router: APIRouter) -> None:
    @router.get(_OF_NUMBER, **told("Get the webhook URL of a channel", ChannelWebhookUrl))
    def get_webhook_url_of_channel(call: Called) -> Response:
        return _webhook_url(call)

    @router.post(
        _OF_NUMBER,
        **told(
            "Set the webhook URL of a channel",
            ChannelWebhookUrl,
            about="What customers write, and what becomes of messages, as Meta tells it.",
            takes=WebhookUrlChange,
        ),
    )
    def set_webhook_url_of_channel(call: Called) -> Response:
        who, change = call.who, call.body(WebhookUrlChange)
        channel_id = path_id(call, "channel_id")
        call.hub.webhooks.set_of_number(who, channel_id, change.webhook_url, change.headers)
        return _webhook_url(call)


def _webhook_url(call: Call) -> Response:
    channel_id = path_id(call, "channel_id")
    found = call.hub.webhooks.of_number(call.who, channel_id)
    told_ = (found.url, found.id) if found else ("", "")
    return answer({"id": channel_id, "webhook_url": told_[0], "endpoint_id": told_[1]})


def _endpoints(router: APIRouter) -> None:
    @router.get(
        _ENDPOINTS,
        **told("List webhook endpoints", EndpointList, lists=documented(tuple(_BY), tuple(_BY))),
    )
    def list_endpoints(call: Called) -> Response:
        who, query = call.who, call.listing()
        page = page_of(call.hub.webhooks.endpoints(who), query, filters=_BY, sorts=_BY)
        shapes: Page[Any] = Page(items=[_endpoint(row) for row in page.items], total=page.total)
        return listed("endpoints", shapes, query)

    @router.post(
        _ENDPOINTS,
        **told("Add a webhook endpoint", EndpointObject, takes=NewEndpoint, status=201),
    )
    def add_endpoint(call: Called) -> Response:
        who, given = call.who, call.body(NewEndpoint)
        saved = call.hub.webhooks.add_endpoint(
            who,
            given.url,
            name=given.name or "",
            headers=given.headers or {},
            events=given.events or [],
        )
        return answer(_endpoint(saved.endpoint), 201)

    @router.get(_ENDPOINT, **told("Get a webhook endpoint", EndpointObject))
    def get_endpoint(call: Called) -> Response:
        who = call.who
        return answer(_endpoint(call.hub.webhooks.endpoint(who, path_id(call, "endpoint_id"))))

    @router.patch(
        _ENDPOINT,
        **told(
            "Change a webhook endpoint",
            EndpointObject,
            about="What is given is changed. A URL set anew switches the endpoint on again.",
            takes=EndpointChange,
        ),
    )
    def change_endpoint(call: Called) -> Response:
        who, wish = call.who, call.body(EndpointChange)
        return answer(_endpoint(_changed(call, who, path_id(call, "endpoint_id"), wish)))

    @router.delete(_ENDPOINT, **told("Delete a webhook endpoint", Success, writes=True))
    def delete_endpoint(call: Called) -> Response:
        who = call.who
        call.hub.webhooks.delete_endpoint(who, path_id(call, "endpoint_id"))
        return answer({"meta": {"success": True}})


def _deliveries(router: APIRouter) -> None:
    @router.get(
        _DELIVERIES,
        **told("List webhook deliveries", DeliveryList, lists=DELIVERIES),
    )
    def list_deliveries(call: Called) -> Response:
        who, query = call.who, call.listing()
        found = call.hub.partner_api.deliveries.page(who, query)
        shapes: Page[Any] = Page(items=[_delivery(row) for row in found.items], total=found.total)
        return listed("deliveries", shapes, query)

    @router.get(_DELIVERY, **told("Get a webhook delivery", DeliveryDetailsObject))
    def get_delivery(call: Called) -> Response:
        who = call.who
        return answer(_details(call.hub.webhooks.delivery(who, _delivery_id(call))))

    @router.post(
        f"{_DELIVERY}/replay",
        **told(
            "Send a webhook delivery once more",
            DeliveryObject,
            about="The same bytes under the same id.",
            writes=True,
        ),
    )
    def replay(call: Called) -> Response:
        who = call.who
        return answer(_delivery(call.hub.webhooks.replay(who, _delivery_id(call))))


def _changed(call: Call, who: Principal, endpoint_id: str, wish: EndpointChange) -> EndpointView:
    webhooks = call.hub.webhooks
    view = webhooks.endpoint(who, endpoint_id)
    if wish.model_fields_set - {"is_paused"}:
        view = webhooks.change_endpoint(
            who,
            endpoint_id,
            url=wish.url,
            name=wish.name,
            headers=wish.headers,
            events=wish.events,
        ).endpoint
    if wish.is_paused is not None:
        act = webhooks.pause_endpoint if wish.is_paused else webhooks.resume_endpoint
        view = act(who, endpoint_id)
    return view


def _delivery_id(call: Call) -> int:
    text = call.path("delivery_id")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFound
    return int(text)


def _endpoint(row: EndpointView) -> Json:
    return without_nulls(
        {
            "id": row.id,
            "is_main": row.is_main,
            "channel_id": row.channel_id,
            "name": row.name,
            "url": row.url,
            "header_names": list(row.header_names),
            "events": list(row.events),
            "state": row.state.value,
            "off_reason": row.off_reason,
            "off_at": moment(row.off_at),
            "paused_at": moment(row.paused_at),
            "failing_since": moment(row.failing_since),
            "last_success_at": moment(row.last_success_at),
            "last_failure_at": moment(row.last_failure_at),
            "waiting": row.waiting,
            "created_at": moment(row.created_at),
        }
    )


def _delivery(row: Any) -> Json:
    """Of a `DeliveryRow`, or of columns named like it."""
    waits = row.closed_at is None
    return without_nulls(
        {
            "id": str(row.id),
            "event_id": row.event_key,
            "event": row.event,
            "endpoint_id": row.endpoint_id,
            "channel_id": row.channel_id,
            "state": str(row.state),
            "is_test": row.is_test,
            "attempts": row.attempts,
            "last_status": row.last_status,
            "last_error": row.last_error,
            "created_at": moment(row.created_at),
            "closed_at": moment(row.closed_at),
            "next_try_at": moment(row.next_try_at) if waits else None,
        }
    )


def _details(told_: DeliveryDetails) -> Json:
    attempts = [_attempt(attempt) for attempt in told_.attempts]
    return _delivery(told_.row) | {"url": told_.url, "body": told_.body, "attempt_log": attempts}


def _attempt(attempt: AttemptView) -> Json:
    return asdict(attempt) | {"at": moment(attempt.at)}
