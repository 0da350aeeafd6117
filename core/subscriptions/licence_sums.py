"""Which licences an invoice is over; reads and marks rows in the caller's transaction."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from core.accounts.entities import Channel
from core.billing.invoices.drafts import DraftLine
from core.money import Money
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.finding import close, planned_tier
from core.subscriptions.lines import Added, added_lines
from core.subscriptions.months import day_of, start_of
from core.subscriptions.room import Room
from core.subscriptions.states import ChangeStatus, Tier


def licensed_from(room: Room, session: Session, partner_id: str, first: date) -> dict[Tier, int]:
    """Numbers by tier when a month begins; what begins with it was changed on purpose."""
    at = start_of(first, room.zone)
    found = (
        select(Licence.tier, func.count())
        .where(
            Licence.partner_id == partner_id,
            or_(
                col(Licence.since) < at,
                (col(Licence.since) == at) & col(Licence.charged).is_(True),
            ),
            or_(col(Licence.until).is_(None), col(Licence.until) > at),
            goes_on_in(first),
        )
        .group_by(Licence.tier)
    )
    return {Tier(name): count for name, count in session.exec(found)}


def goes_on_in(first: date) -> ColumnElement[bool]:
    """The licence's number is not cancelled to the end of the month before.

    Numbers end with the month in UTC; where the billing zone is ahead of it, the new month has
    begun hours before, and nobody pays a month for them.
    """
    leaves = select(Channel.id).where(col(Channel.ends_at) <= datetime.combine(first, time(), UTC))
    return col(Licence.channel_id).not_in(leaves)


def charge_added(
    room: Room, session: Session, subscription: Subscription, *, before: date
) -> tuple[DraftLine, ...]:
    """Lines for everything that began before this day and was not charged; it is from now on."""
    found = _not_charged(room, session, subscription, before)
    lines = _lines_of(room, session, subscription, found)
    for licence, _ in found:
        licence.charged = True
    return lines


def added_so_far(
    room: Room, session: Session, subscription: Subscription, *, before: date
) -> tuple[DraftLine, ...]:
    """The lines that `charge_added` would have as things stand; nothing is charged."""
    found = _not_charged(room, session, subscription, before)
    return _lines_of(room, session, subscription, found)


def _not_charged(
    room: Room, session: Session, subscription: Subscription, before: date
) -> list[tuple[Licence, str]]:
    """With the digits of their numbers."""
    found = (
        select(Licence, Channel.phone_number)
        .join(Channel, col(Channel.id) == col(Licence.channel_id))
        .where(
            Licence.partner_id == subscription.partner_id,
            col(Licence.charged).is_(False),
            col(Licence.since) < start_of(before, room.zone),
        )
    )
    return list(session.exec(found))


def _lines_of(
    room: Room, session: Session, subscription: Subscription, found: list[tuple[Licence, str]]
) -> tuple[DraftLine, ...]:
    added = [
        Added(
            number=f"+{number}",
            tier=Tier(licence.tier),
            from_tier=Tier(licence.from_tier) if licence.from_tier else None,
            on=day_of(licence.since, room.zone),
        )
        for licence, number in found
    ]
    return added_lines(added, _price_of(room, session, subscription))


def move_planned(room: Room, session: Session, subscription: Subscription, first: date) -> int:
    """Smaller tiers that were planned count from this first of a month on; how many."""
    at = start_of(first, room.zone)
    found = select(Licence).where(
        Licence.partner_id == subscription.partner_id,
        col(Licence.next_from) <= first,
        col(Licence.until).is_(None),
    )
    moved = list(session.exec(found))
    for licence in moved:
        fresh = Licence(
            partner_id=licence.partner_id,
            channel_id=licence.channel_id,
            tier=licence.next_tier,
            from_tier=licence.tier,
            since=at,
            charged=True,  # with all others of the month that begins
        )
        succeed(session, licence, fresh, at)
        if (change := planned_tier(session, licence.channel_id)) is not None:
            close(change, ChangeStatus.DONE, room.now())
    return len(moved)


def succeed(session: Session, licence: Licence, fresh: Licence, at: datetime) -> None:
    """`fresh` follows the number's open licence."""
    licence.until, licence.open_key = at, None
    licence.next_tier, licence.next_from = "", None
    session.flush()
    fresh.open_key = fresh.channel_id
    session.add(fresh)
    session.flush()


class _PriceOf:
    """A tier's price on a day; each day is read once."""

    def __init__(self, room: Room, session: Session, partner_id: str) -> None:
        self._room = room
        self._session = session
        self._partner_id = partner_id
        self._days: dict[date, dict[Tier, Money]] = {}

    def __call__(self, tier: Tier, on: date) -> Money:
        if on not in self._days:
            at = start_of(on, self._room.zone)
            self._days[on] = self._room.prices(self._session, self._partner_id, at).tiers
        return self._days[on][tier]


def _price_of(room: Room, session: Session, subscription: Subscription) -> _PriceOf:
    return _PriceOf(room, session, subscription.partner_id)
