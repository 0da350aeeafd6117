"""Auto-renewal in sentences: what decided each figure, how it stands, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from fractions import Fraction

from core.billing.auto_renewal import Because
from core.billing.payments.states import PaymentStatus
from core.billing.payments.views import PaymentView
from core.billing.renewal.entities import Mode
from core.billing.renewal.service import Explained
from core.errors import HubError
from ui import format as words
from ui.components import Tone
from ui.pages import payment_words
from ui.pages.balance_month import month_name

_THRESHOLDS = {
    Because.NO_HISTORY: "There is no spend in {month} to go by, so it starts at the usual "
    "{amount}.",
    Because.LEAST: "The least that the rule uses: a tenth of the expected spend and three average "
    "days are both below it.",
    Because.TENTH: "A tenth of the {expected} expected for a month, rounded up to the next 10.",
    Because.THREE_DAYS: "Three average days of {month}, in which {spent} were spent, rounded up to "
    "the next 10: enough for a weekend without a working card.",
}
_TOP_UPS = {
    Because.NO_HISTORY: "There is no spend in {month} to go by, so it starts with the usual "
    "{amount}.",
    Because.LEAST: "The least that the rule uses: the {expected} expected for a month are below "
    "it.",
    Because.SPEND: "The {expected} expected for a month, rounded up to the next 50: about one "
    "top-up a month.",
    Because.HALF_THRESHOLD: "Half of the threshold, rounded up to the next 50: a smaller top-up "
    "would hardly lift the balance.",
}
_DAYS_NAMED = 8
_LEAST_TREND, _MOST_TREND = Fraction(4, 5), Fraction(3, 2)
_REFUSED = {
    "top_up_below_half_threshold": "At least half of the threshold, or the balance would hardly "
    "rise.",
    "ceiling_below_top_up": "At least one top-up, or nothing would ever be topped up.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How auto-renewal stands: a badge, one sentence, and what the one button does."""

    icon: str
    word: str
    tone: Tone
    sentence: str
    act: str = ""  # '', start, card or confirm
    payment_id: str = ""


def threshold_reasons(it: Explained) -> list[str]:
    """Why the threshold is what it is."""
    amount = words.money(it.recommended_threshold)
    because = _filled(_THRESHOLDS[it.threshold_because], it, amount)
    if it.mode is Mode.RECOMMENDED:
        return [because]
    return ["Your own threshold.", f"The rule would use {amount}. {because}"]


def top_up_reasons(it: Explained) -> list[str]:
    """Why the top-up is what it is."""
    amount = words.money(it.recommended_top_up)
    because = _filled(_TOP_UPS[it.top_up_because], it, amount)
    if it.mode is Mode.RECOMMENDED:
        return [because]
    return ["Your own amount.", f"The rule would use {amount}. {because}"]


def dry_run(it: Explained) -> str:
    """How last month would have gone with the figures in force."""
    month, days = month_name(it.month), [day for day in it.dry_run if day.top_ups]
    times = sum(day.top_ups for day in days)
    if not times:
        return f"With these figures nothing would have been topped up in {month}."
    together = words.money(it.top_up.times(times))
    when = ", ".join(f"{day.day.day}" for day in days[:_DAYS_NAMED])
    more = " and later" if len(days) > _DAYS_NAMED else ""
    return (
        f"With these figures it would have topped up {words.count(times, 'time')} in {month} "
        f"(on day {when}{more}), {together} together, before fee and VAT."
    )


def expected(it: Explained) -> str:
    """How last month became the spend that is expected; '' without a last month."""
    if not it.spent.micros:
        return ""
    percent = words.number(round(it.trend * 100))
    held = ""
    if it.trend in (_LEAST_TREND, _MOST_TREND):
        held = ", the most that the rule follows" if it.trend > 1 else ", the least it follows"
    return (
        f"In {month_name(it.month)} {words.money(it.spent)} were spent. Its last 15 days came to "
        f"{percent} % of its first 15{held}, so {words.cents(it.expected)} are expected for a "
        "month."
    )


def in_force(it: Explained) -> str:
    """The two figures in one sentence."""
    return f"it tops up by {words.money(it.top_up)} at {words.money(it.threshold)} or less"


def state(it: Explained, payments: list[PaymentView], now: datetime, where: tzinfo) -> State:
    """How it stands; `payments` are those that auto-renewal has begun, the newest first."""
    if it.is_paused:
        paused = "Nothing is topped up until you start it again."
        return State(icon="pause", word="Paused", tone="neutral", sentence=paused, act="start")
    if it.stopped_at is not None:
        return State(
            icon="ban",
            word="Stopped",
            tone="danger",
            sentence="It topped up three times within ten minutes and stopped itself on "
            f"{words.exact(it.stopped_at, where)}. Look at the statement, then start it again.",
            act="start",
        )
    asked = next((p for p in payments if p.status is PaymentStatus.ACTION_REQUIRED), None)
    if asked is not None:
        return State(
            icon="shield",
            word="Needs your confirmation",
            tone="warning",
            sentence=f"Your bank wants you to confirm {words.money(asked.gross)}. Nothing is "
            "charged until you do.",
            act="confirm",
            payment_id=asked.id,
        )
    if not it.has_card:
        return State(
            icon="card",
            word="Needs a card",
            tone="warning",
            sentence="There is no card that could be charged. Add one and it goes on by itself.",
            act="card",
        )
    if it.next_try_at is not None and now < it.next_try_at:
        return State(
            icon="hourglass",
            word="Waits",
            tone="warning",
            sentence=f"{_why_failed(payments)} It tries again on "
            f"{words.exact(it.next_try_at, where)}, or at once when you start it or add a card.",
            act="start",
        )
    return _running(it)


def refused(error: HubError) -> str:
    """Why a value of the form cannot be used."""
    return _REFUSED.get(error.code) or payment_words.refused(error)


def _running(it: Explained) -> State:
    if it.ceiling is not None and it.this_month + it.top_up > it.ceiling:
        return State(
            icon="lock",
            word="Ceiling reached",
            tone="warning",
            sentence=f"{words.money(it.this_month)} were topped up this month; one more would be "
            f"above {words.money(it.ceiling)}. It goes on next month, or with a higher ceiling.",
        )
    return State(icon="refresh", word="On", tone="success", sentence=f"I{in_force(it)[1:]}.")


def _why_failed(payments: list[PaymentView]) -> str:
    last = payments[0] if payments else None
    if last is not None and last.status is PaymentStatus.DECLINED:
        return payment_words.declined(last.decline_code)
    return "No card could be charged."


def _filled(sentence: str, it: Explained, amount: str) -> str:
    return sentence.format(
        amount=amount,
        month=month_name(it.month),
        spent=words.money(it.spent),
        expected=words.cents(it.expected),
    )
