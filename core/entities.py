"""Every table of the hub, imported so that the metadata is whole for migrations and tenancy."""

from core.accounts.entities import Channel, Client, SavedView, Template, WabaAccount
from core.billing.entities import (
    LedgerAccount,
    LedgerEntry,
    MessageUsage,
    ParkedMessage,
    RateCard,
    RateCardRow,
    UsageCount,
)
from core.columns import metadata
from core.events import Event
from core.integration.entities import InboundWebhook
from core.onboarding.entities import OnboardingRun
from core.partners.entities import (
    Identity,
    Invitation,
    LoginAttempt,
    Membership,
    Partner,
    Person,
    UserSession,
)

__all__ = [
    "Channel",
    "Client",
    "Event",
    "Identity",
    "InboundWebhook",
    "Invitation",
    "LedgerAccount",
    "LedgerEntry",
    "LoginAttempt",
    "Membership",
    "MessageUsage",
    "OnboardingRun",
    "ParkedMessage",
    "Partner",
    "Person",
    "RateCard",
    "RateCardRow",
    "SavedView",
    "Template",
    "UsageCount",
    "UserSession",
    "WabaAccount",
    "metadata",
]
