"""What the Graph API says when asked, as updates of the same kind webhooks make; pure.

A reading is newer than every webhook up to its own second and older than those of the next one.
One that came later within that second loses, so such webhooks have the WABA read again.
Fields that the answer leaves out are not touched. Source: contracts/meta.md sections 4 to 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.accounts.update import (
    Json,
    Target,
    TargetKind,
    Update,
    as_object,
    as_text,
    digits,
    limit_name,
)
from core.events import EventType

# Webhooks count as the last millisecond of their second.
_BEFORE_THE_NEXT = 998

WABA_FIELDS = (
    "id,name,currency,country,timezone_id,message_template_namespace,account_review_status,"
    "business_verification_status,ownership_type,owner_business_info,on_behalf_of_business_info,"
    "status,health_status"
)
NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,status,quality_rating,name_status,new_name_status,"
    "new_display_name,code_verification_status,whatsapp_business_manager_messaging_limit,"
    "platform_type,throughput,account_mode,is_official_business_account,is_on_biz_app,"
    "is_pin_enabled,health_status"
)


def waba_reading(waba: Json, now: datetime) -> Iterator[Update]:
    """Updates for the WABA node `waba`."""
    target = Target(TargetKind.WABA, as_text(waba.get("id")))
    at = _at(now)
    for group, column, name, event in _WABA_GROUPS:
        if name in waba:
            value = as_text(waba[name])
            value = value.lower() if column == "business_verification" else value
            yield Update(target=target, group=group, at=at, event=event, values={column: value})
    owner = as_object(waba.get("owner_business_info"))
    if owner:  # unreadable once the client unshares: kept from the last time it was told
        values = {
            "owner_business_id": as_text(owner.get("id")),
            "owner_business_name": as_text(owner.get("name")),
        }
        yield Update(target=target, group="owner", at=at, event=None, values=values)
    for name in ("health_status", "on_behalf_of_business_info"):
        if name in waba:
            yield Update(target=target, group=name, at=at, event=None, facts={name: waba[name]})


def number_reading(number: Json, now: datetime) -> Iterator[Update]:
    """Updates for the phone number node `number`."""
    target = Target(TargetKind.NUMBER_ID, as_text(number.get("id")))
    at = _at(now)
    for group, column, name, event in _NUMBER_GROUPS:
        if number.get(name) is not None:
            values = {column: as_text(number[name])}
            yield Update(target=target, group=group, at=at, event=event, values=values)
    yield from _number_specials(number, target, at)


def template_reading(waba_id: str, template: Json, now: datetime) -> Iterator[Update]:
    """Updates for one template of the WABA `waba_id` (Meta's id).

    Templates change in bulk, so their webhooks do not have the WABA read again: here a webhook of
    the same second wins, which says what the reading saw or something newer.
    """
    at = int(now.timestamp() * 1000)
    target = Target(TargetKind.TEMPLATE, as_text(template.get("id")), waba_id)
    detail = {
        "message_template_name": template.get("name"),
        "message_template_language": template.get("language"),
    }
    reason = as_text(template.get("rejected_reason"))
    groups: dict[str, Json] = {
        "status": {
            "status": as_text(template.get("status")),
            "rejected_reason": "" if reason == "NONE" else reason,
        },
        "category": {"category": as_text(template.get("category"))},
        "components": {"components": template.get("components") or []},
    }
    score = as_text(as_object(template.get("quality_score")).get("score"))
    if score:
        groups["quality"] = {"quality": score}
    for group, values in groups.items():
        yield Update(target=target, group=group, at=at, event=None, values=values, detail=detail)


def _number_specials(number: Json, target: Target, at: int) -> Iterator[Update]:
    display = as_text(number.get("display_phone_number"))
    if display:
        values = {"display_phone_number": display, "phone_number": digits(display)}
        yield Update(target=target, group="number", at=at, event=None, values=values)
    limit = limit_name(number.get("whatsapp_business_manager_messaging_limit"))
    if limit:
        yield Update(
            target=target,
            group="limit",
            at=at,
            event=EventType.MESSAGING_LIMIT_CHANGED,
            values={"messaging_limit": limit},
        )
    for column, name in _NUMBER_FLAGS:
        if isinstance(number.get(name), bool):
            values_: dict[str, Any] = {column: number[name]}
            yield Update(target=target, group=column, at=at, event=None, values=values_)
    level = as_text(as_object(number.get("throughput")).get("level"))
    if level:
        values = {"throughput": level}
        yield Update(target=target, group="throughput", at=at, event=None, values=values)
    if "account_mode" in number:
        mode = {"account_mode": as_text(number["account_mode"]).lower()}
        yield Update(target=target, group="account_mode", at=at, event=None, values=mode)
    if "health_status" in number:
        health = {"health_status": number["health_status"]}
        yield Update(target=target, group="health_status", at=at, event=None, facts=health)


_WABA_GROUPS: tuple[tuple[str, str, str, EventType | None], ...] = (
    ("waba_name", "name", "name", None),
    ("currency", "currency", "currency", None),
    ("country", "country", "country", None),
    ("timezone", "timezone_id", "timezone_id", None),
    ("namespace", "namespace", "message_template_namespace", None),
    ("ownership", "ownership_type", "ownership_type", None),
    ("waba_status", "status", "status", None),
    ("review", "review_status", "account_review_status", EventType.ACCOUNT_REVIEW_CHANGED),
    (
        "verification",
        "business_verification",
        "business_verification_status",
        EventType.BUSINESS_VERIFICATION_CHANGED,
    ),
)

_NUMBER_GROUPS: tuple[tuple[str, str, str, EventType | None], ...] = (
    ("name", "name", "verified_name", EventType.DISPLAY_NAME_CHANGED),
    ("status", "meta_status", "status", EventType.CHANNEL_STATUS_CHANGED),
    ("quality", "quality", "quality_rating", EventType.PHONE_NUMBER_QUALITY_CHANGED),
    ("name_status", "name_status", "name_status", EventType.DISPLAY_NAME_CHANGED),
    ("requested_name", "requested_name", "new_display_name", None),
    ("code_verification", "code_verification", "code_verification_status", None),
    ("platform", "platform_type", "platform_type", None),
)

_NUMBER_FLAGS = (
    ("is_on_biz_app", "is_on_biz_app"),
    ("is_oba", "is_official_business_account"),
)


def _at(now: datetime) -> int:
    second, fraction = int(now.timestamp()), now.microsecond // 1000
    return second * 1000 + 1000 + min(fraction, _BEFORE_THE_NEXT)
