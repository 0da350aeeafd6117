"""The next regular invoices as they would be issued today: by the very lines of the renewal."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, func, select

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine, InvoiceDraft
from core.billing.ledger import Payer
from core.money import Money
from core.subscriptions.due import period_from
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.licence_sums import added_so_far, goes_on_in
from core.subscriptions.lines import licence_lines, plan_line
from core.subscriptions.months import DAY, Month, start_of
from core.subscriptions.room import Room
from core.subscriptions.showing import quote_lines
from core.subscriptions.states import PlanName, SubscriptionState, Tier
from core.subscriptions.views import NextInvoice


def next_invoice(room: Room, session: Session, subscription: Subscription) -> NextInvoice | None:
    """None when nothing will be invoiced any more. Raises Conflict as the invoice would."""
    first, ends_on = subscription.plan_through + DAY, subscription.ends_on
    if subscription.state == SubscriptionState.ENDED or (ends_on is not None and ends_on < first):
        return None
    plan = PlanName(subscription.next_plan or subscription.plan)
    return with_plan(room, session, subscription, plan)


def with_plan(
    room: Room, session: Session, subscription: Subscription, chosen: PlanName
) -> NextInvoice:
    """Plan and licences of the next period, as if `chosen` were the plan by then."""
    first = subscription.plan_through + DAY
    prices = room.prices(session, subscription.partner_id, start_of(first, room.zone))
    last = period_from(first, subscription.ends_on)
    drafts = [
        _draft(
            subscription, InvoiceKind.PLAN, (plan_line(chosen, prices.plans[chosen], first, last),)
        )
    ]
    if first.day == 1:
        numbers = _licensed(session, subscription.partner_id, first)
        late = _late(room, session, subscription, first)
        lines = (*licence_lines(numbers, prices.tiers, Month.of(first)), *late)
        if lines:
            drafts.append(_draft(subscription, InvoiceKind.LICENCES, lines))
    return _together(room, session, first, drafts)


def last_day_invoice(
    room: Room, session: Session, subscription: Subscription
) -> NextInvoice | None:
    """What was added in the month that is not closed yet; None when nothing was.

    Raises Conflict as the invoice would.
    """
    month = Month.of(subscription.licences_through + DAY)
    if month.last > subscription.plan_through:
        return None
    lines = added_so_far(room, session, subscription, before=month.next.first)
    if not sum(line.net.micros for line in lines):
        return None
    draft = _draft(subscription, InvoiceKind.LICENCES, lines)
    return _together(room, session, month.last, [draft])


def _late(
    room: Room, session: Session, subscription: Subscription, first: date
) -> tuple[DraftLine, ...]:
    """What was added after the last day's invoice was issued comes with the new month."""
    if subscription.licences_through + DAY < first:
        return ()
    return added_so_far(room, session, subscription, before=first)


def _together(room: Room, session: Session, on: date, drafts: list[InvoiceDraft]) -> NextInvoice:
    told = [room.issuing.preview(session, draft) for draft in drafts]
    zero = Money(0, told[0].totals.net.currency)
    return NextInvoice(
        on=on,
        lines=tuple(line for figures in told for line in quote_lines(figures)),
        net=sum((figures.totals.net for figures in told), zero),
        tax=sum((figures.totals.tax for figures in told), zero),
        gross=sum((figures.totals.gross for figures in told), zero),
        tax_note=told[0].tax.treatment.sentence,
    )


def _licensed(session: Session, partner_id: str, first: date) -> dict[Tier, int]:
    """How many open licences of each tier there will be after what is planned by then."""
    tier = func.coalesce(func.nullif(Licence.next_tier, ""), Licence.tier)
    found = (
        select(tier, func.count())
        .where(
            col(Licence.partner_id) == partner_id,
            col(Licence.until).is_(None),
            goes_on_in(first),
        )
        .group_by(tier)
    )
    return {Tier(name): count for name, count in session.exec(found)}


def _draft(
    subscription: Subscription, kind: InvoiceKind, lines: tuple[DraftLine, ...]
) -> InvoiceDraft:
    return InvoiceDraft(
        key="preview",
        kind=kind,
        payer=Payer(partner_id=subscription.partner_id),
        currency=lines[0].net.currency,
        lines=lines,
    )
