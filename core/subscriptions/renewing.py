"""Looks after every subscription: each minute on one process, and safe to run twice.

A hub that stood still makes up for what it missed, month by month; a partner whose invoice cannot
be made is told of in the log and does not keep the others waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlmodel import col, or_, select

from core.billing.ledger import Payer
from core.errors import HubError
from core.partners.entities import Partner
from core.subscriptions.billing import MOST_STEPS, Billing
from core.subscriptions.entities import PlanChange, Subscription
from core.subscriptions.finding import open_upgrade
from core.subscriptions.licensing import out_of_step, sync
from core.subscriptions.months import DAY, Month
from core.subscriptions.room import SWEEP, Room
from core.subscriptions.states import SubscriptionState

log = structlog.get_logger()

_EVERY = timedelta(minutes=1)


class Renewing:
    """Registered as the schedule `subscriptions`."""

    def __init__(self, room: Room, billing: Billing) -> None:
        self._room = room
        self._billing = billing
        room.jobs.schedule("subscriptions", _EVERY, self.look)

    def look(self) -> int:
        """New partners have a plan, live numbers a licence, and what is due is done; how many
        steps it took."""
        for partner_id in self._without():
            self._try(self._begin, partner_id)
        for partner_id in out_of_step(self._room):
            self._try(self._sync, partner_id)
        for partner_id in self._stale():
            self._try(self._end_stale, partner_id)
        return sum(self._try(self._bring_up, partner_id) for partner_id in self._due())

    def _bring_up(self, partner_id: str) -> int:
        steps = 0
        while steps < MOST_STEPS and self._step(partner_id):
            steps += 1
        return steps

    def _step(self, partner_id: str) -> bool:
        with self._room.writing(partner_id) as session:
            subscription = self._room.held(session, partner_id)
            return self._billing.advance(session, subscription)

    def _begin(self, partner_id: str) -> int:
        with self._room.writing(partner_id) as session:
            self._room.held(session, partner_id)
        return 1

    def _sync(self, partner_id: str) -> int:
        with self._room.writing(partner_id) as session:
            return sync(self._room, session, self._room.held(session, partner_id))

    def _end_stale(self, partner_id: str) -> int:
        """Nobody has confirmed the upgrade in its month: it is not charged any more."""
        with self._room.writing(partner_id) as session:
            change = open_upgrade(session, partner_id)
        if change is not None:
            self._room.payments.give_up_for(Payer(partner_id=partner_id), change.payment_id)
        return 1

    def _without(self) -> list[str]:
        found = (
            select(Partner.id)
            .outerjoin(Subscription, col(Subscription.partner_id) == col(Partner.id))
            .where(col(Subscription.id).is_(None))
        )
        with self._room.database.reading(SWEEP) as session:
            return list(session.exec(found))

    def _stale(self) -> list[str]:
        """Partners with an open upgrade for days of a month that is over."""
        room = self._room
        first = Month.of(room.today()).first
        found = select(PlanChange.partner_id).where(
            col(PlanChange.slot).is_not(None), col(PlanChange.effective_on) < first
        )
        with room.database.reading(SWEEP) as session:
            return list(session.exec(found))

    def _due(self) -> list[str]:
        today = self._room.today()
        month = Month.of(today)
        added_by = today if today == month.last else month.first - DAY
        found = select(Subscription.partner_id).where(
            Subscription.state != SubscriptionState.ENDED.value,
            or_(
                col(Subscription.plan_through) < today,
                col(Subscription.licences_through) < added_by,
                col(Subscription.ends_on) < today,
            ),
        )
        with self._room.database.reading(SWEEP) as session:
            return list(session.exec(found.order_by(Subscription.partner_id)))

    def _try(self, act: Callable[[str], int], partner_id: str) -> int:
        try:
            return act(partner_id)
        except HubError as error:
            log.warning(
                "subscription_not_renewed",
                act=act.__name__,
                partner_id=partner_id,
                code=error.code,
                about=error.about,
            )
            return 0
