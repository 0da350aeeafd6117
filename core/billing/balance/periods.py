"""Usage of a client, a number or the whole partner by UTC days or months, per category.

Read from the sums that metering keeps equal to the ledger's entries: whatever is summed up here
agrees with the pages and with the balance, to the micro.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from core.billing.balance.entities import UsageDay
from core.billing.prices import Category
from core.billing.rating import FreeReason
from core.money import Money

# What programs tell apart; Meta's international rate is a rate of the same category.
CATEGORIES = (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION, Category.SERVICE)
_TEMPLATES = frozenset({Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION})


class Granularity(StrEnum):
    """How long a period is."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from `start` to before `end`, in periods of a length."""

    start: date
    end: date
    granularity: Granularity


@dataclass(slots=True)
class CategoryUse:
    """Messages of one category and what they cost."""

    quantity: int = 0
    paid: int = 0
    micros: int = 0


@dataclass(slots=True)
class Period:
    """From its first day on: paid + free = quantity, free tier + entry point = free."""

    first: date
    currency: str
    free_tier: int = 0
    free_entry_point: int = 0
    categories: dict[Category, CategoryUse] = field(
        default_factory=lambda: {category: CategoryUse() for category in CATEGORIES}
    )

    @property
    def quantity(self) -> int:
        return sum(use.quantity for use in self.categories.values())

    @property
    def paid(self) -> int:
        return sum(use.paid for use in self.categories.values())

    @property
    def total(self) -> Money:
        return Money(sum(use.micros for use in self.categories.values()), self.currency)

    def price(self, category: Category) -> Money:
        """What the category's messages cost together."""
        return Money(self.categories[category].micros, self.currency)


def periods(
    session: Session, currency: str, where: tuple[ColumnElement[bool], ...], span: Span
) -> list[Period]:
    """Those in which something was used, the oldest first."""
    columns: Any = (UsageDay.day, UsageDay.category, UsageDay.free)
    sums: Any = (func.sum(UsageDay.messages), func.sum(UsageDay.micros))
    found: Any = (
        select(*columns, *sums)
        .where(
            *where,
            col(UsageDay.currency) == currency,
            col(UsageDay.day) >= span.start,
            col(UsageDay.day) < span.end,
        )
        .group_by(*(col(column) for column in columns))
    )
    made: dict[date, Period] = {}
    for day, category, free, messages, micros in session.exec(found):
        first = day.replace(day=1) if span.granularity is Granularity.MONTH else day
        period = made.setdefault(first, Period(first=first, currency=currency))
        _add(period, category, free, int(messages), int(micros))
    return [made[first] for first in sorted(made)]


def template_cost(periods_: list[Period]) -> int:
    """Micros that templates cost in all of the periods together."""
    return sum(one.categories[category].micros for one in periods_ for category in _TEMPLATES)


def _add(period: Period, category: str, free: str, messages: int, micros: int) -> None:
    use = period.categories[_category(category)]
    use.quantity += messages
    use.micros += micros
    if free == FreeReason.NONE:
        use.paid += messages
    elif free == FreeReason.ENTRY_POINT:
        period.free_entry_point += messages
    else:
        period.free_tier += messages


def _category(told: str) -> Category:
    if told == Category.AUTHENTICATION_INTERNATIONAL:
        return Category.AUTHENTICATION
    return Category(told)
