"""Small things that every object of the provider is made of."""

import secrets
from datetime import datetime
from typing import Any, Protocol

Node = dict[str, Any]


class Clock(Protocol):
    """Tells the sandbox's time, aware UTC."""

    def now(self) -> datetime: ...


class PaymentsSettings(Protocol):
    """What this part needs of the sandbox's settings."""

    public_url: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_webhook_url: str


def new_id(prefix: str) -> str:
    """An id in Stripe's form, such as `pi_1a2b…`."""
    return f"{prefix}_{secrets.token_hex(12)}"


def seconds(moment: datetime) -> int:
    """Unix seconds, as Stripe tells every time."""
    return int(moment.timestamp())
