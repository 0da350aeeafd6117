"""What happened to a number, in words: a title, what changed, who did it.

Titles of what is no number's own stand in `audit_titles`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from core.accounts.leaving import Outcome
from core.accounts.next_action import moment
from core.accounts.regions.entities import RegionState
from core.accounts.results import TimelineEntry
from core.events import EventType
from ui import format as words
from ui.components import Tone
from ui.lists import Entry
from ui.pages import account_words
from ui.pages.account_region_words import region_name, trouble
from ui.pages.audit_titles import TITLES
from ui.pages.balance_words import STOPS
from ui.pages.subscriptions_words import PLANS, TIERS

EVENTS: dict[str, tuple[str, str, Tone]] = {  # icon, title, tone
    EventType.CHANNEL_CREATED: ("plus", "Number created", "neutral"),
    EventType.CHANNEL_SUBMITTED: ("send", "Number sent to Meta", "info"),
    EventType.CHANNEL_PERMISSION_GRANTED: ("key", "Permission given", "success"),
    EventType.CHANNEL_PERMISSION_REVOKED: ("lock", "Permission withdrawn", "warning"),
    EventType.CHANNEL_READY: ("check", "Number is ready", "success"),
    EventType.CHANNEL_RUNNING: ("play", "Number is running", "success"),
    EventType.CHANNEL_LIVE: ("check-circle", "Number is live", "success"),
    EventType.CANCELLATION_REQUESTED: ("clock", "Number cancelled for a later day", "warning"),
    EventType.CANCELLATION_REVOKED: ("refresh", "Cancellation taken back", "success"),
    EventType.CANCELLATION_PROCESSED: ("ban", "Number ended", "neutral"),
    EventType.CHANNEL_REGION_CHANGE: ("globe", "Storage region", "info"),
    EventType.CHANNEL_DEREGISTERED: ("phone", "Number left Meta's Cloud API", "neutral"),
    EventType.CHANNEL_KEY_MADE: ("key", "API key made", "info"),
    EventType.CHANNEL_KEY_REMOVED: ("key", "API key removed", "neutral"),
    EventType.CHANNEL_STATUS_CHANGED: ("phone", "Status changed", "info"),
    EventType.PHONE_NUMBER_QUALITY_CHANGED: ("chart", "Quality changed", "info"),
    EventType.MESSAGING_LIMIT_CHANGED: ("bolt", "Messaging limit changed", "info"),
    EventType.DISPLAY_NAME_CHANGED: ("edit", "Display name changed", "info"),
    EventType.BUSINESS_VERIFICATION_CHANGED: ("shield", "Business verification changed", "info"),
    EventType.ACCOUNT_VIOLATION: ("alert", "Meta found a violation", "danger"),
    EventType.ACCOUNT_RESTRICTION: ("lock", "Meta restricted the account", "warning"),
    EventType.ACCOUNT_DISABLED: ("ban", "Meta disables the account", "danger"),
    EventType.ACCOUNT_REINSTATED: ("check-circle", "Meta reinstated the account", "success"),
    EventType.ACCOUNT_REVIEW_CHANGED: ("clock", "Account review changed", "info"),
    EventType.ACCOUNT_UPDATE: ("info", "Meta told about the account", "neutral"),
    EventType.ACCOUNT_ALERT: ("bell", "Meta sent an alert", "warning"),
    EventType.CAPABILITY_CHANGED: ("bolt", "Capabilities changed", "info"),
    EventType.PARTNER_ADDED: ("link", "Client connected the account", "success"),
    EventType.PARTNER_REMOVED: ("cross-circle", "Client disconnected the account", "danger"),
    EventType.TEMPLATE_STATUS_CHANGED: ("template", "Template", "info"),
    EventType.TEMPLATE_QUALITY_CHANGED: ("template", "Template quality", "info"),
    EventType.TEMPLATE_CATEGORY_CHANGED: ("template", "Template category", "info"),
    EventType.INTEGRATION_CHANGED: ("edit", "Integration setting changed", "info"),
    EventType.PLATFORM_SECRET_MADE: ("key", "Platform secret made", "info"),
    EventType.PLATFORM_SECRET_SHOWN: ("eye", "Platform secret looked at", "warning"),
    EventType.PLATFORM_SECRET_OVERLAP_ENDED: ("key", "Old platform secret ended", "info"),
    EventType.WEBHOOK_ADDED: ("plus", "Webhook endpoint added", "info"),
    EventType.WEBHOOK_CHANGED: ("edit", "Webhook endpoint changed", "info"),
    EventType.WEBHOOK_REMOVED: ("trash", "Webhook endpoint removed", "neutral"),
    EventType.WEBHOOK_PAUSED: ("pause", "Webhook endpoint paused", "warning"),
    EventType.WEBHOOK_RESUMED: ("play", "Webhook endpoint goes on", "success"),
    EventType.WEBHOOK_OFF: ("ban", "Webhook endpoint switched off", "danger"),
    EventType.WEBHOOK_ON: ("check-circle", "Webhook endpoint switched on", "success"),
    EventType.WEBHOOK_TESTED: ("send", "Test event sent", "neutral"),
    EventType.WEBHOOKS_REPLAYED: ("refresh", "Webhooks sent again", "info"),
}
_REGION_RUNS: dict[str, tuple[str, str, Tone]] = {
    RegionState.WORKING: ("globe", "Storage region: change begun", "info"),
    RegionState.DONE: ("globe", "Storage region changed, confirmed by Meta", "success"),
    RegionState.STOPPED: ("alert", "Storage region: change stopped", "warning"),
}
_OUTCOMES = {  # of an ended number at Meta
    Outcome.DEREGISTERED: "deregistered",
    Outcome.NOT_REGISTERED: "it was not registered any more",
    Outcome.ON_BUSINESS_APP: "it stays in the WhatsApp Business app; only the client can "
    "disconnect it there",
    Outcome.NO_ACCESS: "not deregistered, because the hub has no access to the account any more",
    Outcome.REFUSED: "not deregistered, because Meta refused it",
}
_STAYS = frozenset({Outcome.ON_BUSINESS_APP, Outcome.NO_ACCESS, Outcome.REFUSED})
_ACTORS = {"client": "the client", "meta": "Meta", "hub": "the hub"}
COLUMNS = {
    "meta_status": "Status",
    "status": "Status",
    "quality": "Quality",
    "messaging_limit": "Limit",
    "name": "Name",
    "name_status": "Name review",
    "requested_name": "Requested name",
    "review_status": "Review",
    "business_verification": "Verification",
    "ban_state": "Account",
    "ban_date": "Date",
    "restrictions": "Restrictions",
    "removed": "Disconnected",
    "violation_type": "Violation",
    "category": "Category",
    "tier": "Tier",
    "next_tier": "Tier from next month on",
    "rejected_reason": "Reason",
    "consent": "Permission",
}
_STOPPED: dict[str, str] = {reason.value: why for reason, why in STOPS.items()}
_LICENCES: dict[str, str] = {tier.value: word for tier, word in TIERS.items()}
_PLANS: dict[str, str] = {plan.value: word for plan, word in PLANS.items()}
_IN_WORDS: dict[str, Callable[[str], str]] = {
    "quality": words.quality,
    "messaging_limit": words.limit,
    "status": lambda value: account_words.template_status(value)[1],
    "business_verification": account_words.verification,
    "phone_number": words.phone,
    **dict.fromkeys(("tier", "next_tier"), lambda value: _LICENCES.get(value, value)),
    "reason": lambda value: _STOPPED.get(value, value),
    **dict.fromkeys(("plan", "from", "to"), lambda value: _PLANS.get(value, value)),
}
# What Meta tells that says more than the change itself.
_TOLD = (
    "event", "violation_type", "waba_ban_date", "rejection_reason", "reason", "alert_description",
    "alert_type", "phone_number",
)  # fmt: skip


def title(type_: str) -> tuple[str, str, Tone]:
    """Icon, title and tone; a kind that has none yet is told by its name."""
    known = EVENTS.get(type_) or TITLES.get(type_)
    return known or ("dot", type_.replace("_", " ").capitalize(), "neutral")


def entry(happened: TimelineEntry) -> Entry:
    """One line of the timeline."""
    icon, what, tone = title(happened.type)
    if happened.type == EventType.CHANNEL_REGION_CHANGE:
        icon, what, tone = _REGION_RUNS.get(happened.data.get("state", ""), (icon, what, tone))
    if happened.data.get("outcome") in _STAYS:
        what = "Number left here, not at Meta"
    if happened.subject_name:
        what = f"{what}: {happened.subject_name}"
    late = "Meta told this late; something newer was known" if happened.data.get("late") else ""
    who = happened.actor_name or _ACTORS.get(happened.actor, "somebody who has left")
    return Entry(
        key=str(happened.id),
        what=what,
        when=happened.at,
        more=" · ".join(filter(None, (*_of_an_end(happened), late, f"by {who}"))),
        icon=icon,
        tone=tone,
    )


def _of_an_end(happened: TimelineEntry) -> tuple[str, ...]:
    """What happened; for a number that ends, until when it works or how it left Meta."""
    data = happened.data
    if happened.type == EventType.CANCELLATION_REQUESTED and data.get("ends_at"):
        ends_at = datetime.fromisoformat(str(data["ends_at"]))
        return (f"works until {words.day(ends_at - timedelta.resolution)}", changes(data))
    if happened.type == EventType.CHANNEL_DEREGISTERED:
        left = "no more webhooks of its account" if data.get("unsubscribed") else ""
        return (_OUTCOMES.get(data.get("outcome", ""), ""), _code(data), left)
    if happened.type == EventType.CHANNEL_REGION_CHANGE:
        way = " → ".join(region_name(str(data.get(name, ""))) for name in ("before", "region"))
        stopped = data.get("state") == RegionState.STOPPED
        why = trouble(str(data.get("error_code", "")), data.get("meta_code")) if stopped else ""
        return (way, why.removesuffix("."))
    if happened.type == EventType.OUTBOUND_STOPPED:
        return (value("reason", data.get("reason")),)
    if happened.type == EventType.OUTBOUND_RESUMED and data.get("reason"):
        return (f"no longer: {value('reason', data['reason'])}",)
    return (changes(data),)


def _code(data: Mapping[str, Any]) -> str:
    return f"code {data['meta_code']}" if data.get("meta_code") else ""


def changes(data: Mapping[str, Any]) -> str:
    """`Quality: High → Low`; without a change, what was told."""
    change = data.get("change")
    if isinstance(change, dict) and change:
        return ", ".join(_change(column, both) for column, both in change.items())
    told = data.get("told")
    values = told if isinstance(told, dict) else data
    said = [value(name, values[name]) for name in _TOLD if isinstance(values.get(name), str | int)]
    return ", ".join(filter(None, said))


def _change(column: str, both: Any) -> str:
    before, after = (
        (both.get("previous"), both.get("current")) if isinstance(both, dict) else ("", both)
    )
    told = value(column, after) or "nothing"
    before = value(column, before)
    return f"{COLUMNS.get(column, column)}: {f'{before} → ' if before else ''}{told}"


def value(column: str, told: Any) -> str:
    """A value of that column in words."""
    if isinstance(told, bool):
        return "Yes" if told else "No"
    if isinstance(told, list):
        return ", ".join(_restriction(each) for each in told)
    text = "" if told is None else str(told)
    in_words = _IN_WORDS.get(column)
    return in_words(text) if in_words and text else text


def _restriction(told: Any) -> str:
    """`no utility templates until 3 Mar 2026`, of a restriction as Meta tells it."""
    kind = str(told.get("restriction_type", "")) if isinstance(told, dict) else str(told)
    if not kind:
        return "not told which"
    ends = moment(told.get("expiration")) if isinstance(told, dict) else None
    until = f" until {words.day(ends)}" if ends else ""
    return f"no {account_words.KINDS.get(kind, kind)}{until}"
