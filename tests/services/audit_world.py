"""A partner whose record is looked at: its people, a client, and things that happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.access import Gate, Principal
from core.audit.service import Audit
from core.audit.trail import TrailQuery
from core.clock import FixedClock
from core.events import EventType, record
from core.origin import Whence, coming_from
from core.partners.entities import Partner, Role
from core.ports import Everything
from storage.database import SqlDatabase
from tests import factories

TEST = Everything("test")
HOME = Whence(address="192.0.2.7", agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")


@dataclass(kw_only=True)
class World:
    audit: Audit
    database: SqlDatabase
    clock: FixedClock
    partner: Partner
    owner: Principal
    member: Principal
    staff: Principal
    stranger: Principal
    client_id: str

    def tell(
        self,
        type_: EventType,
        by: str = "hub",
        subject: tuple[str, str] | None = None,
        **data: Any,
    ) -> int:
        """Something happens; its id."""
        with coming_from(HOME), self.database.transaction(TEST) as session:
            event = record(
                session,
                self.clock,
                type_,
                partner_id=self.partner.id,
                subject=subject or ("client", self.client_id),
                actor=by,
                data=data,
            )
            session.flush()
            return event.id or 0

    def found(self, **values: Any) -> list[int]:
        """Ids of what the owner finds."""
        return [row.id for row in self.audit.trail(self.owner, TrailQuery(**values)).rows]


def build(database: SqlDatabase, clock: FixedClock) -> World:
    with database.transaction(TEST) as session:
        partner, other = factories.make_partner(session), factories.make_partner(session)
        client = factories.make_client(session, partner, name="Café Müller")
        person = factories.make_person(session, name="Sam Patel", is_staff=True)
        return World(
            audit=Audit(Gate(database, clock)),
            database=database,
            clock=clock,
            partner=partner,
            owner=factories.make_principal(session, partner, Role.OWNER, clock),
            member=factories.make_principal(session, partner, Role.MEMBER, clock),
            staff=factories.make_login(session, None, person, None, clock),
            stranger=factories.make_principal(session, other, Role.OWNER, clock),
            client_id=client.id,
        )
