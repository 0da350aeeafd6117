"""Which pages are about one thing, so that a link to another partner's can be followed; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.whereabouts import Thing

_THINGS = {  # by the section's address: the thing, and the parameter that names it
    "/accounts/{channel_id}": (Thing.CHANNEL, "channel_id"),
    "/onboarding-runs/{run_id}": (Thing.RUN, "run_id"),
    "/integration/webhooks/deliveries/{delivery_id}": (Thing.DELIVERY, "delivery_id"),
    "/billing/balance/entries/{key}": (Thing.LEDGER_ENTRY, "key"),
    "/billing/payments/{payment_id}": (Thing.PAYMENT, "payment_id"),
    "/billing/invoices/{invoice_id}": (Thing.INVOICE, "invoice_id"),
    "/support/{conversation_id}": (Thing.CONVERSATION, "conversation_id"),
    "/audit/{event_id}": (Thing.EVENT, "event_id"),
}


def thing_of(section: str, arguments: Mapping[str, Any]) -> tuple[Thing, str] | None:
    """What the address is about; None for a section that is about no single thing."""
    known = _THINGS.get(section)
    return (known[0], str(arguments.get(known[1], ""))) if known else None


def sections_of_things() -> frozenset[str]:
    """For the test that no page of a thing was forgotten."""
    return frozenset(_THINGS)
