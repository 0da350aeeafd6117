"""Tells what the demo world looks like, for QA's programs: one object, ids as the hub has them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, Client
from core.billing.entities import AccountKind, LedgerAccount
from core.billing.invoices.document import decimal
from core.clock import Clock
from core.demo.programs import programs_of
from core.demo.webhooks import webhooks_of
from core.money import Money
from core.partners.entities import Membership, Partner, Person, Role
from core.ports import Database, Everything, Vault
from core.settings import Settings


def demo_object(
    database: Database, settings: Settings, vault: Vault, clock: Clock
) -> dict[str, Any]:
    """`partners`, `staff_email` and base URLs; later parts of the hub add keys."""
    with database.reading(Everything("demo: tells the whole demo world")) as session:
        partners = session.exec(select(Partner).order_by(col(Partner.created_at), Partner.id)).all()
        staff = select(Person.email).where(col(Person.is_staff).is_(True)).order_by(Person.email)
        return {
            "partners": [
                _partner(session, partner) | webhooks_of(session, partner, vault, clock)
                for partner in partners
            ],
            "staff_email": session.exec(staff).first(),
            "base_url": settings.base_url,
            "sandbox_url": settings.meta_graph_base,
            "issuer": settings.oidc_issuer,
        }


def _partner(session: Session, partner: Partner) -> dict[str, Any]:
    clients = select(Client.id).where(Client.partner_id == partner.id).order_by(Client.id)
    channels = select(Channel.id).where(Channel.partner_id == partner.id).order_by(Channel.id)
    return {
        "id": partner.id,
        "name": partner.brand_name,
        "billing_model": partner.billing_model,
        "currency": partner.currency,
        "owner_email": _email(session, partner, Role.OWNER),
        "member_email": _email(session, partner, Role.MEMBER),
        "clients": list(session.exec(clients)),
        "channels": list(session.exec(channels)),
        "balance": _balance(session, partner),
        "onboarding_url": f"/onboarding/{partner.id}",
    } | programs_of(partner.id)


def _balance(session: Session, partner: Partner) -> dict[str, Any]:
    """Available credit by who pays: the partner, or (direct-paid) clients by their id."""
    found = select(LedgerAccount.client_id, LedgerAccount.balance).where(
        LedgerAccount.partner_id == partner.id,
        LedgerAccount.kind == AccountKind.CREDIT.value,
        LedgerAccount.currency == partner.currency,
    )
    amounts = {
        client: f"{decimal(Money(micros, partner.currency)):f}"
        for client, micros in session.exec(found)
    }
    own = amounts.pop("", "0.00")
    return {"currency": partner.currency, "available": own, "clients": amounts}


def _email(session: Session, partner: Partner, role: Role) -> str | None:
    """Somebody with this role and no other partner, so that tests have simple people."""
    people = session.exec(
        select(Person.email, Person.id)
        .join(Membership, col(Membership.person_id) == Person.id)
        .where(Membership.partner_id == partner.id, Membership.role == role.value)
        .order_by(Person.email)
    ).all()
    for email, person_id in people:
        held = session.exec(select(Membership).where(Membership.person_id == person_id)).all()
        if len(held) == 1:
            return email
    return people[0][0] if people else None
