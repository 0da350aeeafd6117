"""Whom to write about a payer's money: a partner's owners, or the client that pays for itself."""

from __future__ import annotations

from sqlmodel import Session

from core.accounts.entities import Client
from core.billing.ledger import Payer
from core.billing.payments.ports import Contact
from core.errors import NotFound
from core.partners.entities import Partner
from core.partners.members import owner_languages


class SqlContacts:
    """`core.billing.payments.ports.Payers`."""

    def contact(self, session: Session, payer: Payer) -> Contact:
        """Raises NotFound for a payer that is none of the session's partner."""
        partner = session.get(Partner, payer.partner_id)
        if partner is None:
            raise NotFound(partner_id=payer.partner_id)
        if not payer.client_id:
            owners = owner_languages(session, partner.id)
            return Contact(
                name=partner.brand_name,
                currency=partner.currency,
                emails=tuple(owners),
                languages=tuple(owners.values()),
                brand=partner.brand_name,
            )
        client = session.get(Client, payer.client_id)
        if client is None or client.partner_id != partner.id:
            raise NotFound(client_id=payer.client_id)
        return Contact(
            name=client.organisation or client.name,
            currency=partner.currency,
            emails=(client.email,) if client.email else (),
            languages=(client.language,),
            brand=partner.brand_name,
            is_client=True,
        )
