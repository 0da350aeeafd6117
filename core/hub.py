"""The hub as its pages and routes see it: one frozen set of services.

`main.py` builds it on real storage and gateways, tests build it on twins.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts.cancelling import Cancelling
from core.accounts.meta_assets import MetaAssets
from core.accounts.regions.service import Regions
from core.accounts.service import Accounts
from core.accounts.waba_templates import WabaTemplates
from core.audit.service import Audit
from core.billing.service import Billing
from core.clock import Clock
from core.integration.api.service import PartnerApi
from core.integration.credentials.service import Credentials
from core.integration.inbound import Inbound
from core.integration.outbound.service import WebhooksOut
from core.integration.settings.service import IntegrationSettings
from core.onboarding.service import Onboarding
from core.operations.service import Operations
from core.partners.profile.service import Profile
from core.partners.service import Partners
from core.partners.sign_in import SignIn
from core.partners.users import Users
from core.ports import Blobs, ChangeFeed
from core.settings import Settings
from core.subscriptions.service import Subscriptions
from core.support.desk import Desk
from core.support.service import Support
from core.whereabouts import Whereabouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Services that a page or route may call; every verb takes who acts."""

    settings: Settings
    clock: Clock
    feed: ChangeFeed
    blobs: Blobs
    sign_in: SignIn
    partners: Partners
    users: Users
    profile: Profile
    whereabouts: Whereabouts
    accounts: Accounts
    templates: WabaTemplates
    assets: MetaAssets
    regions: Regions
    audit: Audit
    cancelling: Cancelling
    onboarding: Onboarding
    billing: Billing
    subscriptions: Subscriptions
    inbound: Inbound
    integration: IntegrationSettings
    webhooks: WebhooksOut
    credentials: Credentials
    partner_api: PartnerApi
    support: Support
    desk: Desk
    # None where nobody operates it: in tests of pages.
    operations: Operations | None = None


def is_held(hub: Hub) -> bool:
    """Whether this is a restored copy that sends nothing yet; never on the event loop."""
    return hub.operations is not None and hub.operations.holding.is_held()
