"""Subscriptions in words: plans, tiers, what happened, why a verb did nothing."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo

from core.errors import HubError
from core.subscriptions.states import (
    CancelReason,
    ChangeKind,
    ChangeStatus,
    PlanName,
    SubscriptionState,
    Tier,
)
from core.subscriptions.views import ChangeRow, PlanOffer
from ui import format as words
from ui.components import Tone
from ui.pages import payment_words

PLANS = {PlanName.GROWTH: "Growth", PlanName.PREMIUM: "Premium"}
TIERS = {
    Tier.REGULAR: "Regular",
    Tier.PREMIUM: "Premium",
    Tier.HIGH_THROUGHPUT: "High Throughput",
}
REASONS = {
    CancelReason.TOO_EXPENSIVE: "It is too expensive",
    CancelReason.SWITCHING: "We are going to another provider",
    CancelReason.NO_LONGER_NEEDED: "We do not need it any more",
    CancelReason.MISSING_FEATURE: "Something is missing",
    CancelReason.OTHER: "Another reason",
}
_TIER_BADGES: dict[Tier, tuple[str, Tone]] = {
    Tier.REGULAR: ("phone", "neutral"),
    Tier.PREMIUM: ("star", "info"),
    Tier.HIGH_THROUGHPUT: ("bolt", "success"),
}
_STATES: dict[SubscriptionState, tuple[str, str, Tone]] = {
    SubscriptionState.ACTIVE: ("check-circle", "Active", "success"),
    SubscriptionState.CANCELLING: ("hourglass", "Cancelled", "warning"),
    SubscriptionState.ENDED: ("ban", "Ended", "neutral"),
}
_STATUSES: dict[ChangeStatus, tuple[str, str, Tone]] = {
    ChangeStatus.CHARGING: ("hourglass", "Being charged", "info"),
    ChangeStatus.PLANNED: ("clock", "Planned", "info"),
    ChangeStatus.DONE: ("check-circle", "Done", "success"),
    ChangeStatus.DECLINED: ("cross-circle", "Declined", "danger"),
    ChangeStatus.WITHDRAWN: ("ban", "Taken back", "neutral"),
}
_NUMBER_FIRST = re.compile(r"\+\d+(?=: )")
_FUNDS = "The card does not have enough funds. Use another card, or try again later."
_REFUSED = {
    "quote_expired": "The preview was too old, and nothing was charged. Look at the new one and "
    "confirm it.",
    "quote_changed": "The figures have changed meanwhile, and nothing was charged. Look at the new "
    "ones and confirm them.",
    "bad_quote": "This preview cannot be used any more. Nothing was charged; look at the new one.",
    "already_on_plan": "You are on this plan already. Nothing more is charged.",
    "upgrade_under_way": "An upgrade is under way. Wait until it is through.",
    "subscription_cancelled": "The subscription is cancelled. Take the cancellation back first.",
    "subscription_ended": "The subscription has ended. Write to Support to start again.",
    "not_found": "It is not there any more. Look again.",
    "already_on_tier": "The number has this licence already.",
    "tier_not_in_plan": "Your plan does not include this licence. Upgrade to Premium first.",
    "tier_not_in_next_plan": "You are on your way to a plan that does not include this licence. "
    "Stay on your plan first: the button is on the Subscriptions page.",
    "already_cancelled": "The subscription is cancelled already.",
    "preview_changed": "Something has changed meanwhile, and nothing was cancelled. Look again and "
    "confirm.",
    "unpaid_invoices": "An invoice is still to be paid. Pay it first; what you wrote is kept.",
    "not_cancelled": "Somebody of your team has taken it back already.",
    "no_downgrade_planned": "Somebody of your team has taken it back already.",
    "downgrade_planned": "The downgrade is planned already.",
    "licences_against": "The smaller plan does not include some licences. Change those first.",
    "through_support": "Downgrades go through Support.",
    "text_too_long": "This is too long. Shorten it; nothing was cancelled.",
    "card_expired": "This card has expired, and nothing was charged. Choose another one.",
}


def plan(name: PlanName | None) -> str:
    return PLANS[name] if name else ""


def tier(name: Tier | None) -> str:
    return TIERS[name] if name else ""


def tier_badge(name: Tier) -> tuple[str, str, Tone]:
    """Icon, word and tone."""
    icon, tone = _TIER_BADGES[name]
    return icon, TIERS[name], tone


def state(name: SubscriptionState) -> tuple[str, str, Tone]:
    """Icon, word and tone."""
    return _STATES[name]


def status(name: ChangeStatus) -> tuple[str, str, Tone]:
    """Icon, word and tone of an entry of the history."""
    return _STATUSES[name]


def day(value: date | None) -> str:
    """`30 June 2026`."""
    return f"{value.day} {value:%B %Y}" if value else ""


def time_of_day(when: datetime, where: tzinfo) -> str:
    """`14:05`, in the zone of the person."""
    return f"{when.astimezone(where):%H:%M}"


def span(first: date, last: date) -> str:
    """`1–30 Nov 2026`; both months where they differ."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    return f"{first.day} {first:%b} – {last.day} {last:%b %Y}"


def refused(error: HubError) -> str:
    """Why a verb did nothing, and what to do."""
    known = _REFUSED.get(error.code)
    return known if known is not None else payment_words.refused(error)


def declined(code: str) -> str:
    """What a decline means and what to do; a plan's price is what it is."""
    return _FUNDS if code == "insufficient_funds" else payment_words.declined(code)


def what(row: ChangeRow) -> str:
    """What an entry of the history is about."""
    if row.kind is ChangeKind.TIER:
        if row.from_tier is None:
            return f"Licence {tier(row.to_tier)}"
        return f"Licence {tier(row.from_tier)} to {tier(row.to_tier)}"
    is_over = row.status is ChangeStatus.DONE
    return {
        ChangeKind.STARTED: f"Started on {plan(row.to_plan)}",
        ChangeKind.UPGRADE: f"Upgrade to {plan(row.to_plan)}",
        ChangeKind.DOWNGRADE: f"Downgrade to {plan(row.to_plan)}",
        ChangeKind.CANCEL: "End of the subscription" if is_over else "Cancellation",
    }[row.kind]


def details(row: ChangeRow) -> str:
    """Which number an entry is about, and from when it counts where that is not the moment."""
    number = words.phone(row.phone_number) if row.phone_number else ""
    return " · ".join(part for part in (number, _effective(row)) if part)


def _effective(row: ChangeRow) -> str:
    if row.effective_on is None or row.status is not ChangeStatus.PLANNED:
        return ""
    if row.kind is ChangeKind.CANCEL:
        return f"ends on {day(row.effective_on)}"
    return f"from {day(row.effective_on)}"


def line(description: str) -> str:
    """An invoice's line with the number that it may begin with grouped as everywhere."""
    number = _NUMBER_FIRST.match(description)
    return words.phone(number[0]) + description[number.end() :] if number else description


def tiers_of(offer: PlanOffer) -> str:
    """`Regular, Premium and High Throughput`."""
    *most, last = [TIERS[each] for each in offer.tiers]
    return f"{', '.join(most)} and {last}" if most else last


def support_of(offer: PlanOffer) -> str:
    """How a plan's partners are answered."""
    return "Answered first" if offer.answers_first else "Answered in turn"
