"""Webhook endpoints and deliveries."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from core.integration.outbound.catalogue import CATALOGUE
from ui.api.partner.schemas.common import URL, ListFrame, Told, maybe, moment, says

_EVENTS: dict[str, Any] = {
    "maxItems": len(CATALOGUE),
    "items": {"type": "string", "enum": [event.name for event in CATALOGUE]},
}
_HEADERS: dict[str, Any] = {
    "maxProperties": 10,
    "propertyNames": {"pattern": "^X-[A-Za-z0-9]{1,20}$"},
    "additionalProperties": {"type": "string", "pattern": "^[A-Za-z0-9 ]{0,40}$"},
}
# As everywhere, but never none.
_ADDRESS: dict[str, Any] = {"pattern": URL.removesuffix("?$") + "$"}
_URL = "https://acme.example/hub-events"


class EndpointObject(Told):
    """An address that webhooks go to."""

    id: str = says("The hub's id.", "Xy2Bc3WE")
    is_main: bool = says("Whether it is the partner's webhook URL.", False)
    channel_id: str = says("The number whose messages go there; '' for the partner's.", "")
    name: str = says("Its name.", "CRM")
    url: str = says("Where webhooks go.", _URL)
    header_names: list[str] = says("Names of its own headers; values are not told.", ["X-Team"])
    events: list[str] = says("Events that it wants; none: all.", ["channel_live"])
    state: str = says("live, paused or off.", "live")
    off_reason: str = says("Why it is off: gone, failing or by_hand; '' while it is not.", "")
    off_at: str = moment("Since when it is off.", missing=True)
    paused_at: str = moment("Since when it is paused.", missing=True)
    failing_since: str = moment("Since when nothing but failures.", missing=True)
    last_success_at: str = moment("When it last took one.", missing=True)
    last_failure_at: str = moment("When it last failed.", missing=True)
    waiting: int = says("Deliveries that wait or are tried again.", 0)
    created_at: str = moment("When it was made.")


class ChannelWebhookUrl(Told):
    """Where messages of a channel go."""

    id: str = says("Id of the channel.", "Xw81bnCH")
    webhook_url: str = says("The URL; '' without one.", _URL)
    endpoint_id: str = says("Its endpoint, for pause, log and deletion; '' without one.", "Xy2WE")


class EndpointList(ListFrame):
    """A page of endpoints."""

    endpoints: list[EndpointObject] = Field(description="The endpoints, the main one first.")


class NewEndpoint(Told):
    """One more endpoint."""

    url: str = says("Where webhooks go.", _URL, max_length=2000, json_schema_extra=_ADDRESS)
    name: str | None = maybe("Its name.", "CRM", max_length=60)
    headers: dict[str, str] | None = maybe(
        "Headers of its own.", {"X-Team": "crm"}, json_schema_extra=_HEADERS
    )
    events: list[str] | None = maybe(
        "Events that it wants; none: all.", ["channel_live"], json_schema_extra=_EVENTS
    )


class EndpointChange(Told):
    """What is to change; missing and null leave a value as it is."""

    url: str | None = maybe("Where webhooks go.", _URL, max_length=2000, json_schema_extra=_ADDRESS)
    name: str | None = maybe("Its name.", "CRM", max_length=60)
    headers: dict[str, str] | None = maybe(
        "Headers of its own, all of them.", {"X-Team": "crm"}, json_schema_extra=_HEADERS
    )
    events: list[str] | None = maybe(
        "Events that it wants; none: all.", ["channel_live"], json_schema_extra=_EVENTS
    )
    is_paused: bool | None = maybe("True: deliveries collect; false: they go out.", False)


class DeliveryObject(Told):
    """One webhook for one endpoint."""

    id: str = says("Its id.", "4711")
    event_id: str = says("`id` of its body: the same for every endpoint.", "ev_9Xq2")
    event: str = says("What it tells.", "channel_live")
    endpoint_id: str = says("Where it goes.", "Xy2Bc3WE")
    channel_id: str = says("Of which channel; '' for others.", "f167CmCH")
    state: str = says("waiting, retrying, delivered, gave_up or skipped.", "delivered")
    is_test: bool = says("Whether it is a test.", False)
    attempts: int = says("How often it was sent.", 1)
    last_status: int = says("The last HTTP status; 0: there was no answer.", 200)
    last_error: str = says("Why there was none; '' otherwise.", "")
    created_at: str = moment("When it was made.")
    closed_at: str = moment("When it was over.", missing=True)
    next_try_at: str = moment("When it is tried next.", missing=True)


class DeliveryList(ListFrame):
    """A page of the log."""

    deliveries: list[DeliveryObject] = Field(description="The deliveries, the newest first.")


class AttemptObject(Told):
    """One call and what came back."""

    number: int = says("The first is 1.", 1)
    at: str = moment("When.")
    millis: int = says("How long it took.", 84)
    url: str = says("Where it went.", _URL)
    request_headers: dict[str, str] = says("What was sent, without secrets.", {"webhook-id": "ev"})
    status: int = says("The HTTP status; 0: there was no answer.", 200)
    error: str = says("Why there was none; '' otherwise.", "")
    answer_headers: dict[str, str] = says("A few of the answer's headers.", {})
    answer_body: str = says("The beginning of the answer.", "ok")


class DeliveryDetailsObject(DeliveryObject):
    """A delivery with its bytes and all its attempts."""

    url: str = says("Address of the endpoint now.", _URL)
    body: str = says("The bytes that are sent.", '{"id":"ev_9Xq2","event":"channel_live"}')
    attempt_log: list[AttemptObject] = Field(description="The attempts, the first one first.")
