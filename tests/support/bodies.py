"""Webhook bodies as Meta sends them, made from a field and a value."""

from __future__ import annotations

import json
from typing import Any


def body(waba_id: str, field: str, value: dict[str, Any], at: int | None = 1_790_000_000) -> bytes:
    """One change in one entry, non-ASCII escaped as Meta does."""
    entry: dict[str, Any] = {"id": waba_id, "changes": [{"field": field, "value": value}]}
    if at is not None:
        entry["time"] = at
    return envelope([entry])


def envelope(entries: list[dict[str, Any]]) -> bytes:
    """Several entries in one call."""
    value = {"object": "whatsapp_business_account", "entry": entries}
    return json.dumps(value, ensure_ascii=True).encode()
