"""The calendar of one subscription: its periods begin, what was added is charged, it ends.

Each step is one transaction with its invoices; their keys make a repeat harmless, and the days
`plan_through` and `licences_through` say how far it has come.
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from core.billing.invoices.document import InvoiceKind, Period
from core.billing.invoices.drafts import DraftLine, InvoiceDraft
from core.billing.ledger import Payer
from core.events import EventType
from core.subscriptions.due import Step, next_step, period_from
from core.subscriptions.ending import end
from core.subscriptions.entities import Subscription
from core.subscriptions.finding import close, open_upgrade, planned
from core.subscriptions.licence_sums import (
    charge_added,
    licensed_from,
    move_planned,
)
from core.subscriptions.licensing import sync
from core.subscriptions.lines import licence_lines, plan_line
from core.subscriptions.months import DAY, Month, start_of
from core.subscriptions.room import Room
from core.subscriptions.states import ChangeKind, ChangeStatus, PlanName, SubscriptionState

# Ten years; a step that leads nowhere must not turn for ever.
MOST_STEPS = 240


class Billing:
    """In the caller's transaction; the subscription is locked."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def catch_up(self, session: Session, subscription: Subscription) -> int:
        """Everything due is done; how many steps it took."""
        steps = 0
        while steps < MOST_STEPS and self.advance(session, subscription):
            steps += 1
        return steps

    def advance(self, session: Session, subscription: Subscription) -> bool:
        """One step; False when nothing is due, or an upgrade has to end first."""
        if subscription.state == SubscriptionState.ENDED:
            return False
        step = next_step(
            plan_through=subscription.plan_through,
            licences_through=subscription.licences_through,
            ends_on=subscription.ends_on,
            today=self._room.today(),
        )
        if step is None:
            return False
        sync(self._room, session, subscription)
        if step is Step.ADDED:
            self._charge_added(session, subscription)
        elif step is Step.END:
            end(self._room, session, subscription)
        elif open_upgrade(session, subscription.partner_id) is not None:
            # The new period costs what the plan is then: known once the charge has ended.
            return False
        else:
            self._begin_period(session, subscription)
        session.flush()
        return True

    def _charge_added(self, session: Session, subscription: Subscription) -> None:
        """On the last day of a month, for what was added within it."""
        month = Month.of(subscription.licences_through + DAY)
        lines = charge_added(self._room, session, subscription, before=month.next.first)
        key = f"licences_added:{subscription.partner_id}:{month.name}"
        self._issue(
            session, subscription, InvoiceKind.LICENCES, key, lines, (month.first, month.last)
        )
        subscription.licences_through = month.last

    def _begin_period(self, session: Session, subscription: Subscription) -> None:
        room, partner_id = self._room, subscription.partner_id
        first = subscription.plan_through + DAY
        last = period_from(first, subscription.ends_on)
        if first.day == 1:
            self._apply_planned(session, subscription, first)
        plan = PlanName(subscription.plan)
        prices = room.prices(session, partner_id, start_of(first, room.zone))
        line = plan_line(plan, prices.plans[plan], first, last)
        span, key = (first, last), f"plan:{partner_id}:{first}"
        self._issue(session, subscription, InvoiceKind.PLAN, key, (line,), span)
        if first.day == 1:
            lines = self._licence_lines(session, subscription, first)
            key = f"licences:{partner_id}:{first}"
            self._issue(session, subscription, InvoiceKind.LICENCES, key, lines, span)
        subscription.plan_through = last

    def _licence_lines(
        self, session: Session, subscription: Subscription, first: date
    ) -> tuple[DraftLine, ...]:
        """All numbers of the new month, and what was added on the last day of the old one."""
        room = self._room
        late = charge_added(room, session, subscription, before=first)
        numbers = licensed_from(room, session, subscription.partner_id, first)
        at = start_of(first, room.zone)
        prices = room.prices(session, subscription.partner_id, at).tiers
        return (*licence_lines(numbers, prices, Month.of(first)), *late)

    def _apply_planned(self, session: Session, subscription: Subscription, first: date) -> None:
        """Smaller plan and smaller licences count from today, before anything is invoiced."""
        room, partner_id = self._room, subscription.partner_id
        move_planned(room, session, subscription, first)
        on = subscription.next_plan_on
        if on is None or on > first:
            return
        was, subscription.plan = subscription.plan, subscription.next_plan
        subscription.next_plan, subscription.next_plan_on = "", None
        subscription.version += 1
        change = planned(session, partner_id, ChangeKind.DOWNGRADE)
        if change is not None:
            close(change, ChangeStatus.DONE, room.now())
        told = {"from": was, "to": subscription.plan}
        room.tell(session, EventType.PLAN_CHANGED, partner_id, data=told)
        key, plan = f"plan_downgraded:{partner_id}:{first}", subscription.plan.title()
        room.mail(session, "plan_downgraded", partner_id, key, plan=plan)

    def _issue(  # noqa: PLR0917  what an invoice is made of
        self,
        session: Session,
        subscription: Subscription,
        kind: InvoiceKind,
        key: str,
        lines: tuple[DraftLine, ...],
        span: tuple[date, date],
    ) -> None:
        """Nothing to pay is no invoice."""
        if not sum(line.net.micros for line in lines):
            return
        draft = InvoiceDraft(
            key=key,
            kind=kind,
            payer=Payer(partner_id=subscription.partner_id),
            currency=lines[0].net.currency,
            lines=lines,
            period=Period(first=span[0], last=span[1]),
        )
        self._room.issuing.issue(session, draft)
