"""Webhook bodies and their signature, byte for byte as Meta sends them."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from sandbox.meta.events import Event
from sandbox.meta.values import Node


def encode(payload: Node) -> bytes:
    """JSON with non-ASCII and slashes escaped: a receiver that re-serialises gets other bytes."""
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=True)
    return text.replace("/", "\\/").encode("ascii")


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def envelopes(
    events: list[Event], batch_size: int, now: datetime, *, misplaced: bool = False
) -> list[Node]:
    """Bodies of at most `batch_size` updates, in order; one entry per account in each body."""
    return [_envelope(batch, now, misplaced) for batch in _batches(events, max(1, batch_size))]


def _envelope(events: list[Event], now: datetime, misplaced: bool) -> Node:
    entries: dict[str, Node] = {}
    for event in events:
        entry = entries.setdefault(event.entry_id, {"id": event.entry_id})
        # `messages` entries carry no time.
        if event.field != "messages":
            entry["time"] = int(now.timestamp())
        entry.setdefault("changes", []).append(_change(event, misplaced))
    return {"object": "whatsapp_business_account", "entry": list(entries.values())}


def _change(event: Event, misplaced: bool) -> Node:
    if misplaced and isinstance(event.value, dict):
        return {"value": {**event.value, "field": event.field}}
    return {"value": event.value, "field": event.field}


def _batches(events: Iterable[Event], size: int) -> Iterator[list[Event]]:
    rest = iter(events)
    while batch := list(islice(rest, size)):
        yield batch
