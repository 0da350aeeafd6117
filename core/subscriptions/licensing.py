"""Licences follow numbers: one begins when a number is live, and ends with it.

Looked at every minute and before each invoice, so that nobody has to tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from core.accounts.entities import Channel
from core.events import EventType
from core.onboarding.entities import OnboardingRun
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.finding import close, planned_tier
from core.subscriptions.months import start_of
from core.subscriptions.room import SWEEP, Room
from core.subscriptions.states import (
    TIERS_OF,
    ChangeStatus,
    PlanName,
    SubscriptionState,
    Tier,
)

# What a link may ask for; `basic` is an older word for the smallest.
_SELECTED = {
    "basic": Tier.REGULAR,
    "regular": Tier.REGULAR,
    "premium": Tier.PREMIUM,
    "high_throughput": Tier.HIGH_THROUGHPUT,
}
# More than this, and open pages are told once that something is new, not what.
_EACH = 200
_Tiers = tuple[str, str]  # before and after; '' for no licence


def sync(room: Room, session: Session, subscription: Subscription) -> int:
    """Every live number has a licence and no other; how many were changed."""
    if subscription.state == SubscriptionState.ENDED:
        return 0
    gone, fresh = _end(room, session, subscription), _begin(room, session, subscription)
    if gone or fresh:
        session.flush()
        _tell(room, session, subscription, [*gone.items(), *fresh.items()])
    return len(gone) + len(fresh)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """How an event tells what a licence was and is: what stayed is left out."""
    return {
        name: {"previous": before[name], "current": told}
        for name, told in after.items()
        if before[name] != told
    }


def out_of_step(room: Room) -> list[str]:
    """Partners with numbers whose licences are not as they should be."""
    has_ended, is_live = _ended(room.now()), _live(room.now())
    wrong = or_(
        and_(is_live, col(Licence.id).is_(None)), and_(has_ended, col(Licence.id).is_not(None))
    )
    found = (
        select(Channel.partner_id)
        .join(Subscription, col(Subscription.partner_id) == col(Channel.partner_id))
        .outerjoin(Licence, col(Licence.open_key) == col(Channel.id))
        .where(Subscription.state != SubscriptionState.ENDED.value, wrong)
        .distinct()
    )
    with room.database.reading(SWEEP) as session:
        return list(session.exec(found))


def _begin(room: Room, session: Session, subscription: Subscription) -> dict[str, _Tiers]:
    """Numbers that went live have a licence from then on, or from the subscription's first day."""
    found = (
        select(Channel)
        .outerjoin(Licence, col(Licence.open_key) == col(Channel.id))
        .where(
            Channel.partner_id == subscription.partner_id,
            _live(room.now()),
            col(Licence.id).is_(None),
        )
    )
    channels = session.exec(found).all()
    earliest = start_of(subscription.started_on, room.zone)
    chosen = _selected(session, channels)
    allowed = TIERS_OF[PlanName(subscription.next_plan or subscription.plan)]
    fresh = {}
    for channel in channels:
        asked = chosen.get(channel.id, Tier.REGULAR)
        tier = asked if asked in allowed else allowed[-1]
        fresh[channel.id] = ("", tier.value)
        session.add(
            Licence(
                partner_id=channel.partner_id,
                channel_id=channel.id,
                tier=tier.value,
                since=max(channel.live_at or earliest, earliest),
                open_key=channel.id,
            )
        )
    return fresh


def _end(room: Room, session: Session, subscription: Subscription) -> dict[str, _Tiers]:
    """Numbers that have ended have none; what was planned for them is off."""
    found = (
        select(Licence, Channel)
        .join(Channel, col(Channel.id) == col(Licence.open_key))
        .where(Licence.partner_id == subscription.partner_id, _ended(room.now()))
    )
    gone = {}
    for licence, channel in session.exec(found).all():
        told = [at for at in (channel.ends_at, channel.terminated_at) if at is not None]
        ended = min([*told, room.now()])
        end_licence(session, licence, max(ended, licence.since), room.now())
        gone[channel.id] = (licence.tier, "")
    return gone


def end_licence(session: Session, licence: Licence, at: datetime, now: datetime) -> None:
    """The number has none from `at` on."""
    licence.until, licence.open_key = at, None
    if licence.next_tier:
        licence.next_tier, licence.next_from = "", None
        if (change := planned_tier(session, licence.channel_id)) is not None:
            close(change, ChangeStatus.WITHDRAWN, now)


def _live(now: datetime) -> ColumnElement[bool]:
    still = or_(col(Channel.ends_at).is_(None), col(Channel.ends_at) > now)
    return and_(col(Channel.live_at).is_not(None), col(Channel.terminated_at).is_(None), still)


def _ended(now: datetime) -> ColumnElement[bool]:
    return or_(col(Channel.terminated_at).is_not(None), col(Channel.ends_at) <= now)


def _selected(session: Session, channels: Sequence[Channel]) -> dict[str, Tier]:
    """What the links that brought the numbers asked for, the newest run's word."""
    clients = {channel.client_id for channel in channels}
    if not clients:
        return {}
    found = (
        select(OnboardingRun.link, OnboardingRun.channel_ids)
        .where(col(OnboardingRun.client_id).in_(clients))
        .order_by(col(OnboardingRun.updated_at))
    )
    return {
        channel_id: _SELECTED[str(link.get("plan_selection", "")).lower()]
        for link, channel_ids in session.exec(found)
        if str(link.get("plan_selection", "")).lower() in _SELECTED
        for channel_id in channel_ids
    }


def _tell(
    room: Room, session: Session, subscription: Subscription, some: Sequence[tuple[str, _Tiers]]
) -> None:
    partner_id = subscription.partner_id
    kind = EventType.LICENCE_CHANGED
    if len(some) > _EACH:
        room.tell(session, kind, partner_id, data={"numbers": len(some)})
        return
    for channel_id, (before, after) in some:
        about = ("licence", channel_id)
        told = {"change": changed({"tier": before}, {"tier": after})}
        room.tell(session, kind, partner_id, subject=about, data=told)
