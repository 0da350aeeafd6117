"""Sends events to the hub: signed, in order unless told otherwise, again until it says 2xx."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import httpx

from sandbox.payments.events import encode, signature
from sandbox.payments.switches import WebhookSwitches
from sandbox.payments.values import Clock, Node, PaymentsSettings, seconds

Order = Literal["as_sent", "reversed", "shuffled"]
_KEPT = 2_000
_TIMEOUT = httpx.Timeout(10.0)


class EventSender:
    """One webhook endpoint: the hub's."""

    def __init__(
        self,
        settings: PaymentsSettings,
        clock: Clock,
        switches: Callable[[], WebhookSwitches],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._switches = switches
        self._client = httpx.AsyncClient(transport=transport, timeout=_TIMEOUT, trust_env=False)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Lock()  # fair: first attempts leave in the order of the events
        self._held: list[Node] = []
        self.deliveries: deque[Node] = deque(maxlen=_KEPT)

    def send_later(self, event: Node) -> None:
        """Behind the answer of what caused it."""
        switches = self._switches()
        if switches.hold:
            self._held.append(event)
            return
        if switches.lose_next:
            switches.lose_next -= 1
            self.deliveries.append(self._record(event, 0) | {"lost": True})
            return
        for _ in range(switches.copies):
            self._start(self._deliver(event, switches.delay_seconds, switches.retry_delays))

    def release(self, order: Order) -> int:
        """Send what was held back; how many events that were."""
        held, self._held = self._held, []
        self._switches().hold = False
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            # Disorder for tests, nothing that has to be unpredictable.
            random.shuffle(held)
        for event in held:
            self.send_later(event)
        return len(held)

    async def drain(self) -> None:
        """Wait until nothing is on its way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        """Drop retries and held events."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()
        self.deliveries.clear()

    async def close(self) -> None:
        """Stop and release the connections."""
        self.stop()
        await self._client.aclose()

    @property
    def held(self) -> int:
        return len(self._held)

    async def _deliver(self, event: Node, delay: float, retries: list[float]) -> None:
        if delay:
            await asyncio.sleep(delay)
        async with self._turn:
            arrived = await self._attempt(event, 1)
        for number, pause in enumerate(retries, start=2):
            if arrived:
                return
            await asyncio.sleep(pause)
            arrived = await self._attempt(event, number)

    async def _attempt(self, event: Node, number: int) -> bool:
        record = self._record(event, number)
        self.deliveries.append(record)
        body = encode(event)
        try:
            answer = await self._client.post(
                self._settings.stripe_webhook_url, content=body, headers=self._headers(body)
            )
        except httpx.HTTPError as failed:
            record["error"] = type(failed).__name__
            return False
        record["status"] = answer.status_code
        return answer.is_success

    def _record(self, event: Node, number: int) -> Node:
        return {
            "event": event["id"],
            "type": event["type"],
            "object": event["data"]["object"]["id"],
            "attempt": number,
            "at": self._clock.now().isoformat(),
            "status": None,
            "error": None,
        }

    def _headers(self, body: bytes) -> dict[str, str]:
        bad = self._switches().bad_signature
        secret = "not the secret" if bad else self._settings.stripe_webhook_secret
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "sandbox-payments-webhooks/1.0",
            # Signed anew at each attempt, as a retry may come long after the event.
            "Stripe-Signature": signature(secret, body, seconds(self._clock.now())),
        }

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        # The set keeps the task alive; asyncio itself holds only a weak reference.
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
