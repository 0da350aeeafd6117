"""A subscription's last moment: what is left is charged, numbers end, nothing follows."""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.accounts.cancelling import end_now
from core.accounts.entities import Channel
from core.billing.invoices.document import InvoiceKind, Period
from core.billing.invoices.drafts import InvoiceDraft
from core.billing.ledger import Payer
from core.events import EventType
from core.partners.entities import Partner
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.finding import close, planned
from core.subscriptions.licence_sums import charge_added
from core.subscriptions.licensing import end_licence
from core.subscriptions.months import DAY, Month
from core.subscriptions.room import Room
from core.subscriptions.states import ChangeKind, ChangeStatus, SubscriptionState


def end(room: Room, session: Session, subscription: Subscription) -> None:
    """`subscription.ends_on` is over: no invoice, no number and no new client from now on."""
    partner_id, now = subscription.partner_id, room.now()
    _charge_rest(room, session, subscription)
    subscription.state = SubscriptionState.ENDED.value
    subscription.next_plan, subscription.next_plan_on = "", None
    subscription.version += 1
    subscription.changed_at = now
    for kind, status in _CLOSED:
        if (change := planned(session, partner_id, kind)) is not None:
            close(change, status, now)
    found = select(Licence).where(Licence.partner_id == partner_id, col(Licence.until).is_(None))
    for licence in session.exec(found).all():
        end_licence(session, licence, now, now)
    session.get_one(Partner, partner_id).plan_ended = True
    session.flush()
    for channel_id in _numbers(session, partner_id):
        end_now(session, room.clock, room.jobs, channel_id, by="hub")
    room.tell(
        session, EventType.PLAN_ENDED, partner_id, data={"ends_on": str(subscription.ends_on)}
    )
    key = f"plan_ended:{partner_id}:{subscription.ends_on}"
    room.mail(session, "plan_ended", partner_id, key)


def _numbers(session: Session, partner_id: str) -> list[str]:
    found = select(Channel.id).where(
        Channel.partner_id == partner_id, col(Channel.terminated_at).is_(None)
    )
    return list(session.exec(found.order_by(Channel.id)))


def _charge_rest(room: Room, session: Session, subscription: Subscription) -> None:
    """What was added after the last invoice, up to the end."""
    last = subscription.ends_on or room.today()
    lines = charge_added(room, session, subscription, before=last + DAY)
    if not sum(line.net.micros for line in lines):
        return
    draft = InvoiceDraft(
        key=f"licences_ended:{subscription.partner_id}:{last}",
        kind=InvoiceKind.LICENCES,
        payer=Payer(partner_id=subscription.partner_id),
        currency=lines[0].net.currency,
        lines=lines,
        period=Period(first=Month.of(last).first, last=last),
    )
    room.issuing.issue(session, draft)


_CLOSED = (
    (ChangeKind.CANCEL, ChangeStatus.DONE),
    (ChangeKind.DOWNGRADE, ChangeStatus.WITHDRAWN),
)
