"""The lines of plan and licence invoices; pure. Texts are English, as on every invoice.

A part of a period is days × price ÷ days of the period, so that the line multiplies up for
whoever checks it, and is rounded once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.billing.invoices.document import MONTH, decimal
from core.billing.invoices.drafts import DraftLine, LineKind
from core.money import Money
from core.subscriptions.months import Month, span_in_words
from core.subscriptions.proration import share
from core.subscriptions.states import PlanName, Tier

_DAY = "DAY"  # UN/ECE Recommendation 20
PLAN_WORDS = {PlanName.GROWTH: "Growth", PlanName.PREMIUM: "Premium"}
TIER_WORDS = {
    Tier.REGULAR: "Regular",
    Tier.PREMIUM: "Premium",
    Tier.HIGH_THROUGHPUT: "High Throughput",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A licence that began within a month: new with this tier, or larger than `from_tier`."""

    number: str
    tier: Tier
    from_tier: Tier | None
    on: date


def plan_line(plan: PlanName, price: Money, first: date, last: date) -> DraftLine:
    """A plan for a month, or for a part of it."""
    month, words = Month.of(first), f"{PLAN_WORDS[plan]} plan"
    left = (last - first).days + 1
    if left == month.days:
        return DraftLine(
            kind=LineKind.PLAN,
            description=words,
            detail=span_in_words(first, last),
            net=price,
            unit=MONTH,
            unit_price=decimal(price),
        )
    return _part(LineKind.PLAN, words, price, month, (first, last))


def upgrade_line(
    from_plan: PlanName, to_plan: PlanName, difference: Money, first: date
) -> DraftLine:
    """The difference of two plans for the rest of a month, `first` included."""
    words = f"Upgrade from {PLAN_WORDS[from_plan]} to {PLAN_WORDS[to_plan]}"
    month = Month.of(first)
    return _part(LineKind.PLAN, words, difference, month, (first, month.last))


def licence_lines(
    numbers: Mapping[Tier, int], prices: Mapping[Tier, Money], month: Month
) -> tuple[DraftLine, ...]:
    """One line per tier for a whole month."""
    return tuple(
        DraftLine(
            kind=LineKind.LICENCE,
            description=f"{TIER_WORDS[tier]} licences",
            detail=span_in_words(month.first, month.last),
            net=Money(prices[tier].micros * numbers[tier], prices[tier].currency),
            quantity=Decimal(numbers[tier]),
            unit_price=decimal(prices[tier]),
        )
        for tier in Tier
        if numbers.get(tier)
    )


def added_lines(
    added: Iterable[Added], price_of: Callable[[Tier, date], Money]
) -> tuple[DraftLine, ...]:
    """New numbers by tier and day, then each larger tier by itself, as its preview said.

    `price_of`: a tier's price on a day.
    """
    rows = sorted(added, key=lambda one: (one.on, one.tier, one.number))
    fresh = Counter((one.on, one.tier) for one in rows if one.from_tier is None)
    lines = [_new(tier, on, count, price_of(tier, on)) for (on, tier), count in fresh.items()]
    for one in rows:
        if one.from_tier is not None:
            more = price_of(one.tier, one.on) - price_of(one.from_tier, one.on)
            lines.append(_larger(one, one.from_tier, more))
    return tuple(line for line in lines if line.net.micros)


def _new(tier: Tier, on: date, count: int, price: Money) -> DraftLine:
    month = Month.of(on)
    noun = "licence" if count == 1 else "licences"
    together = Money(price.micros * count, price.currency)
    words = f"{TIER_WORDS[tier]} {noun}, {count} added"
    return _part(LineKind.LICENCE, words, together, month, (on, month.last))


def _larger(one: Added, from_tier: Tier, more: Money) -> DraftLine:
    month = Month.of(one.on)
    words = f"{one.number}: {TIER_WORDS[from_tier]} to {TIER_WORDS[one.tier]} licence"
    positive = Money(max(0, more.micros), more.currency)
    return _part(LineKind.LICENCE, words, positive, month, (one.on, month.last))


def _part(
    kind: LineKind, words: str, price: Money, month: Month, span: tuple[date, date]
) -> DraftLine:
    first, last = span
    left = (last - first).days + 1
    return DraftLine(
        kind=kind,
        description=words,
        detail=f"{span_in_words(first, last)}, {left} of {month.days} days",
        net=share(price, left, month.days),
        quantity=Decimal(left),
        unit=_DAY,
        unit_price=decimal(price),
        price_base=Decimal(month.days),
    )
