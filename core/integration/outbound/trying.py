"""Sends one test event now and shows what went out and what came back; it stands in the log."""

from __future__ import annotations

from datetime import datetime
from time import perf_counter
from typing import Any

import orjson
from sqlmodel import Session

from core.access import Principal
from core.accounts.entities import Channel, WabaAccount
from core.columns import new_key
from core.errors import InvalidInput, OutgoingError
from core.events import EventType
from core.integration.outbound.catalogue import BY_NAME
from core.integration.outbound.entities import Delivery, DeliveryAttempt, WebhookEndpoint
from core.integration.outbound.fanout import body_of, delivery_row
from core.integration.outbound.forwarding import MESSAGES
from core.integration.outbound.happened import Told
from core.integration.outbound.log import attempt_view
from core.integration.outbound.message_example import message_example
from core.integration.outbound.posting import Envelope, Outcome, outcome
from core.integration.outbound.room import Room, found
from core.integration.outbound.states import DeliveryState
from core.integration.outbound.verdicts import is_taken
from core.integration.outbound.views import TestResult
from core.ports import OutgoingAnswer


class Trying:
    """A part of `WebhooksOut`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def test_endpoint(self, who: Principal, endpoint_id: str, event: str) -> TestResult:
        """The example of this event was sent there, once, paused or not.

        Raises NotFound, InvalidInput (`unknown_event`).
        """
        key, now = new_key(), self._room.clock.now()
        envelope, channel_id, body = self._letter(who, endpoint_id, event, key, now)
        tried = self._post(envelope, key, body, now)
        has_taken = is_taken(tried.status)
        told = Told(event=event, data={}, channel_id=channel_id)
        row = delivery_row(who.tenant.partner_id, endpoint_id, told, key, body, now) | {
            "is_test": True,
            "attempts": 1,
            "tries": 1,
            "state": (DeliveryState.DELIVERED if has_taken else DeliveryState.GAVE_UP).value,
            "last_status": tried.status,
            "last_error": tried.error,
            "closed_at": now,
        }
        with self._room.writing(who) as session:
            delivery, attempt = _keep(session, row, tried)
            endpoint = found(session, endpoint_id)
            self._room.tell(session, EventType.WEBHOOK_TESTED, endpoint, who.person_id, event=event)
            session.flush()
            return TestResult(
                delivery_id=delivery.id or 0,
                body=body.decode(),
                attempt=attempt_view(attempt),
                is_taken=has_taken,
            )

    def _letter(
        self, who: Principal, endpoint_id: str, event: str, key: str, now: datetime
    ) -> tuple[Envelope, str, bytes]:
        """Where the example goes, whose number it is about, its bytes."""
        with self._room.reading(who) as session:
            row = found(session, endpoint_id)
            body = _example(session, row, event, key, now)
            envelope = Envelope(
                url=row.url,
                own=self._room.open(row.id, row.headers),
                secrets=self._room.secrets(session, row.partner_id),
            )
            return envelope, row.channel_id, body

    def _post(self, envelope: Envelope, key: str, body: bytes, now: datetime) -> Outcome:
        headers = envelope.headers(key, self._room.wall.now(), body)
        began = perf_counter()
        answer: OutgoingAnswer | OutgoingError
        try:
            answer = self._room.outgoing.post(envelope.url, headers, body)
        except OutgoingError as error:
            answer = error
        return outcome(envelope, headers, now, answer, perf_counter() - began)


def _example(
    session: Session, endpoint: WebhookEndpoint, event: str, key: str, now: datetime
) -> bytes:
    """The bytes of an event that this endpoint can get; raises InvalidInput."""
    if event not in ({MESSAGES} if endpoint.channel_id else BY_NAME):
        raise InvalidInput(code="unknown_event", field="event", event=event[:64])
    if not endpoint.channel_id:
        return body_of(key, event, BY_NAME[event].example)
    channel = session.get_one(Channel, endpoint.channel_id)
    waba = session.get_one(WabaAccount, channel.waba_account_id)
    return orjson.dumps(message_example(channel, waba, key, now))


def _keep(
    session: Session, row: dict[str, Any], tried: Outcome
) -> tuple[Delivery, DeliveryAttempt]:
    delivery = Delivery(**row)
    session.add(delivery)
    session.flush()
    attempt = DeliveryAttempt(
        partner_id=delivery.partner_id,
        delivery_id=delivery.id or 0,
        endpoint_id=delivery.endpoint_id,
        number=1,
        **tried.columns(),
    )
    session.add(attempt)
    return delivery, attempt
