"""Who stands behind a payer, for invoices: rows of partners and accounts, read for billing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from core.accounts.entities import Client
from core.billing.invoices.ports import PayerFacts
from core.billing.ledger import Payer
from core.errors import NotFound
from core.partners.entities import Membership, Partner, Person, Role


class SqlPayers:
    """`core.billing.invoices.ports.PayerBook`."""

    def facts(self, session: Session, payer: Payer) -> PayerFacts:
        """A partner is written to at its first owner's address. Raises NotFound."""
        partner = session.get(Partner, payer.partner_id)
        if partner is None:
            raise NotFound("no such partner", partner_id=payer.partner_id)
        if payer.client_id:
            return _client_facts(session, payer, partner)
        owner = _first_owner(session, partner.id)
        return PayerFacts(
            name=partner.brand_name,
            email=owner.email if owner else "",
            country=partner.country,
            language=str(owner.preferences.get("language", "en")) if owner else "en",
            currency=partner.currency,
        )

    def client_names(self, session: Session, ids: Sequence[str]) -> dict[str, str]:
        """By id; unknown ones are missing."""
        found = select(Client.id, Client.name).where(col(Client.id).in_(ids))
        return dict(session.exec(found).all())


def _client_facts(session: Session, payer: Payer, partner: Partner) -> PayerFacts:
    client = session.get(Client, payer.client_id)
    if client is None or client.partner_id != partner.id:
        raise NotFound("no such client", client_id=payer.client_id)
    return PayerFacts(
        name=client.organisation or client.name,
        email=client.email,
        country=client.country,
        language=client.language,
        currency=partner.currency,
    )


def _first_owner(session: Session, partner_id: str) -> Person | None:
    found = (
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.partner_id) == partner_id,
            col(Membership.role) == Role.OWNER.value,
            col(Membership.removed_at).is_(None),
        )
        .order_by(col(Membership.created_at), col(Membership.id))
    )
    return session.exec(found.limit(1)).first()
