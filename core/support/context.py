"""What staff see of a partner beside the chat: facts of the other slices, as they are now."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from core.accounts.entities import Channel
from core.billing.invoices.entities import Invoice
from core.billing.invoices.statuses import InvoiceStatus
from core.billing.ledger import Ledger, Payer
from core.errors import NotFound
from core.money import Money
from core.partners.entities import BillingModel, Partner
from core.partners.members import members
from core.subscriptions.views import Facts
from core.support.entities import Conversation
from core.support.room import Room
from core.support.views import PartnerContext

_OPEN = (InvoiceStatus.PENDING.value, InvoiceStatus.UNPAID.value)


def context_of(session: Session, room: Room, partner_id: str) -> PartnerContext:
    """As `Desk.context`, in the partner's scope."""
    partner = session.get_one(Partner, partner_id)
    plan = _plan(session, room, partner_id)
    invoices, owed = _open_invoices(session, partner)
    return PartnerContext(
        partner_id=partner.id,
        name=partner.brand_name,
        country=partner.country,
        billing_model=partner.billing_model,
        currency=partner.currency,
        since=partner.created_at,
        is_blocked=partner.blocked,
        is_plan_unpaid=partner.plan_unpaid,
        takes_partner_changes=partner.partner_change_auto_approve,
        plan=plan.plan if plan else None,
        plan_state=plan.state if plan else None,
        next_plan=plan.next_plan if plan else None,
        available=_available(session, room, partner),
        open_invoices=invoices,
        open_sum=owed,
        numbers=_numbers(session, partner_id),
        people=tuple(members(session, partner_id)),
        conversations=_conversations(session),
    )


def _plan(session: Session, room: Room, partner_id: str) -> Facts | None:
    """None for a partner that has no subscription (yet)."""
    try:
        return room.plans.facts_of(session, partner_id)
    except NotFound:
        return None


def _available(session: Session, room: Room, partner: Partner) -> Money | None:
    if partner.billing_model != BillingModel.PARTNER_PAID.value:
        return None
    payer = Payer(partner_id=partner.id)
    return Ledger(session, room.clock).credit_of(payer, partner.currency).available


def _open_invoices(session: Session, partner: Partner) -> tuple[int, Money]:
    """The partner's own; its clients' are the clients' business."""
    found = select(func.count(), func.coalesce(func.sum(col(Invoice.gross_micros)), 0)).where(
        col(Invoice.client_id) == "",
        col(Invoice.currency) == partner.currency,
        col(Invoice.status).in_(_OPEN),
    )
    count, micros = session.exec(found.select_from(Invoice)).one()
    return count, Money(int(micros), partner.currency)


def _numbers(session: Session, partner_id: str) -> tuple[tuple[str, int], ...]:
    """By raw status; what has ended is `terminated`."""
    found = (
        select(Channel.status, col(Channel.terminated_at).is_not(None), func.count())
        .where(Channel.partner_id == partner_id)
        .group_by(col(Channel.status), col(Channel.terminated_at).is_not(None))
    )
    counts: dict[str, int] = {}
    for status, has_ended, count in session.exec(found):
        name = "terminated" if has_ended else status
        counts[name] = counts.get(name, 0) + count
    return tuple(sorted(counts.items()))


def _conversations(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Conversation)).one()
