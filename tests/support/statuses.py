"""Meta's `messages` webhooks with statuses of sent messages, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]
# Sunday, 2026-11-22 11:00 UTC.
AT = 1_795_345_200


def status(wamid: str, state: str = "delivered", *, at: int = AT, **changes: Any) -> Json:
    """One status; `pricing=None` leaves the price out, `category` and `type` are told in it."""
    told: Json = {
        "id": wamid,
        "status": state,
        "timestamp": str(at),
        "recipient_id": changes.pop("recipient", "4915112345678"),
        "pricing": {
            "billable": True,
            "pricing_model": changes.pop("model", "PMP"),
            "type": changes.pop("type", "regular"),
            "category": changes.pop("category", "marketing"),
        },
    }
    if "pricing" in changes and changes["pricing"] is None:
        del told["pricing"], changes["pricing"]
    return told | changes


def messages(phone_id: str, statuses: Iterable[Json], waba: str = "1") -> Json:
    """One webhook body for one number."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "4915100000000", "phone_number_id": phone_id},
        "statuses": list(statuses),
    }
    change = {"field": "messages", "value": value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": waba, "changes": [change]}],
    }
