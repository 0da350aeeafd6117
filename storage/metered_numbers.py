"""Whose number a message was sent from, and what rating must know about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, WabaAccount
from core.billing.balance.entities import PartnerMarkup
from core.billing.ledger import Payer
from core.billing.markups import Markup
from core.billing.ports import MeteredNumber
from core.billing.rating import Sender
from core.partners.entities import BillingModel, Partner


def metered_numbers(session: Session, phone_ids: Collection[str]) -> dict[str, MeteredNumber]:
    """By Meta's phone number id; those that the hub does not know are missing."""
    found = (
        select(Channel, WabaAccount, Partner)
        .join(WabaAccount, col(WabaAccount.id) == Channel.waba_account_id)
        .join(Partner, col(Partner.id) == Channel.partner_id)
        .where(col(Channel.external_id).in_(sorted(phone_ids)))
    )
    rows = session.exec(found).all()
    markups = _markups(session, {partner.id for _, _, partner in rows})
    return {
        str(channel.external_id): _metered(channel, waba, partner, markups)
        for channel, waba, partner in rows
    }


def _markups(session: Session, partner_ids: Collection[str]) -> dict[str, tuple[Markup, ...]]:
    found = select(PartnerMarkup).where(col(PartnerMarkup.partner_id).in_(partner_ids))
    markups: dict[str, tuple[Markup, ...]] = {}
    for row in session.exec(found):
        known = markups.get(row.partner_id, ())
        markups[row.partner_id] = (*known, Markup(row.effective_from, row.hundredths))
    return markups


def _metered(
    channel: Channel,
    waba: WabaAccount,
    partner: Partner,
    markups: Mapping[str, tuple[Markup, ...]],
) -> MeteredNumber:
    is_direct = partner.billing_model == BillingModel.DIRECT_PAID
    return MeteredNumber(
        channel_id=channel.id,
        client_id=channel.client_id,
        payer=Payer(partner_id=partner.id, client_id=channel.client_id if is_direct else ""),
        sender=Sender(
            channel=channel.id,
            # A WABA whose portfolio Meta has not told yet counts by itself.
            portfolio=waba.owner_business_id or f"waba-{waba.external_id}",
            timezone_id=waba.timezone_id,
            currency=partner.currency,
            markups=markups.get(partner.id, ()),
        ),
    )
