"""Meta's `account_update` events as updates; pure.

Source: contracts/meta.md section 11. Events that the hub does not act on are kept and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from core.accounts.update import Json, Target, TargetKind, Update, as_object, as_objects, as_text
from core.events import EventType

# Meta's webhooks carry whole seconds; they count as the end of that second. A reading of the Graph
# API within it counts as later still (`meta_reading`): it is mostly made because of the webhook.
_END_OF_SECOND = 999
# Until the year 2286. Anything else would be newer than all that is ever told after it.
_SECONDS_DIGITS, _MILLIS_DIGITS = 10, 13


class Context:
    """What the entry says about its changes."""

    def __init__(self, entry: Json) -> None:
        self.waba = as_text(entry.get("id"))
        self.at = millis(entry.get("time"))

    def here(self) -> Target:
        return Target(TargetKind.WABA, self.waba)


def millis(value: Any) -> int:
    """Unix seconds, as a number or digits, at the end of that second in milliseconds; 0: none.

    Thirteen digits are milliseconds already; they count as their second, like all the others.
    """
    text = as_text(value)
    if len(text) == _MILLIS_DIGITS:
        text = text[:_SECONDS_DIGITS]
    if not (text.isascii() and text.isdecimal()) or len(text) > _SECONDS_DIGITS:
        return 0
    return int(text) * 1000 + _END_OF_SECOND


def account_update(at: Context, value: Json) -> Iterator[Update]:
    event = as_text(value.get("event"))
    info = as_object(value.get("waba_info"))
    # entry.id is the partner's own business for PARTNER_* events (contracts/meta.md, fact 6).
    target = Target(TargetKind.WABA, as_text(info.get("waba_id")) or at.waba)
    yield _ACCOUNT_EVENTS.get(event, _kept)(at, target, value)


def _shared(at: Context, target: Target, value: Json) -> Update:
    return Update(
        target=target,
        group="sharing",
        at=at.at,
        event=EventType.PARTNER_ADDED,
        values={"removed": False},
        facts={"disconnection": None},
        detail=value,
        reread=True,
    )


def _unshared(at: Context, target: Target, value: Json) -> Update:
    return Update(
        target=target,
        group="sharing",
        at=at.at,
        event=EventType.PARTNER_REMOVED,
        values={"removed": True},
        facts={"disconnection": value.get("disconnection_info")},
        detail=value,
    )


def _certification(at: Context, target: Target, value: Json) -> Update:
    info = as_object(value.get("partner_client_certification_info"))
    business = as_text(info.get("client_business_id"))
    return Update(
        target=Target(TargetKind.BUSINESS, business, at.waba) if business else target,
        group="certification",
        at=at.at,
        event=EventType.ACCOUNT_UPDATE,
        facts={"certification": info},
        detail=value,
        reread=True,
    )


def _violation(at: Context, target: Target, value: Json) -> Update:
    kind = as_text(as_object(value.get("violation_info")).get("violation_type"))
    return Update(
        target=target,
        group="violation",
        at=at.at,
        event=EventType.ACCOUNT_VIOLATION,
        values={"violation_type": kind},
        detail=value,
        reread=True,
    )


def _restriction(at: Context, target: Target, value: Json) -> Update:
    return Update(
        target=target,
        group="restriction",
        at=at.at,
        event=EventType.ACCOUNT_RESTRICTION,
        values={"restrictions": as_objects(value.get("restriction_info"))},
        detail=value,
        reread=True,
    )


def _ban(at: Context, target: Target, value: Json) -> Update:
    info = as_object(value.get("ban_info"))
    state = as_text(info.get("waba_ban_state"))
    back = state == "REINSTATE"
    return Update(
        target=target,
        group="ban",
        at=at.at,
        event=EventType.ACCOUNT_REINSTATED if back else EventType.ACCOUNT_DISABLED,
        values={
            "ban_state": "" if back else state,
            "ban_date": "" if back else as_text(info.get("waba_ban_date")),
        },
        detail=value,
        reread=True,
    )


def _volume_tier(at: Context, target: Target, value: Json) -> Update:
    info = as_object(value.get("volume_tier_info"))
    parts = [
        as_text(info.get(k)) for k in ("pricing_category", "region", "effective_month", "tier")
    ]
    name = ":".join(parts)
    return Update(
        target=target,
        group=f"tier:{name}",
        # Duplicates carry later times; the smallest one is when the tier was reached.
        at=-millis(info.get("tier_update_time")),
        event=EventType.ACCOUNT_UPDATE,
        facts={f"volume_tier:{name}": info},
        detail=value,
    )


def _kept(at: Context, target: Target, value: Json) -> Update:
    name = as_text(value.get("event")) or "UNNAMED"
    return Update(
        target=target,
        group=f"account_update:{name}",
        at=at.at,
        event=EventType.ACCOUNT_UPDATE,
        facts={f"account_update:{name}": value},
        detail=value,
        reread=True,
    )


_ACCOUNT_EVENTS: dict[str, Callable[[Context, Target, Json], Update]] = {
    "PARTNER_ADDED": _shared,
    "PARTNER_APP_INSTALLED": _shared,
    "ACCOUNT_RECONNECTED": _shared,
    "PARTNER_REMOVED": _unshared,
    "PARTNER_APP_UNINSTALLED": _unshared,
    "ACCOUNT_OFFBOARDED": _unshared,
    "ACCOUNT_DELETED": _unshared,
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": _certification,
    "ACCOUNT_VIOLATION": _violation,
    "ACCOUNT_RESTRICTION": _restriction,
    "DISABLED_UPDATE": _ban,
    "VOLUME_BASED_PRICING_TIER_UPDATE": _volume_tier,
}
