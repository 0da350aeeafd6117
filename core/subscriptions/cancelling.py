"""A subscription is cancelled by its owners: what stands against it, the day, and taken back."""

from __future__ import annotations

import hashlib
import json
from datetime import date

from sqlmodel import Session, col, func, select

from core.access import Principal
from core.accounts.entities import Channel
from core.billing.invoices.entities import Invoice
from core.billing.invoices.statuses import OPEN
from core.errors import Conflict, InvalidInput
from core.events import EventType
from core.money import Money
from core.subscriptions.entities import Subscription
from core.subscriptions.finding import close, open_upgrade, planned
from core.subscriptions.looking import Looking
from core.subscriptions.notice import notice_end
from core.subscriptions.room import Room
from core.subscriptions.states import (
    CancelReason,
    ChangeKind,
    ChangeStatus,
    SubscriptionState,
)
from core.subscriptions.views import CancelPreview, Overview, UnpaidInvoice

_SHOWN = 20  # numbers by name; the others are counted
_LONGEST = 2000


class Cancelling:
    """Verbs of owners."""

    def __init__(self, room: Room, looking: Looking) -> None:
        self._room = room
        self._looking = looking

    def preview_cancel(self, who: Principal) -> CancelPreview:
        """What cancelling now would mean. Raises Conflict: already_cancelled,
        subscription_ended, upgrade_under_way."""
        with self._room.watching(who) as (session, subscription):
            return self._preview(session, subscription)

    def cancel(
        self,
        who: Principal,
        *,
        token: str,
        reason: CancelReason,
        text: str = "",
        knows_numbers: bool = False,
    ) -> Overview:
        """The subscription ends at its day. Raises as the preview; Conflict: preview_changed,
        unpaid_invoices; InvalidInput: numbers_not_known (field knows_numbers), text_too_long."""
        if len(text) > _LONGEST:
            raise InvalidInput(code="text_too_long", field="text", most=_LONGEST)
        with self._room.acting(who) as (session, subscription):
            shown = self._preview(session, subscription)
            if shown.token != token:
                raise Conflict(code="preview_changed")
            if shown.unpaid:
                raise Conflict(code="unpaid_invoices", numbers=[it.number for it in shown.unpaid])
            if shown.active_numbers and not knows_numbers:
                raise InvalidInput(code="numbers_not_known", field="knows_numbers")
            subscription.cancel_reason = reason.value
            subscription.cancel_text = text.replace("\x00", "").strip()
            self._cancel(session, subscription, shown.ends_on, who.person_id)
            return self._looking.seen(session, subscription)

    def take_back_cancel(self, who: Principal) -> Overview:
        """It goes on. Raises Conflict (`not_cancelled`, `subscription_ended`)."""
        with self._room.acting(who) as (session, subscription):
            if subscription.state == SubscriptionState.ENDED or self._is_over(subscription):
                raise Conflict(code="subscription_ended")
            if subscription.state != SubscriptionState.CANCELLING:
                raise Conflict(code="not_cancelled")
            self._go_on(session, subscription, who.person_id)
            return self._looking.seen(session, subscription)

    def _cancel(
        self, session: Session, subscription: Subscription, ends_on: date, actor: str
    ) -> None:
        room, partner_id = self._room, subscription.partner_id
        subscription.state, subscription.ends_on = SubscriptionState.CANCELLING.value, ends_on
        change = room.note(
            session,
            subscription,
            ChangeKind.CANCEL,
            ChangeStatus.PLANNED,
            actor=actor,
            from_plan=subscription.plan,
            effective_on=ends_on,
        )
        told = {"ends_on": str(ends_on), "reason": subscription.cancel_reason}
        room.tell(session, EventType.PLAN_CANCELLED, partner_id, actor=actor, data=told)
        key = f"plan_cancelled:{change.id}"
        room.mail(session, "plan_cancelled", partner_id, key, day=str(ends_on))

    def _go_on(self, session: Session, subscription: Subscription, actor: str) -> None:
        room, partner_id = self._room, subscription.partner_id
        subscription.state, subscription.ends_on = SubscriptionState.ACTIVE.value, None
        subscription.cancel_reason = subscription.cancel_text = ""
        subscription.version += 1
        subscription.changed_at = room.now()
        if (change := planned(session, partner_id, ChangeKind.CANCEL)) is not None:
            close(change, ChangeStatus.WITHDRAWN, room.now())
        room.tell(session, EventType.PLAN_CANCEL_WITHDRAWN, partner_id, actor=actor)
        key = f"plan_cancel_withdrawn:{partner_id}:{subscription.version}"
        room.mail(session, "plan_cancel_withdrawn", partner_id, key)

    def _is_over(self, subscription: Subscription) -> bool:
        """Its last day is over, and only the schedule has not come by yet."""
        return subscription.ends_on is not None and subscription.ends_on < self._room.today()

    def _preview(self, session: Session, subscription: Subscription) -> CancelPreview:
        if subscription.state == SubscriptionState.ENDED:
            raise Conflict(code="subscription_ended")
        if subscription.state == SubscriptionState.CANCELLING:
            raise Conflict(code="already_cancelled", ends_on=str(subscription.ends_on))
        if (change := open_upgrade(session, subscription.partner_id)) is not None:
            raise Conflict(code="upgrade_under_way", change_id=change.id)
        settings, partner_id = self._room.settings, subscription.partner_id
        days = settings.cancel_notice_days
        ends_on = notice_end(self._room.today(), days, settings.cancel_at)
        count, numbers = _active(session, partner_id)
        unpaid = _unpaid(session, partner_id)
        told = [subscription.version, str(ends_on), count, [it.invoice_id for it in unpaid]]
        return CancelPreview(
            ends_on=ends_on,
            notice_days=days,
            to_month_end=settings.cancel_at == "month_end",
            active_numbers=count,
            numbers=numbers,
            unpaid=unpaid,
            token=hashlib.sha256(json.dumps(told).encode()).hexdigest(),
        )


def _active(session: Session, partner_id: str) -> tuple[int, tuple[str, ...]]:
    """How many numbers work, and the first ones of them."""
    mine = (Channel.partner_id == partner_id, col(Channel.terminated_at).is_(None))
    live = (*mine, col(Channel.live_at).is_not(None))
    count = session.exec(select(func.count()).select_from(Channel).where(*live)).one()
    numbers = select(Channel.phone_number).where(*live).order_by(Channel.phone_number)
    return count, tuple(session.exec(numbers.limit(_SHOWN)))


def _unpaid(session: Session, partner_id: str) -> tuple[UnpaidInvoice, ...]:
    """The partner's own; its clients' are theirs."""
    found = select(Invoice).where(
        Invoice.partner_id == partner_id,
        Invoice.client_id == "",
        col(Invoice.status).in_([status.value for status in OPEN]),
    )
    return tuple(
        UnpaidInvoice(
            invoice_id=invoice.id,
            number=invoice.number,
            gross=Money(invoice.payable_micros, invoice.currency),
        )
        for invoice in session.exec(found.order_by(col(Invoice.issued_at), Invoice.id))
    )
