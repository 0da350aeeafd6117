"""Back to a smaller plan, from the next period on: by Support, or by owners where they may."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from core.access import Principal
from core.accounts.entities import Channel
from core.errors import Conflict, Forbidden
from core.events import EventType
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.finding import close, planned, require_going_on
from core.subscriptions.looking import Looking
from core.subscriptions.months import DAY
from core.subscriptions.prices import Prices
from core.subscriptions.room import Room
from core.subscriptions.showing import licence_row
from core.subscriptions.states import TIERS_OF, ChangeKind, ChangeStatus, PlanName
from core.subscriptions.views import DowngradePreview, LicenceRow, Overview

_SHOWN = 50  # licences that stand against it; who has changed these sees the next


class Downgrading:
    """Verbs of owners, and of the desk in its own transaction."""

    def __init__(self, room: Room, looking: Looking) -> None:
        self._room = room
        self._looking = looking

    def preview_downgrade(self, who: Principal) -> DowngradePreview:
        """Raises Conflict: already_on_plan, downgrade_planned, subscription_cancelled,
        subscription_ended."""
        with self._room.watching(who) as (session, subscription):
            return self._preview(session, subscription)

    def downgrade_self(self, who: Principal) -> Overview:
        """The smaller plan from the next period on, where the operator lets owners do it.

        Raises as `preview_downgrade`; Forbidden (`through_support`); Conflict
        (`licences_against`, with `numbers`).
        """
        if not self._room.settings.self_service_downgrade:
            raise Forbidden(code="through_support")
        with self._room.acting(who) as (session, subscription):
            self._plan(session, subscription, who.person_id)
            return self._looking.seen(session, subscription)

    def take_back_downgrade(self, who: Principal) -> Overview:
        """The plan stays. Raises Conflict (`no_downgrade_planned`)."""
        with self._room.acting(who) as (session, subscription):
            if not subscription.next_plan or self._has_begun(subscription):
                raise Conflict(code="no_downgrade_planned")
            self._withdraw(session, subscription, who.person_id)
            return self._looking.seen(session, subscription)

    def preview_downgrade_of(self, session: Session, partner_id: str) -> DowngradePreview:
        """As `preview_downgrade`, for a caller with a gate of its own."""
        return self._preview(session, self._room.found(session, partner_id))

    def downgrade_of(self, session: Session, partner_id: str, *, by: str) -> DowngradePreview:
        """As `downgrade_self`, whatever the operator lets owners do; `by` is a person's id."""
        return self._plan(session, self._room.held(session, partner_id), by)

    def _plan(self, session: Session, subscription: Subscription, actor: str) -> DowngradePreview:
        room, shown = self._room, self._preview(session, subscription)
        if shown.against:
            count = self._count_against(session, subscription.partner_id, shown.to)
            raise Conflict(code="licences_against", numbers=count)
        subscription.next_plan, subscription.next_plan_on = shown.to.value, shown.effective_on
        change = room.note(
            session,
            subscription,
            ChangeKind.DOWNGRADE,
            ChangeStatus.PLANNED,
            actor=actor,
            from_plan=subscription.plan,
            to_plan=shown.to.value,
            effective_on=shown.effective_on,
        )
        self._tell(session, EventType.PLAN_CHANGE_PLANNED, subscription, actor)
        day, plan = str(shown.effective_on), shown.to.value.title()
        key, partner_id = f"plan_downgrade_planned:{change.id}", subscription.partner_id
        room.mail(session, "plan_downgrade_planned", partner_id, key, day=day, plan=plan)
        return shown

    def _withdraw(self, session: Session, subscription: Subscription, actor: str) -> None:
        room = self._room
        self._tell(session, EventType.PLAN_CHANGE_WITHDRAWN, subscription, actor)
        subscription.next_plan, subscription.next_plan_on = "", None
        subscription.version += 1
        subscription.changed_at = room.now()
        change = planned(session, subscription.partner_id, ChangeKind.DOWNGRADE)
        if change is not None:
            close(change, ChangeStatus.WITHDRAWN, room.now())

    def _has_begun(self, subscription: Subscription) -> bool:
        """Its day has come, and only the schedule has not come by yet."""
        on = subscription.next_plan_on
        return on is not None and on <= self._room.today()

    def _preview(self, session: Session, subscription: Subscription) -> DowngradePreview:
        room, plan, to = self._room, PlanName(subscription.plan), PlanName.GROWTH
        require_going_on(subscription)
        if plan is to:
            raise Conflict(code="already_on_plan", plan=to.value)
        if subscription.next_plan:
            raise Conflict(code="downgrade_planned", on=str(subscription.next_plan_on))
        prices = room.prices(session, subscription.partner_id)
        return DowngradePreview(
            to=to,
            effective_on=self._next_period(subscription),
            price=prices.plans[plan],
            new_price=prices.plans[to],
            saves=prices.plans[plan] - prices.plans[to],
            against=self._against(session, subscription.partner_id, to, prices),
        )

    def _next_period(self, subscription: Subscription) -> date:
        return max(subscription.plan_through, self._room.today()) + DAY

    def _against(
        self, session: Session, partner_id: str, to: PlanName, prices: Prices
    ) -> tuple[LicenceRow, ...]:
        found = (
            select(Licence, Channel)
            .join(Channel, col(Channel.id) == col(Licence.channel_id))
            .where(*_stays_too_large(partner_id, to))
            .order_by(Channel.phone_number)
            .limit(_SHOWN)
        )
        rows = session.exec(found).all()
        return tuple(licence_row(licence, channel, prices) for licence, channel in rows)

    def _count_against(self, session: Session, partner_id: str, to: PlanName) -> int:
        found = select(func.count()).select_from(Licence).where(*_stays_too_large(partner_id, to))
        return session.exec(found).one()

    def _tell(
        self, session: Session, type_: EventType, subscription: Subscription, actor: str
    ) -> None:
        told = {
            "from": subscription.plan,
            "to": subscription.next_plan,
            "on": str(subscription.next_plan_on),
        }
        self._room.tell(session, type_, subscription.partner_id, actor=actor, data=told)


def _stays_too_large(partner_id: str, to: PlanName) -> tuple[ColumnElement[bool], ...]:
    """Open licences that the plan does not have, and that are not to be smaller by then."""
    tier = func.coalesce(func.nullif(Licence.next_tier, ""), Licence.tier)
    return (
        col(Licence.partner_id) == partner_id,
        col(Licence.until).is_(None),
        tier.not_in([each.value for each in TIERS_OF[to]]),
    )
