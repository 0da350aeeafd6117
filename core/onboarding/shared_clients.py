"""Clients that a partner makes by its program, for numbers that it will share."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.access import Permission, Principal, partner_of
from core.accounts.entities import Client, ClientStatus
from core.errors import Conflict
from core.events import EventType, record
from core.onboarding.paying import pays_itself
from core.onboarding.refusing import partner_faults
from core.onboarding.sign_up import is_dashboard_person, name_of
from core.onboarding.solution import SolutionCheck
from core.partners.entities import Partner
from core.partners.rules import normalise_email


class SharedClients(SolutionCheck):
    """Off, with the reason, while the partner has no ACTIVE solution."""

    def share_client(self, who: Principal, *, name: str, email: str, user_name: str = "") -> str:
        """A new client without any number; its id.

        A name that says nothing is the address. Raises InvalidInput (email); Conflict
        (client_exists with its `client_id`, email_other_account, solution_inactive and the
        partner's other faults).
        """
        address = normalise_email(email)
        company = name_of(name) or address
        person = name_of(user_name) or company
        self.ask_about_solution(who.tenant.partner_id)
        with self.gate.writing(who, Permission.ACCOUNTS) as session:
            partner = partner_of(session, who)
            require_taking(partner)
            if is_dashboard_person(session, partner.id, address):
                raise Conflict(code="email_other_account")
            _require_new(session, partner.id, address)
            client = self._shared_client(partner, company, person, address)
            try:
                with session.begin_nested():
                    session.add(client)
            except IntegrityError as error:
                raise Conflict(code="client_exists") from error
            # Who pays for itself has an account with its first card; the link of the hub asks it.
            if client.status == ClientStatus.ACTIVE:
                record(
                    session,
                    self.clock,
                    EventType.CLIENT_CREATED,
                    partner_id=partner.id,
                    subject=("client", client.id),
                    actor=who.person_id,
                    data={"origin": "account_sharing"},
                )
            return client.id

    def _shared_client(self, partner: Partner, company: str, person: str, email: str) -> Client:
        now = self.clock.now()
        waits = pays_itself(partner)
        return Client(
            partner_id=partner.id,
            name=company,
            organisation=company,
            status=(ClientStatus.PENDING if waits else ClientStatus.ACTIVE).value,
            email=email,
            full_name=person,
            created_at=now,
            modified_at=now,
        )


def require_taking(partner: Partner) -> None:
    """Raises Conflict with the first reason why this partner takes no clients."""
    if faults := partner_faults(partner):
        raise Conflict(code=faults[0])


def _require_new(session: Session, partner_id: str, email: str) -> None:
    found = select(Client.id).where(Client.partner_id == partner_id, Client.email == email)
    if known := session.exec(found).first():
        raise Conflict(code="client_exists", client_id=known)
