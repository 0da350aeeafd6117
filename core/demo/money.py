"""Plants last month's and this month's messages with what they cost; sandbox mode only, once.

Everything goes through the doors of real life, by a clock that stands in the past: statuses are
metered, credit is topped up and invoiced, levels and caps are watched, last month is closed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session

from core.billing.balance.entities import AlertLevel, ClientCap
from core.billing.balance.ports import Numbers
from core.billing.balance.watch import Watch
from core.billing.card_import import import_examples
from core.billing.card_store import EXAMPLE_FROM, RateCards
from core.billing.ledger import Payer
from core.billing.metering import Metering
from core.billing.ports import UsageBook
from core.clock import Clock, FixedClock
from core.demo.sales import PastSales, Sales
from core.demo.world import ACME, BETA, PARTNERS, DemoPartner, Json
from core.money import Money
from core.partners.entities import Partner
from core.ports import Database, Everything

_ALL = Everything("demo money")
_EVENING = time(17, tzinfo=UTC)
_CLOSING = time(0, 15, tzinfo=UTC)  # of the 1st, after the grace
_CAPPED = 10  # Acme's client
_CAP = "8.00"
_LEVELS = ("75.00", "25.00")
# Category and share of a hundred messages; recipients by calling code.
_MIX = {"marketing": 30, "utility": 40, "authentication": 15, "service": 15}
_PEOPLE = {"49": 10, "43": 2, "44": 3, "55": 2, "1": 2, "33": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traffic:
    """Messages on a working day by number, and top-ups by days from the first of last month."""

    partner: DemoPartner
    daily: dict[int, int]
    top_ups: tuple[tuple[int, int, str], ...]  # (day, paying client or 0, amount)


_TRAFFIC = (
    _Traffic(
        partner=ACME,
        daily={1: 24, 2: 10, 3: 6, 10: 6, 11: 12},
        top_ups=((0, 0, "120.00"), (33, 0, "50.00")),
    ),
    _Traffic(
        partner=BETA,
        daily={1: 8, 3: 5, 4: 2, 5: 4},
        top_ups=((0, 1, "100.00"), (0, 2, "50.00"), (3, 3, "20.00"), (6, 4, "7.00")),
    ),
)


def plant_money(
    database: Database, clock: Clock, book: UsageBook, numbers: Numbers, past_sales: PastSales
) -> bool:
    """Make cards and history; False when there are any cards already, or no demo partners."""
    now = clock.now()
    first = (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    with database.transaction(_ALL) as session:
        if session.get(Partner, ACME.id) is None:
            return False
        past = FixedClock(datetime.combine(first, time(), UTC))
        cards = RateCards(past)
        if not import_examples(session, cards):
            return False
        # Without jobs: nobody is to have mails of what was long ago.
        watch = Watch(past, numbers)
        metering = Metering(past, book, cards, watch)
        sales = past_sales(past, watch)
        _set_limits(session)
        for day in _days(first, now.date()):
            if day.day == 1 and day > first:
                _move(past, datetime.combine(day, _CLOSING), now)
                sales.close_month(session)
            sales.plans.renew(session)
            _move(past, datetime.combine(day, _EVENING), now)
            _top_up(session, sales, (day - first).days)
            if day >= EXAMPLE_FROM:  # before there is no price
                metering.take(session, [*_bodies(day, past.now())])
        for partner in PARTNERS:
            sales.give_card(session, partner)
        return True


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _set_limits(session: Session) -> None:
    """Acme wants to be told at two levels and holds one client short."""
    for level in _LEVELS:
        micros = Money.of(level, ACME.currency).micros
        session.add(AlertLevel(partner_id=ACME.id, micros=micros))
    cap = Money.of(_CAP, ACME.currency).micros
    capped = ACME.row_id(_CAPPED, "CL")
    session.add(ClientCap(partner_id=ACME.id, client_id=capped, micros=cap))
    session.flush()


def _move(past: FixedClock, to: datetime, now: datetime) -> None:
    """Forward, and never beyond today."""
    past.advance(max(min(to, now) - past.now(), timedelta(0)))


def _top_up(session: Session, sales: Sales, day: int) -> None:
    for traffic in _TRAFFIC:
        partner = traffic.partner
        for number, client, amount in traffic.top_ups:
            if number != day:
                continue
            client_id = partner.row_id(client, "CL") if client else ""
            payer = Payer(partner_id=partner.id, client_id=client_id)
            sales.top_up(session, payer, Money.of(amount, partner.currency))


def _bodies(day: date, at: datetime) -> Iterator[Json]:
    """The statuses of one day, one body per number; the same whenever they are made."""
    chance = random.Random(day.toordinal())  # noqa: S311 - has to be the same, not secret
    is_weekend = day.weekday() >= 5  # noqa: PLR2004 - Saturday
    for traffic in _TRAFFIC:
        for number, daily in traffic.daily.items():
            count = chance.randint(daily // 2, daily + daily // 2) // (3 if is_weekend else 1)
            phone_id = traffic.partner.meta_id(2, number)
            statuses = [
                _status(chance, f"wamid.demo.{day}.{phone_id}.{n}", at) for n in range(count)
            ]
            yield _body(phone_id, statuses)


def _status(chance: random.Random, wamid: str, at: datetime) -> Json:
    (category,) = chance.choices([*_MIX], [*_MIX.values()])
    (code,) = chance.choices([*_PEOPLE], [*_PEOPLE.values()])
    seconds = int(at.timestamp()) - chance.randrange(8 * 60 * 60)
    is_free = category == "service" and chance.random() * 2 < 1
    return {
        "id": wamid,
        "status": "delivered",
        "timestamp": str(seconds),
        "recipient_id": f"{code}{chance.randrange(10**9, 10**10)}",
        "pricing": {
            "billable": not is_free,
            "pricing_model": "PMP",
            "type": "free_entry_point" if is_free else "regular",
            "category": category,
        },
    }


def _body(phone_id: str, statuses: list[Json]) -> Json:
    value = {"metadata": {"phone_number_id": phone_id}, "statuses": statuses}
    return {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
