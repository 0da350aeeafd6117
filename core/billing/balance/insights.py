"""What one number sent and cost, by category and day; for members, what it sent only.

Comes from `usage_day`, never from the messages: a reading costs the client's days, however many
messages they sum up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from core.access import Gate, Permission, Principal, authorize, partner_of
from core.billing.balance.entities import UsageDay
from core.billing.balance.ports import Numbers
from core.billing.balance.stops import is_prepaid
from core.billing.ledger import Payer
from core.clock import Clock
from core.errors import Forbidden, NotFound
from core.money import Money

DAYS = 30  # as the balance shows, today included
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Messages, free ones too, and what they cost; None for those who may not see money."""

    messages: int
    cost: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberInsights:
    """The UTC days from `start` to before `end`; one `Volume` for each, also where nothing was."""

    start: date
    end: date
    payer_client: str  # who pays for itself; '' where the partner pays
    total: Volume
    free_messages: int
    days: tuple[Volume, ...]
    by_category: tuple[tuple[str, Volume], ...]  # the largest first


class Insights:
    """For the number's page."""

    def __init__(self, gate: Gate, clock: Clock, numbers: Numbers) -> None:
        self._gate = gate
        self._clock = clock
        self._numbers = numbers

    def of_number(self, who: Principal, channel_id: str) -> NumberInsights:
        """The last 30 days. Raises NotFound, the same for an unknown and a foreign id.

        Whoever may see the number may see what it sent; the cost is for those who may see billing,
        by their role at this moment.
        """
        end = self._clock.now().date() + _DAY
        start = end - DAYS * _DAY
        with self._gate.reading(who, Permission.ACCOUNTS) as session:
            partner = partner_of(session, who)
            client_id = self._numbers.client_of(session, partner.id, channel_id)
            if not client_id:
                raise NotFound("no such number", channel_id=channel_id)
            currency = partner.currency if self._may_see_money(session, who) else ""
            payer = Payer(partner_id=partner.id, client_id=client_id)
            rows = _rows(session, payer, channel_id, partner.currency, (start, end))
            return NumberInsights(
                start=start,
                end=end,
                payer_client=client_id if is_prepaid(partner, payer) else "",
                total=_volume(rows, currency),
                free_messages=sum(row.messages for row in rows if row.free),
                days=tuple(
                    _volume((row for row in rows if row.day == start + n * _DAY), currency)
                    for n in range(DAYS)
                ),
                by_category=_by_category(rows, currency),
            )

    def _may_see_money(self, session: Session, who: Principal) -> bool:
        try:
            authorize(session, self._clock, who, Permission.BILLING)
        except Forbidden:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Row:
    """A day's messages of one category that are charged, or free for the same reason."""

    day: date
    category: str
    free: str
    messages: int
    micros: int


def _rows(
    session: Session, payer: Payer, channel_id: str, currency: str, days: tuple[date, date]
) -> list[_Row]:
    """One statement; by the client's index, because a partner's days may be of 100,000 numbers."""
    what = (UsageDay.day, UsageDay.category, UsageDay.free)
    columns: Any = (*what, func.sum(UsageDay.messages), func.sum(UsageDay.micros))
    found = select(*columns).where(
        col(UsageDay.partner_id) == payer.partner_id,
        col(UsageDay.client_id) == payer.client_id,
        col(UsageDay.day) >= days[0],
        col(UsageDay.day) < days[1],
        col(UsageDay.channel_id) == channel_id,
        col(UsageDay.currency) == currency,
    )
    grouped = session.exec(found.group_by(*what))
    return [_Row(day, category, free, int(n), int(m)) for day, category, free, n, m in grouped]


def _by_category(rows: list[_Row], currency: str) -> tuple[tuple[str, Volume], ...]:
    # By messages: an order by cost would tell members what they may not see.
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row.category] += row.messages
    return tuple(
        (name, _volume((row for row in rows if row.category == name), currency))
        for name in sorted(sizes, key=lambda name: (-sizes[name], name))
    )


def _volume(rows: Iterable[_Row], currency: str) -> Volume:
    found = list(rows)
    cost = Money(sum(row.micros for row in found), currency) if currency else None
    return Volume(messages=sum(row.messages for row in found), cost=cost)
