"""Subscriptions, licences and changes, fresh from the database, in the caller's transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import Conflict, NotFound
from core.partners.entities import Partner
from core.subscriptions.entities import Licence, PlanChange, Subscription
from core.subscriptions.months import DAY, Month
from core.subscriptions.states import (
    ChangeKind,
    ChangeStatus,
    SubscriptionState,
    may_become,
)


def find(session: Session, partner_id: str) -> Subscription | None:
    """The partner's subscription."""
    found = select(Subscription).where(Subscription.partner_id == partner_id)
    return session.exec(found.execution_options(populate_existing=True)).first()


def locked(session: Session, partner_id: str) -> Subscription | None:
    """The same; nobody else changes it until the commit."""
    found = select(Subscription).where(Subscription.partner_id == partner_id)
    fresh = found.with_for_update().execution_options(populate_existing=True)
    return session.exec(fresh).first()


def begin(session: Session, partner_id: str, *, now: datetime, today: date) -> Subscription:
    """The smallest plan from today on, nothing invoiced yet; or who was faster. Raises NotFound."""
    if session.get(Partner, partner_id) is None:
        raise NotFound(partner_id=partner_id)
    made = fresh(partner_id, now=now, today=today)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:  # another worker was faster
        known = locked(session, partner_id)
        if known is None:
            raise Conflict(code="no_subscription", partner_id=partner_id) from error
        return known
    started = PlanChange(
        partner_id=partner_id,
        kind=ChangeKind.STARTED.value,
        status=ChangeStatus.DONE.value,
        at=now,
        ended_at=now,
        to_plan=made.plan,
        effective_on=today,
    )
    session.add(started)
    session.flush()
    return made


def fresh(partner_id: str, *, now: datetime, today: date) -> Subscription:
    """As every subscription begins; nobody has it yet."""
    return Subscription(
        partner_id=partner_id,
        started_on=today,
        plan_through=today - DAY,
        licences_through=Month.of(today).first - DAY,
        changed_at=now,
    )


def change_of(session: Session, change_id: str) -> PlanChange:
    """An upgrade by its own id or its payment's, with which the bank's check comes back.

    Raises NotFound.
    """
    own, payment = col(PlanChange.id) == change_id, col(PlanChange.payment_id) == change_id
    is_upgrade = PlanChange.kind == ChangeKind.UPGRADE.value
    found = select(PlanChange).where(is_upgrade, or_(own, payment))
    change = session.exec(found.execution_options(populate_existing=True)).first()
    if change is None:
        raise NotFound(change_id=change_id)
    return change


def open_upgrade(session: Session, partner_id: str) -> PlanChange | None:
    """The upgrade that is being charged."""
    return session.exec(select(PlanChange).where(PlanChange.slot == partner_id)).first()


def planned(session: Session, partner_id: str, kind: ChangeKind) -> PlanChange | None:
    """What of this kind waits for its day; the newest."""
    found = select(PlanChange).where(
        PlanChange.partner_id == partner_id,
        PlanChange.kind == kind.value,
        PlanChange.status == ChangeStatus.PLANNED.value,
    )
    return session.exec(found.order_by(col(PlanChange.at).desc())).first()


def close(change: PlanChange, status: ChangeStatus, now: datetime) -> None:
    """The change has ended so. Raises Conflict (`change_over`) for one that had before."""
    if not may_become(change.status, status):
        raise Conflict(code="change_over", status=change.status)
    change.status, change.ended_at, change.slot = status.value, now, None


def open_licence(session: Session, channel_id: str) -> Licence:
    """Raises NotFound for a number without one."""
    found = select(Licence).where(Licence.open_key == channel_id).with_for_update()
    licence = session.exec(found.execution_options(populate_existing=True)).first()
    if licence is None:
        raise NotFound(channel_id=channel_id)
    return licence


def require_going_on(subscription: Subscription) -> None:
    """Raises Conflict: subscription_cancelled, subscription_ended."""
    if subscription.state == SubscriptionState.ENDED:
        raise Conflict(code="subscription_ended")
    if subscription.state == SubscriptionState.CANCELLING:
        raise Conflict(code="subscription_cancelled", ends_on=str(subscription.ends_on))


def planned_tier(session: Session, channel_id: str) -> PlanChange | None:
    """The number's smaller tier that waits for its month."""
    found = select(PlanChange).where(
        PlanChange.channel_id == channel_id,
        PlanChange.kind == ChangeKind.TIER.value,
        PlanChange.status == ChangeStatus.PLANNED.value,
    )
    return session.exec(found.order_by(col(PlanChange.at).desc())).first()
