"""An ended subscription begins anew: an operator's verb, after the partner has asked Support.

The numbers stay ended, clients bring them back by an onboarding; what was invoiced stays.
"""

from __future__ import annotations

from core.errors import Conflict
from core.events import EventType
from core.partners.entities import Partner
from core.subscriptions.finding import fresh
from core.subscriptions.room import Room
from core.subscriptions.states import ChangeKind, ChangeStatus, PlanName, SubscriptionState


class Returning:
    """For the operator's prompt; no page calls it."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def begin_again(self, partner_id: str) -> None:
        """On the smallest plan from today on, the rest of the month is invoiced within a minute.

        Raises NotFound, Conflict (`subscription_goes_on`).
        """
        room = self._room
        with room.writing(partner_id) as session:
            subscription = room.held(session, partner_id)
            if subscription.state != SubscriptionState.ENDED:
                raise Conflict(code="subscription_goes_on", partner_id=partner_id)
            today = room.today()
            anew = fresh(partner_id, now=room.now(), today=today)
            subscription.plan, subscription.state = anew.plan, SubscriptionState.ACTIVE.value
            subscription.ends_on, subscription.started_on = None, today
            subscription.cancel_reason, subscription.cancel_text = "", ""
            # A day that was invoiced before the end is not invoiced twice.
            through = subscription.plan_through, subscription.licences_through
            subscription.plan_through = max(through[0], anew.plan_through)
            subscription.licences_through = max(through[1], anew.licences_through)
            session.get_one(Partner, partner_id).plan_ended = False
            room.note(
                session,
                subscription,
                ChangeKind.STARTED,
                ChangeStatus.DONE,
                actor="hub",
                to_plan=subscription.plan,
                effective_on=today,
            )
            told = {"from": "", "to": PlanName(subscription.plan).value}
            room.tell(session, EventType.PLAN_CHANGED, partner_id, data=told)
