"""What Meta's webhooks say, as plain updates: pure, no rows, no clock.

Source: contracts/meta.md section 11. Unknown fields yield nothing, unknown values are kept; the
body itself was stored before anybody looked at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from core.accounts.meta_account_events import Context, account_update
from core.accounts.update import (
    Json,
    Target,
    TargetKind,
    Update,
    as_object,
    as_objects,
    as_text,
    digits,
    limit_name,
)
from core.events import EventType


def updates_in(body: Json) -> Iterator[Update]:
    """Every update in one webhook body; unknown fields yield nothing, the body itself is kept."""
    for entry in as_objects(body.get("entry")):
        for change in as_objects(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict):
                name = _field_name(change, value, entry)
                yield from _FIELDS.get(name, _nothing)(Context(entry), value)


def _review(at: Context, value: Json) -> Iterator[Update]:
    yield Update(
        target=at.here(),
        group="review",
        at=at.at,
        event=EventType.ACCOUNT_REVIEW_CHANGED,
        values={"review_status": as_text(value.get("decision"))},
        detail=value,
        reread=True,
    )


def _alert(at: Context, value: Json) -> Iterator[Update]:
    info = as_object(value.get("alert_info"))
    kind = as_text(info.get("alert_type"))
    entity, entity_id = as_text(value.get("entity_type")), as_text(value.get("entity_id"))
    number = entity == "PHONE_NUMBER"
    yield Update(
        target=Target(TargetKind.NUMBER_ID, entity_id, at.waba) if number else at.here(),
        group="alert:OBA" if kind.startswith("OBA_") else f"alert:{kind}",
        at=at.at,
        event=EventType.ACCOUNT_ALERT,
        values={"is_oba": kind == "OBA_APPROVED"} if number and kind.startswith("OBA_") else {},
        facts={f"alert:{kind}": value},
        detail=value,
    )


def _capability(at: Context, value: Json) -> Iterator[Update]:
    limit = limit_name(value.get("max_daily_conversations_per_business"))
    if limit:
        yield _messaging_limit(at, limit, value)
    for name in ("max_phone_numbers_per_business", "max_phone_numbers_per_waba"):
        if name in value:  # the two come in separate updates
            yield Update(
                target=at.here(),
                group=name,
                at=at.at,
                event=EventType.CAPABILITY_CHANGED,
                facts={name: value[name]},
                detail=value,
            )


def _messaging_limit(at: Context, limit: str, value: Json) -> Update:
    # The limit belongs to the portfolio; all its numbers share it (contracts/meta.md, fact 9).
    return Update(
        target=Target(TargetKind.PORTFOLIO_OF, at.waba, at.waba),
        group="limit",
        at=at.at,
        event=EventType.MESSAGING_LIMIT_CHANGED,
        values={"messaging_limit": limit},
        detail=value,
        reread=True,
    )


def _number_quality(at: Context, value: Json) -> Iterator[Update]:
    number = digits(as_text(value.get("display_phone_number")))
    target = Target(TargetKind.NUMBER, number, at.waba)
    event = as_text(value.get("event"))
    changed = _QUALITY_EVENTS.get(event, {})
    yield Update(
        target=target,
        group="throughput" if "throughput" in changed else "status" if changed else f"q:{event}",
        at=at.at,
        event=(
            EventType.CHANNEL_STATUS_CHANGED
            if "meta_status" in changed
            else EventType.PHONE_NUMBER_QUALITY_CHANGED
        ),
        values=changed,
        detail=value,
        reread=True,
    )
    limit = limit_name(
        value.get("max_daily_conversations_per_business") or value.get("current_limit")
    )
    if limit:
        told = _messaging_limit(at, limit, value)
        # Beside news of another kind the limit only stands there, unchanged: no news of its own.
        yield replace(told, event=None) if event in _QUALITY_EVENTS else told


def _number_name(at: Context, value: Json) -> Iterator[Update]:
    decision = as_text(value.get("decision"))
    wanted = as_text(value.get("requested_verified_name"))
    number = digits(as_text(value.get("display_phone_number")))
    target = Target(TargetKind.NUMBER, number, at.waba)
    approved = decision == "APPROVED" and bool(wanted)
    yield Update(
        target=target,
        group="name_status",
        at=at.at,
        event=EventType.DISPLAY_NAME_CHANGED,
        values={
            "name_status": _NAME_DECISIONS.get(decision, decision),
            "requested_name": "" if approved else wanted,
        },
        facts={"name_rejection_reason": value.get("rejection_reason")},
        detail=value,
        reread=True,
    )
    if approved:  # of its own: a later refusal of another name must not undo this one
        values = {"name": wanted}
        yield Update(target=target, group="name", at=at.at, event=None, values=values, reread=True)


def _template(at: Context, value: Json, group: str, values: Json) -> Update:
    return Update(
        target=Target(TargetKind.TEMPLATE, as_text(value.get("message_template_id")), at.waba),
        group=group,
        at=at.at,
        event=EventType.TEMPLATE_STATUS_CHANGED if group == "status" else _TEMPLATE_EVENTS[group],
        values=values,
        detail=value,
    )


def _template_status(at: Context, value: Json) -> Iterator[Update]:
    reason = as_text(value.get("reason"))
    values = {
        "status": as_text(value.get("event")),
        "rejected_reason": "" if reason == "NONE" else reason,
    }
    yield _template(at, value, "status", values)
    category = as_text(value.get("message_template_category"))
    if category:
        yield replace(_template(at, value, "category", {"category": category}), event=None)


def _template_quality(at: Context, value: Json) -> Iterator[Update]:
    yield _template(at, value, "quality", {"quality": as_text(value.get("new_quality_score"))})


def _template_category(at: Context, value: Json) -> Iterator[Update]:
    yield _template(at, value, "category", {"category": as_text(value.get("new_category"))})


def _nothing(_: Context, __: Json) -> Iterator[Update]:
    yield from ()


_FIELDS: dict[str, Callable[[Context, Json], Iterator[Update]]] = {
    "account_update": account_update,
    "account_review_update": _review,
    "account_alerts": _alert,
    "business_capability_update": _capability,
    "phone_number_quality_update": _number_quality,
    "phone_number_name_update": _number_name,
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "template_category_update": _template_category,
}

_QUALITY_EVENTS: dict[str, Json] = {
    "FLAGGED": {"meta_status": "FLAGGED"},
    "UNFLAGGED": {"meta_status": "CONNECTED"},
    "THROUGHPUT_UPGRADE": {"throughput": "HIGH"},
}

# The webhook's words for what the number node calls name_status.
_NAME_DECISIONS = {"REJECTED": "DECLINED", "PENDING": "PENDING_REVIEW"}

_TEMPLATE_EVENTS = {
    "quality": EventType.TEMPLATE_QUALITY_CHANGED,
    "category": EventType.TEMPLATE_CATEGORY_CHANGED,
}


def _field_name(change: Json, value: Json, entry: Json) -> str:
    # Meta's own samples misplace `field`, and one carries the wrong one: shape decides then.
    if "new_quality_score" in value and "message_template_id" in value:
        return "message_template_quality_update"
    names = (change.get("field"), value.get("field"), entry.get("field"))
    return next((name for name in names if isinstance(name, str)), "")
