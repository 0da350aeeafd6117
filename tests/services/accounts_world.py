"""Two partners with numbers, and the accounts service between them."""

from __future__ import annotations

from dataclasses import dataclass

from core.access import Gate, Principal
from core.accounts.entities import Channel, WabaAccount
from core.accounts.service import Accounts
from core.clock import Clock
from core.partners.entities import Partner, Role
from core.ports import Database, Everything
from tests import factories
from tests.support.accounts import PlainVault, ScanningSearch, TemplatesAtMeta

TEST = Everything("test")


@dataclass(kw_only=True)
class AccountsWorld:
    """`owner` works for `partner`, `stranger` for another partner with a number of its own."""

    database: Database
    accounts: Accounts
    meta: TemplatesAtMeta
    partner: Partner
    owner: Principal
    member: Principal
    stranger: Principal
    strange_number: Channel

    def number(self, **values: object) -> Channel:
        with self.database.transaction(TEST) as session:
            return factories.make_number(session, self.partner, **values)

    def waba(self, **values: object) -> WabaAccount:
        with self.database.transaction(TEST) as session:
            client = factories.make_client(session, self.partner)
            return factories.make_waba(session, client, **values)


def accounts_world(database: Database, clock: Clock) -> AccountsWorld:
    meta = TemplatesAtMeta()
    with database.transaction(TEST) as session:
        partner, other = factories.make_partner(session), factories.make_partner(session)
        return AccountsWorld(
            database=database,
            accounts=Accounts(Gate(database, clock), clock, ScanningSearch(), meta, PlainVault()),
            meta=meta,
            partner=partner,
            owner=factories.make_principal(session, partner, Role.OWNER, clock),
            member=factories.make_principal(session, partner, Role.MEMBER, clock),
            stranger=factories.make_principal(session, other, Role.OWNER, clock),
            strange_number=factories.make_number(session, other, name="Strange"),
        )
