"""Rows as pages see them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from core.accounts.entities import Channel
from core.billing.invoices.entities import Invoice
from core.billing.invoices.figures import Figures
from core.billing.payments.entities import Payment
from core.billing.payments.states import PaymentStatus
from core.errors import NotFound
from core.partners.entities import Person
from core.subscriptions.entities import Licence, PlanChange
from core.subscriptions.prices import Prices
from core.subscriptions.states import (
    ChangeKind,
    ChangeStatus,
    PlanName,
    Tier,
    UpgradeStatus,
)
from core.subscriptions.views import ChangeRow, LicenceRow, QuoteLine, UpgradeView


def quote_lines(figures: Figures) -> tuple[QuoteLine, ...]:
    """Word for word as the invoice has them."""
    return tuple(
        QuoteLine(description=line.description, detail=line.detail, net=line.net)
        for line in figures.lines
    )


def upgrade_view(session: Session, change: PlanChange) -> UpgradeView:
    """How an upgrade stands, with the charge behind it. Raises NotFound for no upgrade."""
    payment = session.get(Payment, change.payment_id)
    if payment is None or change.kind != ChangeKind.UPGRADE:
        raise NotFound(change_id=change.id)
    status = UpgradeStatus(change.status)
    is_asked = payment.status == PaymentStatus.ACTION_REQUIRED
    if status is UpgradeStatus.CHARGING and is_asked:
        status = UpgradeStatus.ACTION_REQUIRED
    return UpgradeView(
        id=change.id,
        status=status,
        to_plan=PlanName(change.to_plan),
        gross=payment.money(payment.gross),
        decline_code=payment.decline_code,
        payment_id=payment.id,
        invoice_id=change.invoice_id,
        invoice_number=numbers_of(session, [change.invoice_id]).get(change.invoice_id, ""),
    )


def licence_row(licence: Licence, channel: Channel, prices: Prices) -> LicenceRow:
    """A licensed number at today's price."""
    tier = Tier(licence.tier)
    return LicenceRow(
        channel_id=channel.id,
        phone_number=channel.phone_number,
        name=channel.name,
        client_name=channel.client_name,
        tier=tier,
        price=prices.tiers[tier],
        since=licence.since,
        next_tier=Tier(licence.next_tier) if licence.next_tier else None,
        next_from=licence.next_from,
    )


def change_rows(session: Session, changes: Sequence[PlanChange]) -> list[ChangeRow]:
    """With the names of people, the numbers of invoices and those that licences are of."""
    people = _names(session, {change.actor for change in changes})
    numbers = numbers_of(session, [change.invoice_id for change in changes])
    phones = _phones(session, {change.channel_id for change in changes})
    return [
        ChangeRow(
            id=change.id,
            at=change.at,
            kind=ChangeKind(change.kind),
            status=ChangeStatus(change.status),
            from_plan=PlanName(change.from_plan) if change.from_plan else None,
            to_plan=PlanName(change.to_plan) if change.to_plan else None,
            channel_id=change.channel_id,
            phone_number=phones.get(change.channel_id, ""),
            from_tier=Tier(change.from_tier) if change.from_tier else None,
            to_tier=Tier(change.to_tier) if change.to_tier else None,
            effective_on=change.effective_on,
            actor_name=people.get(change.actor, ""),
            invoice_id=change.invoice_id,
            invoice_number=numbers.get(change.invoice_id, ""),
        )
        for change in changes
    ]


def numbers_of(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Invoices' numbers by id."""
    wanted = {id_ for id_ in ids if id_}
    if not wanted:
        return {}
    found = select(Invoice.id, Invoice.number).where(col(Invoice.id).in_(wanted))
    return dict(session.exec(found).all())


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    found = select(Person.id, Person.name).where(col(Person.id).in_(ids))
    return dict(session.exec(found).all())


def _phones(session: Session, ids: set[str]) -> dict[str, str]:
    found = select(Channel.id, Channel.phone_number).where(col(Channel.id).in_(ids - {""}))
    return dict(session.exec(found).all())
