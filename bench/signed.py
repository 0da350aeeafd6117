"""Webhooks as Meta posts them: signed over the raw bytes, over one kept connection."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

from core.demo.world import ACME

PATH = "/webhooks/meta"
CHANNEL = ACME.channels[0]  # live, on its client's WABA
WABA_ID = ACME.meta_id(1, ACME.waba_number(CHANNEL))
_later = itertools.count()
ROW_ID = ACME.row_id(CHANNEL.number, "CH")


def limit_body(number: int) -> bytes:
    """Meta raised the limit of the first demo number's portfolio to `number`: a figure changes.

    Meta stamps whole seconds and the newest wins, so each body is told a second after the last.
    """
    value = {"max_daily_conversations_per_business": number}
    return body(WABA_ID, "business_capability_update", value, int(time.time()) + next(_later))


def quality_body(event: str) -> bytes:
    """`FLAGGED` or `UNFLAGGED` for the first demo number; the hub then reads the WABA again."""
    value = {"display_phone_number": ACME.phone(CHANNEL), "event": event}
    return body(WABA_ID, "phone_number_quality_update", value, int(time.time()) + next(_later))


def body(waba_id: str, field: str, value: dict[str, Any], at: int | None = None) -> bytes:
    entry = {
        "id": waba_id,
        "time": int(time.time()) if at is None else at,
        "changes": [{"field": field, "value": value}],
    }
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def unknown_bodies(count: int) -> Iterator[bytes]:
    """Different bodies of the usual size for accounts nobody has."""
    for number in range(count):
        value = {"event": "VERIFIED_ACCOUNT", "phone_number": f"1650{number:07d}", "pad": "x" * 160}
        yield body(f"9{number:014d}", "account_update", value)


def request(body_: bytes, secret: str, port: int) -> bytes:
    """The whole POST, ready to be written."""
    signature = hmac.new(secret.encode(), body_, hashlib.sha256).hexdigest()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: facebookexternalua\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body_)}\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\n\r\n"
    )
    return head.encode() + body_


class Sender:
    """One kept connection, one webhook at a time."""

    def __init__(self, port: int, secret: str) -> None:
        self._port, self._secret = port, secret
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body_: bytes) -> tuple[float, float]:
        """Unix seconds before the first byte and after the 200; raises on any other answer."""
        data = request(body_, self._secret, self._port)
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("localhost", self._port)
        reader, writer = self._streams
        sent = time.time()
        writer.write(data)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        text = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the webhook was not taken: {head[:40]!r} {text!r}")
        return sent, time.time()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None
