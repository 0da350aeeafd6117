"""Another licence for one number: a larger one at once, a smaller one from next month on."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, select

from core.access import Principal
from core.accounts.entities import Channel
from core.errors import Conflict, NotFound
from core.events import EventType
from core.money import Money
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.finding import close, open_licence, planned_tier
from core.subscriptions.licence_sums import succeed
from core.subscriptions.licensing import changed
from core.subscriptions.months import Month, start_of
from core.subscriptions.proration import share
from core.subscriptions.room import Room
from core.subscriptions.showing import licence_row
from core.subscriptions.states import (
    TIERS_OF,
    ChangeKind,
    ChangeStatus,
    PlanName,
    SubscriptionState,
    Tier,
    is_more,
)
from core.subscriptions.views import LicenceRow, TierPreview


class Tiers:
    """Verbs of owners."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def preview_tier(self, who: Principal, channel_id: str, tier: Tier) -> TierPreview:
        """Raises NotFound, Conflict: already_on_tier, tier_not_in_plan, tier_not_in_next_plan,
        subscription_ended."""
        with self._room.watching(who) as (session, subscription):
            licence = _licence(session, channel_id)
            _require(subscription, licence, tier)
            return self._preview(session, subscription, licence, tier)

    def change_tier(self, who: Principal, channel_id: str, tier: Tier) -> LicenceRow:
        """A larger tier counts at once, a smaller one from next month. Raises as the preview."""
        with self._room.acting(who, fresh=True) as (session, subscription):
            licence = open_licence(session, channel_id)
            _require(subscription, licence, tier)
            before = _tiers(licence)
            self._withdraw(session, licence)
            if is_more(tier, Tier(licence.tier)):
                licence = self._enlarge(session, subscription, licence, tier, who.person_id)
            else:
                self._plan(session, subscription, licence, tier, who.person_id)
            return self._told(session, licence, before, who.person_id)

    def take_back_tier(self, who: Principal, channel_id: str) -> LicenceRow:
        """A smaller tier that was planned is not any more. Raises NotFound, Conflict
        (`tier_not_in_next_plan`: the plan that is to come does not have the larger one)."""
        with self._room.acting(who) as (session, subscription):
            licence = open_licence(session, channel_id)
            _require_in_plan(subscription, Tier(licence.tier))
            before = _tiers(licence)
            self._withdraw(session, licence)
            return self._told(session, licence, before, who.person_id)

    def _preview(
        self, session: Session, subscription: Subscription, licence: Licence, tier: Tier
    ) -> TierPreview:
        room, today, now_on = self._room, self._room.today(), Tier(licence.tier)
        month = Month.of(today)
        # Those of the day, as the invoice of the month's last day has them.
        at = start_of(today, room.zone)
        prices = room.prices(session, subscription.partner_id, at).tiers
        is_larger = is_more(tier, now_on)
        more = max(0, (prices[tier] - prices[now_on]).micros) if is_larger else 0
        part = share(Money(more, prices[tier].currency), month.left_from(today), month.days)
        return TierPreview(
            channel_id=licence.channel_id,
            from_tier=now_on,
            to_tier=tier,
            effective_on=today if is_larger else month.next.first,
            pro_rata=part,
            monthly=prices[tier],
        )

    def _enlarge(
        self,
        session: Session,
        subscription: Subscription,
        licence: Licence,
        tier: Tier,
        actor: str,
    ) -> Licence:
        now = self._room.now()
        fresh = Licence(
            partner_id=licence.partner_id,
            channel_id=licence.channel_id,
            tier=tier.value,
            from_tier=licence.tier,
            since=now,
        )
        succeed(session, licence, fresh, now)
        today = self._room.today()
        self._note(session, subscription, fresh, ChangeStatus.DONE, actor, today)
        return fresh

    def _plan(
        self,
        session: Session,
        subscription: Subscription,
        licence: Licence,
        tier: Tier,
        actor: str,
    ) -> None:
        first = Month.of(self._room.today()).next.first
        licence.next_tier, licence.next_from = tier.value, first
        self._note(session, subscription, licence, ChangeStatus.PLANNED, actor, first)

    def _note(  # noqa: PLR0917  a row of the history
        self,
        session: Session,
        subscription: Subscription,
        licence: Licence,
        status: ChangeStatus,
        actor: str,
        on: date,
    ) -> None:
        is_planned = status is ChangeStatus.PLANNED
        self._room.note(
            session,
            subscription,
            ChangeKind.TIER,
            status,
            actor=actor,
            channel_id=licence.channel_id,
            from_tier=licence.tier if is_planned else licence.from_tier,
            to_tier=licence.next_tier if is_planned else licence.tier,
            effective_on=on,
        )

    def _withdraw(self, session: Session, licence: Licence) -> None:
        if not licence.next_tier:
            return
        licence.next_tier, licence.next_from = "", None
        if (change := planned_tier(session, licence.channel_id)) is not None:
            close(change, ChangeStatus.WITHDRAWN, self._room.now())

    def _told(
        self, session: Session, licence: Licence, before: dict[str, str], actor: str
    ) -> LicenceRow:
        room, channel = self._room, session.get_one(Channel, licence.channel_id)
        about = ("licence", licence.channel_id)
        kind, told = EventType.LICENCE_CHANGED, {"change": changed(before, _tiers(licence))}
        room.tell(session, kind, licence.partner_id, subject=about, actor=actor, data=told)
        session.flush()
        return licence_row(licence, channel, room.prices(session, licence.partner_id))


def _tiers(licence: Licence) -> dict[str, str]:
    return {"tier": licence.tier, "next_tier": licence.next_tier}


def _licence(session: Session, channel_id: str) -> Licence:
    found = select(Licence).where(Licence.open_key == channel_id)
    licence = session.exec(found).first()
    if licence is None:
        raise NotFound(channel_id=channel_id)
    return licence


def _require(subscription: Subscription, licence: Licence, tier: Tier) -> None:
    """A plan that is to come has to have the tier, too: it would be lost with it."""
    if subscription.state == SubscriptionState.ENDED:
        raise Conflict(code="subscription_ended")
    if tier in (licence.tier, licence.next_tier):
        raise Conflict(code="already_on_tier", tier=tier.value)
    _require_in_plan(subscription, tier)


def _require_in_plan(subscription: Subscription, tier: Tier) -> None:
    plan = PlanName(subscription.plan)
    if tier not in TIERS_OF[plan]:
        raise Conflict(code="tier_not_in_plan", tier=tier.value, plan=plan.value)
    coming = PlanName(subscription.next_plan or plan)
    if tier not in TIERS_OF[coming]:
        raise Conflict(code="tier_not_in_next_plan", tier=tier.value, plan=coming.value)
