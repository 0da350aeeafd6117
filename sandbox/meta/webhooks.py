"""Sends webhooks: signed, to the right callback, again until the receiver says 200.

The first attempt is awaited so that a caller can see the answer; retries run in the background.
"""

import asyncio
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import httpx

from sandbox.meta.behaviour import Behaviour
from sandbox.meta.envelopes import encode, envelopes, signature
from sandbox.meta.errors import GraphError
from sandbox.meta.events import Event
from sandbox.meta.ports import Clock, MetaSettings
from sandbox.meta.state import MetaState
from sandbox.meta.values import Node

_KEPT = 2_000
_KEPT_BODY = 32 * 1024  # bytes
_TIMEOUT = httpx.Timeout(10.0)


class WebhookSender:
    """Meta's webhook service for one app."""

    def __init__(
        self,
        settings: MetaSettings,
        clock: Clock,
        world: Callable[[], tuple[MetaState, Behaviour]],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._world = world
        self._client = httpx.AsyncClient(transport=transport, timeout=_TIMEOUT, trust_env=False)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: list[Event] = []
        self.deliveries: deque[Node] = deque(maxlen=_KEPT)

    async def send(self, events: list[Event], *, force: bool = False) -> list[Node]:
        """Sends the events in the current delivery mode; the first attempt of each body."""
        _, behaviour = self._world()
        if behaviour.hold:
            self._held += events
            return [{"held": True, "field": event.field} for event in events]
        by_url: dict[str, list[Event]] = {}
        records: list[Node] = []
        for event in events:
            url = self.callback_of(event, force=force)
            if url is None:
                records.append(self._record_unsubscribed(event))
            else:
                by_url.setdefault(url, []).append(event)
        for url, body in self._bodies(by_url, behaviour):
            records.append(await self._first_attempt(url, body, behaviour))
        return records

    def send_later(self, events: list[Event], delay: float = 0) -> None:
        """Sends in the background: what caused the events is answered first."""

        async def run() -> None:
            await asyncio.sleep(delay)
            await self.send(events)

        if events:
            self._start(run())

    async def flush(self) -> list[Node]:
        """Sends what was held back, as one burst."""
        held, self._held = self._held, []
        _, behaviour = self._world()
        behaviour.hold = False
        return await self.send(held)

    async def handshake(self, url: str, verify_token: str) -> None:
        """The GET that a callback answers with the challenge; GraphError 2200 if it does not."""
        challenge = str(secrets.randbelow(10**10))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        try:
            answer = await self._client.get(url, params=query)
        except httpx.HTTPError as failed:
            raise _unverified(f"no answer ({type(failed).__name__})") from failed
        if answer.status_code != HTTPStatus.OK:
            raise _unverified(f"HTTP Status Code = {answer.status_code}")
        if answer.text != challenge:
            raise _unverified("the answer is not the challenge")

    def callback_of(self, event: Event, *, force: bool = False) -> str | None:
        """Where this event goes; None when nobody subscribed to it."""
        state, _ = self._world()
        app = state.app
        if not force and (not app.active or event.field not in (app.fields or [event.field])):
            return None
        waba = state.wabas.get(event.entry_id)
        if waba is None:
            return app.callback_url
        if not waba["subscribed"] and not force:
            return None
        if event.field != "messages":
            return app.callback_url
        phone = self._phone_of(event) or {}
        override = phone.get("override_callback_uri") or waba["override_callback_uri"]
        return override or app.callback_url

    async def drain(self) -> None:
        """Waits until nothing is on its way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """Drops pending retries and held events, e.g. when the world is reset."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()

    async def close(self) -> None:
        """Stops and releases the connections."""
        self.stop()
        await self._client.aclose()

    def _phone_of(self, event: Event) -> Node | None:
        state, _ = self._world()
        metadata = event.value.get("metadata") if isinstance(event.value, dict) else None
        phone = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
        return state.phones.get(phone) if isinstance(phone, str) else None

    def _bodies(
        self, by_url: dict[str, list[Event]], behaviour: Behaviour
    ) -> list[tuple[str, bytes]]:
        now, misplaced = self._clock.now(), behaviour.misplaced_field
        bodies = [
            (url, encode(payload))
            for url, events in by_url.items()
            for payload in envelopes(events, behaviour.batch_size, now, misplaced=misplaced)
        ]
        bodies *= max(1, behaviour.duplicate)
        if behaviour.shuffle:
            # Disorder for tests, nothing that has to be unpredictable.
            random.shuffle(bodies)
        return bodies

    async def _first_attempt(self, url: str, body: bytes, behaviour: Behaviour) -> Node:
        delivery = secrets.token_hex(6)
        record = await self._attempt(delivery, 1, url, body)
        if record["status"] != HTTPStatus.OK:
            self._start(self._retry(delivery, url, body, list(behaviour.retry_delays)))
        return record

    async def _retry(self, delivery: str, url: str, body: bytes, delays: list[float]) -> None:
        for number, delay in enumerate(delays, start=2):
            await asyncio.sleep(delay)
            record = await self._attempt(delivery, number, url, body)
            if record["status"] == HTTPStatus.OK:
                return

    async def _attempt(self, delivery: str, number: int, url: str, body: bytes) -> Node:
        record: Node = {
            "delivery": delivery,
            "attempt": number,
            "at": self._clock.now().isoformat(),
            "url": url,
            # A thousand statuses are not kept two thousand times.
            "body": body[:_KEPT_BODY].decode("ascii"),
            "status": None,
            "error": None,
        }
        self.deliveries.append(record)
        started = time.perf_counter()
        try:
            answer = await self._client.post(url, content=body, headers=self._headers(body))
            record["status"] = answer.status_code
        except httpx.HTTPError as failed:
            record["error"] = type(failed).__name__
        record["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
        return record

    def _headers(self, body: bytes) -> dict[str, str]:
        _, behaviour = self._world()
        secret = "not the secret" if behaviour.bad_signature else self._settings.app_secret
        return {
            "Content-Type": "application/json",
            "User-Agent": "sandbox-meta-webhooks/1.0",
            "X-Hub-Signature-256": signature(secret, body),
        }

    def _record_unsubscribed(self, event: Event) -> Node:
        record = {
            "at": self._clock.now().isoformat(),
            "skipped": "not subscribed",
            "field": event.field,
            "entry_id": event.entry_id,
        }
        self.deliveries.append(record)
        return record

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        # The set keeps the task alive; asyncio itself holds only a weak reference.
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _unverified(reason: str) -> GraphError:
    return GraphError(
        2200,
        f"(#2200) Callback verification failed with the following errors: {reason}",
        details=reason,
    )
