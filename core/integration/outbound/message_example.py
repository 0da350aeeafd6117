"""An example of what Meta tells of a number: a customer has written; pure.

Shape: contracts/meta.md section 11, `messages`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.accounts.entities import Channel, WabaAccount

# Nobody's: a number that the regulator keeps for films and examples.
_CUSTOMER = "447700900123"


def message_example(channel: Channel, waba: WabaAccount, key: str, now: datetime) -> dict[str, Any]:
    """To this number; the message's id says that it is a test."""
    message = {
        "from": _CUSTOMER,
        "id": f"wamid.test.{key}",
        "timestamp": str(int(now.timestamp())),
        "type": "text",
        "text": {"body": "This is a test of the webhook."},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": channel.phone_number,
            "phone_number_id": channel.external_id or "",
        },
        "contacts": [{"profile": {"name": "Test"}, "wa_id": _CUSTOMER}],
        "messages": [message],
    }
    changes = [{"field": "messages", "value": value}]
    entry = {"id": waba.external_id, "changes": changes}
    return {"object": "whatsapp_business_account", "entry": [entry]}
