"""A partner with an owner, a member and numbers; another partner beside it; the API's services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.access import Gate, Principal
from core.accounts.cancelling import Cancelling
from core.accounts.ports import ChannelSearch
from core.clock import Clock
from core.integration.api.room import Room
from core.integration.api.service import PartnerApi
from core.integration.credentials.service import Credentials
from core.partners.entities import Partner, Role
from core.ports import Database, Everything
from core.settings import Settings
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.support.accounts import PlainVault, ScanningSearch

TEST = Everything("test")


@dataclass(kw_only=True)
class ApiWorld:
    """`owner` and `member` work for `partner`, `stranger` for `other`."""

    database: Database
    clock: Clock
    gate: Gate
    credentials: Credentials
    room: Room
    api: PartnerApi
    partner: Partner
    other: Partner
    owner: Principal
    member: Principal
    stranger: Principal

    def number(self, partner: Partner | None = None, **values: Any) -> str:
        with self.database.transaction(TEST) as session:
            return factories.make_number(session, partner or self.partner, **values).id

    def program(self, who: Principal | None = None, **values: Any) -> Principal:
        """A program with a key of its own, as the API's door knows it."""
        secret = self.credentials.create_key(who or self.owner, "Program", **values).secret
        return self.api.door.principal(secret)


def api_world(
    database: Database, clock: Clock, *, search: ChannelSearch | None = None, **settings: Any
) -> ApiWorld:
    gate = Gate(database, clock)
    room = Room(
        gate=gate,
        database=database,
        clock=clock,
        settings=Settings(_env_file=None, mode="sandbox", base_url="https://hub.test", **settings),
        vault=PlainVault(),
        search=search or ScanningSearch(),
        cancelling=Cancelling(gate, database, clock, InlineJobs()),
    )
    with database.transaction(TEST) as session:
        partner, other = factories.make_partner(session), factories.make_partner(session)
        return ApiWorld(
            database=database,
            clock=clock,
            gate=gate,
            credentials=Credentials(gate, clock),
            room=room,
            api=PartnerApi(room),
            partner=partner,
            other=other,
            owner=factories.make_principal(session, partner, Role.OWNER, clock),
            member=factories.make_principal(session, partner, Role.MEMBER, clock),
            stranger=factories.make_principal(session, other, Role.OWNER, clock),
        )
