"""Messages that were sent, as Meta tells of them: statuses with prices, in signed webhooks.

Told like Meta tells: up to 1,000 statuses in one body, some twice, in any order, the price on
`sent` and on one of `delivered` and `read`, either of which may never come.
"""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil

from sandbox.meta.events import Event
from sandbox.meta.ports import Clock
from sandbox.meta.state import MetaState
from sandbox.meta.traffic_order import CODES, Mix, Order
from sandbox.meta.values import Node
from sandbox.meta.webhooks import WebhookSender

# Messages among which statuses change places, as on a busy line; memory stays flat.
_MIXED = 500
_TICK = 0.25  # seconds between two bursts of traffic that is spread over a time
_OLDEST = 180  # seconds that the first status of a message lies back
_PER_MESSAGE = datetime(2025, 7, 1, tzinfo=UTC)  # before, conversations were charged
_SERVICE_CHARGED = datetime(2026, 10, 1, tzinfo=UTC)


class Messages:
    """The messages of one order, in the order in which they are told."""

    def __init__(self, state: MetaState, order: Order) -> None:
        self._state = state
        self._order = order
        self._chance = random.Random(order.seed)  # noqa: S311 - the same each time, not secret
        self._made = 0
        # Another run of the same seed at another time is about other messages.
        self._name = ""

    @property
    def left(self) -> int:
        return self._order.messages - self._made

    def next(self, count: int, now: datetime) -> Iterator[Event]:
        """Webhook values for that many messages more, at most 1,000 statuses in each."""
        self._name = self._name or f"{self._order.seed}.{now.timestamp()}"
        count = min(count, self.left)
        while count > 0:
            some = min(count, _MIXED)
            count -= some
            yield from self._mixed(some, now)

    def _mixed(self, count: int, now: datetime) -> Iterator[Event]:
        told: list[tuple[str, Node]] = []
        for _ in range(count):
            phone_id = self._chance.choice(self._order.numbers)
            told += [(phone_id, status) for status in self._message(now)]
            self._made += 1
        told += self._chance.sample(told, int(len(told) * self._order.repeats))
        self._chance.shuffle(told)
        for start in range(0, len(told), self._order.statuses):
            by_number: dict[str, list[Node]] = {}
            for phone_id, status in told[start : start + self._order.statuses]:
                by_number.setdefault(phone_id, []).append(status)
            yield from (self._event(*item) for item in by_number.items())

    def _message(self, now: datetime) -> list[Node]:
        """What is told of one message, first to last."""
        chance, order = self._chance, self._order
        number = hashlib.sha256(f"{self._name}.{self._made}".encode()).hexdigest()[:32].upper()
        recipient = CODES[_pick(chance, order.markets)] + f"{chance.randrange(10**9):09}"
        pricing = self._pricing(now)
        sent = int(now.timestamp()) - chance.randint(_OLDEST // 2, _OLDEST)
        base: Node = {"id": f"wamid.{number}", "recipient_id": recipient}
        if chance.random() < order.failed:
            error = {"code": 131026, "title": "Message undeliverable"}
            return [base | {"status": "failed", "timestamp": str(sent), "errors": [error]}]
        delivered = sent + chance.randint(1, _OLDEST // 6)
        states = [("sent", sent), ("delivered", delivered)]
        if chance.random() * 2 < 1:
            states.append(("read", delivered + chance.randint(1, _OLDEST // 6)))
        if len(states) == 3 and chance.randrange(20) == 0:  # noqa: PLR2004
            del states[1]  # Meta may skip "delivered" for a message that is read at once
        priced = {"sent", chance.choice([state for state, _ in states[1:]])}
        return [
            base | {"status": state, "timestamp": str(at)} | (pricing if state in priced else {})
            for state, at in states
        ]

    def _pricing(self, now: datetime) -> Node:
        """By the rule of the day, unless the order names types."""
        chance = self._chance
        category = _pick(chance, self._order.categories)
        if self._order.types:
            kind = _pick(chance, self._order.types)
        else:
            is_free = category == "service" and now < _SERVICE_CHARGED
            kind = "free_customer_service" if is_free else "regular"
        is_new = now >= _PER_MESSAGE
        pricing: Node = {
            "billable": kind == "regular",
            "pricing_model": "PMP" if is_new else "CBP",
            "category": category,
            "type": kind,
        }
        told: Node = {"pricing": pricing}
        if not is_new or kind == "free_entry_point":
            origin = "referral_conversion" if kind == "free_entry_point" else category
            id_ = f"{chance.getrandbits(128):032x}"
            told["conversation"] = {"id": id_, "origin": {"type": origin}}
        return told

    def _event(self, phone_id: str, statuses: list[Node]) -> Event:
        phone = self._state.phones[phone_id]
        number = "".join(c for c in phone["display_phone_number"] if c.isdigit())
        metadata = {"display_phone_number": number, "phone_number_id": phone_id}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": statuses}
        return Event(field="messages", value=value, entry_id=phone["waba_id"])


class Traffic:
    """Sends what was ordered; one order at a time goes on in the background."""

    def __init__(self, sender: WebhookSender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._running: asyncio.Task[None] | None = None
        self._counts: Counter[str] = Counter()

    async def send(self, state: MetaState, order: Order) -> Node:
        """Sent when this returns, or, spread over a time, begun; what ran before is ended."""
        self.stop()
        self._counts = Counter(messages=0, statuses=0, bodies=0, refused=0)
        messages = Messages(state, order)
        if order.seconds:
            # The loop keeps only weak references to its tasks.
            self._running = asyncio.create_task(self._spread(messages, order))
        else:
            await self._burst(messages, order.messages)
        return self.progress()

    def progress(self) -> Node:
        """Whether something is going on, and what was told so far."""
        is_running = self._running is not None and not self._running.done()
        return {"running": is_running, **self._counts}

    def stop(self) -> None:
        """What was not told yet never will be."""
        if self._running is not None:
            self._running.cancel()
            self._running = None

    async def _spread(self, messages: Messages, order: Order) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        while messages.left:
            passed = min(loop.time() - started + _TICK, order.seconds)
            due = ceil(order.messages * passed / order.seconds)
            await self._burst(messages, due - (order.messages - messages.left))
            await asyncio.sleep(_TICK)

    async def _burst(self, messages: Messages, count: int) -> None:
        before = messages.left
        for event in messages.next(count, self._clock.now()):
            for record in await self._sender.send([event]):
                self._counts["bodies"] += 1
                self._counts["refused"] += record.get("status", 200) != 200  # noqa: PLR2004
            self._counts["statuses"] += len(event.value["statuses"])
        self._counts["messages"] += before - messages.left


def _pick(chance: random.Random, mix: Mix) -> str:
    return chance.choices([*mix], [*mix.values()])[0]
