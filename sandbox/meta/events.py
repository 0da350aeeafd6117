"""A webhook before it is sent, and the small constructors of the events that Meta fires itself."""

from dataclasses import dataclass
from typing import Any

from sandbox.meta.values import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change: `entry_id` is an account, or the partner's portfolio for PARTNER_* events."""

    field: str
    value: Any
    entry_id: str


def account_update(entry_id: str, event: str, **extra: object) -> Event:
    """An `account_update` with its kind and what belongs to it."""
    return Event(field="account_update", value={"event": event, **extra}, entry_id=entry_id)


def partner_event(
    partner_id: str, event: str, waba: Node, *, app_id: str | None = None, **extra: object
) -> Event:
    """PARTNER_ADDED and its kin: filed under the partner's own portfolio, not the account."""
    info: Node = {"waba_id": waba["id"], "owner_business_id": waba["business_id"]}
    if app_id:
        info["partner_app_id"] = app_id
    if waba.get("solution_id") and event in ("PARTNER_ADDED", "PARTNER_APP_INSTALLED"):
        info["solution_id"] = waba["solution_id"]
        info["solution_partner_business_ids"] = [partner_id]
    return account_update(partner_id, event, waba_info=info, **extra)


def quality_update(phone: Node, event: str, old_limit: str | None = None) -> Event:
    """`phone_number_quality_update`: names the number, never its id."""
    limit = phone["whatsapp_business_manager_messaging_limit"]
    value: Node = {
        "display_phone_number": phone["display_phone_number"],
        "event": event,
        "current_limit": limit,
        "max_daily_conversations_per_business": limit,
    }
    if old_limit:
        value["old_limit"] = old_limit
    return Event(field="phone_number_quality_update", value=value, entry_id=phone["waba_id"])
