"""The subscription as it stands, its licences and its history; reads in one session each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, and_, col, func, or_, select

from core.access import Principal
from core.accounts.cursors import Cursor, decode, encode
from core.accounts.entities import Channel
from core.errors import Conflict
from core.partners.entities import Partner
from core.subscriptions.due import period_from
from core.subscriptions.entities import Licence, PlanChange, Subscription
from core.subscriptions.finding import open_upgrade
from core.subscriptions.forecast import last_day_invoice, next_invoice
from core.subscriptions.months import Month
from core.subscriptions.prices import Prices
from core.subscriptions.room import Room
from core.subscriptions.showing import change_rows, licence_row, upgrade_view
from core.subscriptions.states import (
    ANSWERED_FIRST,
    TIERS_OF,
    CancelReason,
    PlanName,
    SubscriptionState,
    Tier,
)
from core.subscriptions.views import (
    ChangeRow,
    Facts,
    LicenceRow,
    LicenceSum,
    NextInvoice,
    Overview,
    PlanOffer,
)

_Forecast = Callable[[Room, Session, Subscription], NextInvoice | None]

_MOST = 200


class Looking:
    """Verbs of owners, and for the desk."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def overview(self, who: Principal) -> Overview:
        """The subscription as it stands now."""
        with self._room.watching(who) as (session, subscription):
            return self.seen(session, subscription)

    def seen(self, session: Session, subscription: Subscription) -> Overview:
        """The same, in the caller's session."""
        room, partner_id = self._room, subscription.partner_id
        session.flush()
        today, plan = room.today(), PlanName(subscription.plan)
        prices = room.prices(session, partner_id)
        change = open_upgrade(session, partner_id)
        month, state = Month.of(today), SubscriptionState(subscription.state)
        return Overview(
            plan=plan,
            state=state,
            price=prices.plans[plan],
            currency=prices.plans[plan].currency,
            zone=room.settings.billing_zone,
            period_first=max(month.first, subscription.started_on),
            period_last=period_from(today, subscription.ends_on),
            next_plan=PlanName(subscription.next_plan) if subscription.next_plan else None,
            next_plan_on=subscription.next_plan_on,
            ends_on=subscription.ends_on,
            cancel_reason=_reason(subscription),
            is_unpaid=session.get_one(Partner, partner_id).plan_unpaid,
            open_change=upgrade_view(session, change) if change else None,
            last_day_invoice=self._told(last_day_invoice, session, subscription),
            next_invoice=self._told(next_invoice, session, subscription),
            licences=_sums(session, partner_id, prices),
            may_downgrade_self=room.settings.self_service_downgrade,
        )

    def plans(self, who: Principal) -> tuple[PlanOffer, ...]:
        """All plans, the smaller one first."""
        with self._room.watching(who) as (session, subscription):
            prices = self._room.prices(session, subscription.partner_id)
            return tuple(
                PlanOffer(
                    plan=plan,
                    price=prices.plans[plan],
                    is_current=plan.value == subscription.plan,
                    tiers=TIERS_OF[plan],
                    answers_first=plan in ANSWERED_FIRST,
                )
                for plan in PlanName
            )

    def licences(
        self, who: Principal, *, cursor: str = "", search: str = "", limit: int = 50
    ) -> tuple[list[LicenceRow], str]:
        """A page of licensed numbers by number, and the next page's cursor ('' at the end)."""
        limit = max(1, min(limit, _MOST))
        with self._room.watching(who) as (session, subscription):
            prices = self._room.prices(session, subscription.partner_id)
            found = (
                select(Licence, Channel)
                .join(Channel, col(Channel.id) == col(Licence.channel_id))
                .where(Licence.partner_id == subscription.partner_id, col(Licence.until).is_(None))
            )
            if wanted := search.replace("\x00", "").strip().lower()[:100]:
                found = found.where(col(Channel.search_text).contains(wanted, autoescape=True))
            if after := decode(cursor, "number", str):
                number, id_ = col(Channel.phone_number), col(Channel.id)
                later = or_(number > after.value, and_(number == after.value, id_ > after.id))
                found = found.where(later)
            ordered = found.order_by(Channel.phone_number, Channel.id).limit(limit + 1)
            rows = session.exec(ordered).all()
            shown = [licence_row(licence, channel, prices) for licence, channel in rows[:limit]]
        if len(rows) <= limit:
            return shown, ""
        last = shown[-1]
        return shown, encode(Cursor("number", last.phone_number, last.channel_id))

    def history(
        self, who: Principal, *, cursor: str = "", limit: int = 50
    ) -> tuple[list[ChangeRow], str]:
        """A page of changes, the newest first, and the next page's cursor."""
        limit = max(1, min(limit, _MOST))
        with self._room.watching(who) as (session, subscription):
            found = select(PlanChange).where(PlanChange.partner_id == subscription.partner_id)
            if before := decode(cursor, "at", datetime):
                at, id_ = col(PlanChange.at), col(PlanChange.id)
                older = or_(at < before.value, and_(at == before.value, id_ < before.id))
                found = found.where(older)
            ordered = found.order_by(col(PlanChange.at).desc(), col(PlanChange.id).desc())
            rows = session.exec(ordered.limit(limit + 1)).all()
            shown = change_rows(session, rows[:limit])
        if len(rows) <= limit:
            return shown, ""
        return shown, encode(Cursor("at", shown[-1].at, shown[-1].id))

    def facts_of(self, session: Session, partner_id: str) -> Facts:
        """The subscription in a few words, for the desk."""
        subscription = self._room.found(session, partner_id)
        plan = PlanName(subscription.plan)
        counted = select(func.count()).where(
            Licence.partner_id == partner_id, col(Licence.until).is_(None)
        )
        return Facts(
            plan=plan,
            state=SubscriptionState(subscription.state),
            next_plan=PlanName(subscription.next_plan) if subscription.next_plan else None,
            next_plan_on=subscription.next_plan_on,
            ends_on=subscription.ends_on,
            is_unpaid=session.get_one(Partner, partner_id).plan_unpaid,
            numbers=session.exec(counted).one(),
            answers_first=plan in ANSWERED_FIRST,
        )

    def _told(
        self, invoice: _Forecast, session: Session, subscription: Subscription
    ) -> NextInvoice | None:
        """None also where it could not be issued today: no tax rate, no price."""
        try:
            return invoice(self._room, session, subscription)
        except Conflict:
            return None


def _sums(session: Session, partner_id: str, prices: Prices) -> tuple[LicenceSum, ...]:
    found = (
        select(Licence.tier, func.count())
        .where(Licence.partner_id == partner_id, col(Licence.until).is_(None))
        .group_by(Licence.tier)
    )
    counts = {Tier(name): count for name, count in session.exec(found)}
    return tuple(
        LicenceSum(
            tier=tier,
            numbers=counts[tier],
            price=prices.tiers[tier],
            total=prices.tiers[tier].times(counts[tier]),
        )
        for tier in Tier
        if tier in counts
    )


def _reason(subscription: Subscription) -> CancelReason | None:
    return CancelReason(subscription.cancel_reason) if subscription.cancel_reason else None
