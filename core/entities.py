"""Every table of the hub, imported so that the metadata is whole for migrations and tenancy."""

from core.accounts.entities import Channel, Client, SavedView, Template, WabaAccount
from core.accounts.regions.entities import RegionChange
from core.audit.entities import AuditLink
from core.billing.balance.entities import (
    AlertLevel,
    ClientCap,
    OutboundStop,
    PartnerMarkup,
    UsageDay,
)
from core.billing.entities import (
    LedgerAccount,
    LedgerEntry,
    MessageUsage,
    ParkedMessage,
    RateCard,
    RateCardRow,
    UsageCount,
)
from core.billing.invoices.entities import (
    BillingDetails,
    Invoice,
    InvoiceLine,
    NumberSequence,
)
from core.billing.pay_links.entities import PayLink
from core.billing.payments.entities import (
    Card,
    CardPageVisit,
    Payment,
    PaymentCustomer,
    PaymentRefund,
    ProviderWebhook,
)
from core.billing.renewal.entities import Renewal
from core.columns import metadata
from core.events import Event
from core.integration.api_entities import ChannelKey, IdempotentWrite
from core.integration.entities import InboundWebhook
from core.integration.outbound.entities import (
    Delivery,
    DeliveryAttempt,
    WebhookEndpoint,
    WebhookHour,
    WebhookOutbox,
)
from core.onboarding.entities import OnboardingRun
from core.operations.entities import Hold, WorkerBeat
from core.origin import EventOrigin
from core.partners.api_entities import ApiKey, ApiToken, SystemUser
from core.partners.entities import (
    Identity,
    Invitation,
    LoginAttempt,
    Membership,
    Partner,
    Person,
    UserSession,
)
from core.subscriptions.entities import (
    Licence,
    LicencePrice,
    PlanChange,
    PlanPrice,
    Subscription,
)
from core.support.entities import (
    CannedAnswer,
    Conversation,
    Message,
    ReadMark,
    SupportFile,
    SupportRequest,
)

__all__ = [
    "AlertLevel",
    "ApiKey",
    "ApiToken",
    "AuditLink",
    "BillingDetails",
    "CannedAnswer",
    "Card",
    "CardPageVisit",
    "Channel",
    "ChannelKey",
    "Client",
    "ClientCap",
    "Conversation",
    "Delivery",
    "DeliveryAttempt",
    "Event",
    "EventOrigin",
    "Hold",
    "IdempotentWrite",
    "Identity",
    "InboundWebhook",
    "Invitation",
    "Invoice",
    "InvoiceLine",
    "LedgerAccount",
    "LedgerEntry",
    "Licence",
    "LicencePrice",
    "LoginAttempt",
    "Membership",
    "Message",
    "MessageUsage",
    "NumberSequence",
    "OnboardingRun",
    "OutboundStop",
    "ParkedMessage",
    "Partner",
    "PartnerMarkup",
    "PayLink",
    "Payment",
    "PaymentCustomer",
    "PaymentRefund",
    "Person",
    "PlanChange",
    "PlanPrice",
    "ProviderWebhook",
    "RateCard",
    "RateCardRow",
    "ReadMark",
    "RegionChange",
    "Renewal",
    "SavedView",
    "Subscription",
    "SupportFile",
    "SupportRequest",
    "SystemUser",
    "Template",
    "UsageCount",
    "UsageDay",
    "UserSession",
    "WabaAccount",
    "WebhookEndpoint",
    "WebhookHour",
    "WebhookOutbox",
    "WorkerBeat",
    "metadata",
]
