"""Subscriptions as sentences: looked at, upgraded, downgraded, cancelled; licences of numbers."""

from __future__ import annotations

from core.access import Gate
from core.billing.invoices.issuing import Issuing
from core.billing.payments.service import Payments
from core.clock import Clock
from core.ports import Database, Jobs
from core.settings import Settings
from core.subscriptions.billing import Billing
from core.subscriptions.cancelling import Cancelling
from core.subscriptions.downgrading import Downgrading
from core.subscriptions.looking import Looking
from core.subscriptions.pricing import Pricing
from core.subscriptions.renewing import Renewing
from core.subscriptions.returning import Returning
from core.subscriptions.room import Room
from core.subscriptions.tiers import Tiers
from core.subscriptions.upgrading import Upgrading


class Subscriptions:
    """The parts by the names of their verbs; see the files.

    Owners: `overview`, `plans`, `licences`, `history`; `quote_upgrade`, `upgrade`,
    `upgrade_state`, `upgrade_of_payment`, `give_up_upgrade`; `preview_tier`, `change_tier`,
    `take_back_tier`; `preview_cancel`, `cancel`, `take_back_cancel`; `preview_downgrade`,
    `downgrade_self`, `take_back_downgrade`. For the desk, in its transaction and after its own
    gate: `preview_downgrade_of`, `downgrade_of`, `facts_of`. For the operator's prompt:
    `set_plan_price`, `set_licence_price`, `begin_again`.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        settings: Settings,
        issuing: Issuing,
        payments: Payments,
    ) -> None:
        """Makes its schedule known to `jobs`, which must not have been started yet."""
        self.room = room = Room(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            settings=settings,
            issuing=issuing,
            payments=payments,
        )
        self.billing = billing = Billing(room)
        looking, tiers = Looking(room), Tiers(room)
        upgrading = Upgrading(room, billing)
        cancelling, downgrading = Cancelling(room, looking), Downgrading(room, looking)
        self.renew, pricing = Renewing(room, billing).look, Pricing(room)

        self.overview, self.plans = looking.overview, looking.plans
        self.licences, self.history = looking.licences, looking.history
        self.facts_of = looking.facts_of
        self.quote_upgrade, self.upgrade = upgrading.quote_upgrade, upgrading.upgrade
        self.upgrade_state = upgrading.upgrade_state
        self.upgrade_of_payment = upgrading.upgrade_of_payment
        self.give_up_upgrade = upgrading.give_up_upgrade
        self.preview_tier, self.change_tier = tiers.preview_tier, tiers.change_tier
        self.take_back_tier = tiers.take_back_tier
        self.preview_cancel, self.cancel = cancelling.preview_cancel, cancelling.cancel
        self.take_back_cancel = cancelling.take_back_cancel
        self.preview_downgrade = downgrading.preview_downgrade
        self.downgrade_self = downgrading.downgrade_self
        self.take_back_downgrade = downgrading.take_back_downgrade
        self.preview_downgrade_of = downgrading.preview_downgrade_of
        self.downgrade_of = downgrading.downgrade_of
        self.set_plan_price = pricing.set_plan_price
        self.set_licence_price = pricing.set_licence_price
        self.begin_again = Returning(room).begin_again
