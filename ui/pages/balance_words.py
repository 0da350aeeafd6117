"""Money in a partner's words: what moved, why a message was free, what to do about the balance."""

from __future__ import annotations

from urllib.parse import quote

from core.billing.balance.entities import StopReason
from core.billing.balance.results import CreditView, NextStep
from core.billing.entities import EntryKind
from core.billing.rating import FreeReason, ParkedReason
from core.money import Money
from ui import format as words
from ui.components import Tone

_CATEGORIES = {
    "marketing": "Marketing",
    "utility": "Utility",
    "authentication": "Authentication",
    "authentication-international": "Authentication, international",
    "service": "Service",
}
_KINDS = {
    EntryKind.TOP_UP.value: ("plus", "Top-up", "success"),
    EntryKind.TOP_UP_SETTLED.value: ("plus", "Top-up", "success"),
    EntryKind.USAGE.value: ("chat", "Messages", "neutral"),
    EntryKind.FEE.value: ("receipt", "Fee", "neutral"),
    EntryKind.REFUND.value: ("arrow-left", "Refund", "info"),
    EntryKind.CORRECTION.value: ("edit", "Correction", "warning"),
    EntryKind.REVERSAL.value: ("refresh", "Taken back", "warning"),
}
_FREE = {
    FreeReason.CUSTOMER_SERVICE.value: "Free: answered within 24 hours",
    FreeReason.ENTRY_POINT.value: "Free: 72 hours after an ad",
    FreeReason.SERVICE.value: "Free: service messages cost nothing then",
    FreeReason.ALLOWANCE.value: "Free: one of 1,000 a month",
}
_PARKED = {
    ParkedReason.NO_PRICING.value: "Meta has not told its price category yet",
    ParkedReason.BAD_TIME.value: "Meta told no time of delivery",
    ParkedReason.NO_POLICY.value: "No pricing policy covers its day",
    ParkedReason.OTHER_MODEL.value: "Meta names another pricing model than that of the day",
    ParkedReason.UNKNOWN_TYPE.value: "Meta names a pricing type the hub does not know",
    ParkedReason.UNKNOWN_CATEGORY.value: "Meta names a category the hub does not know",
    ParkedReason.UNKNOWN_MARKET.value: "The recipient's country is not clear",
    ParkedReason.NO_CONVERSATION.value: "Meta named no conversation",
    ParkedReason.NO_CARD.value: "No rate card is in force on its day",
    ParkedReason.NO_RATE.value: "The rate card has no price for its market and category",
}
STOPS = {
    StopReason.BALANCE: "the credit is used up",
    StopReason.CAP: "the cap of this month is reached",
    StopReason.DUNNING: "an invoice is unpaid",
}
_STEPS: dict[NextStep, tuple[str, Tone, str]] = {
    NextStep.TOP_UP_NOW: (
        "alert",
        "danger",
        "The credit is used up and template messages have stopped. They go on by themselves "
        "with the next top-up.",
    ),
    NextStep.TOP_UP_SOON: (
        "hourglass",
        "warning",
        "The credit lasts only a few days more. Top up before template messages stop.",
    ),
    NextStep.PAY_INVOICES: (
        "receipt",
        "danger",
        "An invoice is unpaid and template messages have stopped. Pay it, and they go on by "
        "themselves.",
    ),
    NextStep.LOOK_AT_CAPS: (
        "ban",
        "warning",
        "A client has reached its cap. Its template messages have stopped until you raise the "
        "cap, or until next month.",
    ),
    NextStep.LOOK_AT_PARKED: (
        "clock",
        "info",
        "Some delivered messages have no price yet. They are kept and charged once they have.",
    ),
    NextStep.SET_LEVELS: (
        "bell",
        "info",
        "Nobody is told when the credit runs low. Set an amount below at which owners get a mail.",
    ),
}


def entry_path(key: str, client_id: str) -> str:
    """Where a ledger entry tells what it is made of."""
    client = f"?client={client_id}" if client_id else ""
    return f"/billing/balance/entries/{quote(key, safe='')}{client}"


def category(raw: str) -> str:
    """An unknown category stays as Meta writes it."""
    return _CATEGORIES.get(raw, raw)


def kind(raw: str) -> tuple[str, str, Tone]:
    """Icon, word and tone of a ledger entry."""
    icon, word, tone = _KINDS.get(raw, ("dot", raw.replace("_", " ").capitalize(), "neutral"))
    return icon, word, tone  # type: ignore[return-value]


def free(raw: str) -> str:
    """Why a message cost nothing; '' when it cost something."""
    return _FREE.get(raw, raw)


def parked(raw: str) -> str:
    """Why a message has no price yet."""
    return _PARKED.get(raw, raw)


def step(step: NextStep) -> tuple[str, Tone, str]:
    """Icon, tone and sentence of the next step."""
    return _STEPS[step]


def runway(view: CreditView) -> str:
    """`Lasts about 12 days at 14.20 EUR a day, as in the last 7 days`."""
    if view.available.micros <= 0:
        return "Nothing left to spend"
    if view.runway is None:
        return "Nothing has been spent yet"
    currency = view.available.currency
    cents = round(view.runway.per_day / 10_000) * 10_000
    pace = words.money(Money(cents, currency))
    days = words.count(view.runway.days, "day")
    return f"Lasts about {days} at {pace} a day, as in the last {view.runway.over} days"


def outbound(view: CreditView) -> tuple[str, str, Tone, str]:
    """Icon, word, tone and reason of outbound template messages."""
    if not view.stops:
        return "play", "Sending", "success", "Template messages go out"
    reasons = " and ".join(STOPS[reason] for reason in sorted(view.stops))
    return "pause", "Stopped", "danger", f"Stopped because {reasons}"
