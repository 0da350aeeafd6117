"""The hub that the whole partner API calls: Meta's twin, real billing and onboarding."""

from __future__ import annotations

from typing import Any

from core.access import Gate
from core.accounts.at_meta import WabaDoor
from core.accounts.entities import Channel, Client, WabaAccount
from core.accounts.meta_assets import MetaAssets
from core.accounts.waba_templates import WabaTemplates
from core.audit.service import Audit
from core.billing.ledger import Ledger, Payer
from core.money import Money
from core.onboarding.service import Onboarding
from core.partners.service import Partners
from core.subscriptions.service import Subscriptions
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.services.api_world import TEST, ApiWorld
from tests.support.accounts import PlainVault
from tests.support.api_door import ApiHub
from tests.support.billing import billing_on_twins
from tests.support.twins import FakeMailer, FakeMeta, Signup


class WholeHub(ApiHub):
    """`meta` is what a test moves; `account` brings a number that is at Meta."""

    def __init__(self, world: ApiWorld) -> None:
        super().__init__(world)
        self.world = world
        database, clock, settings = world.database, world.clock, self.settings
        gate, vault = Gate(database, clock), PlainVault()
        self.jobs, self.meta = InlineJobs(), FakeMeta(clock)
        money = billing_on_twins(
            database=database, clock=clock, jobs=self.jobs, mailer=FakeMailer(), settings=settings
        )
        self.billing: Any = money.billing
        self.subscriptions = Subscriptions(
            gate=gate,
            database=database,
            clock=clock,
            jobs=self.jobs,
            settings=settings,
            issuing=money.billing.invoices.issuing,
            payments=money.billing.payments,
        )
        self.onboarding = Onboarding(
            database=database,
            gate=gate,
            clock=clock,
            vault=vault,
            jobs=self.jobs,
            mailer=FakeMailer(),
            meta=self.meta,
            settings=settings,
            billing=money.billing,
        )
        door = WabaDoor(gate, clock, vault)
        self.templates = WabaTemplates(door, clock, self.meta)
        self.assets = MetaAssets(door, self.meta)
        self.audit = Audit(gate)
        self.partners = Partners(gate, database, clock)

    def account(self) -> tuple[Client, WabaAccount, Channel]:
        """A client's WABA and number, at Meta and here."""
        signup = self.meta.popup()
        token = self.meta.exchange_code(signup.code).value
        with self.world.database.transaction(TEST) as session:
            client = factories.make_client(session, self.world.partner)
            waba = factories.make_waba(
                session,
                client,
                external_id=signup.waba_id,
                owner_business_id=signup.business_id,
                token=f"waba_account:{signup.waba_id}:token|{token}",
            )
            channel = factories.make_channel(session, waba, external_id=signup.phone_id)
            return client, waba, channel

    def shared(self) -> Signup:
        """A WABA that a client shared with the partner's solution, unknown to the hub."""
        return self.meta.popup()

    def top_up(self, amount: str) -> None:
        payer = Payer(partner_id=self.world.partner.id)
        with self.world.database.transaction(TEST) as session:
            Ledger(session, self.world.clock).top_up(payer, Money.of(amount, "EUR"), "top:1")
