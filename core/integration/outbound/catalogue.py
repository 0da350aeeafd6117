"""What is sent to partners and when: the list from which the documentation is generated; pure.

Source: contracts/partner-api.md section 3. What is not in it stays in the hub.
"""

from __future__ import annotations

from core.events import EventType
from core.integration.outbound import examples
from core.integration.outbound.views import SentEvent

_CHANNEL = "`data` is the whole channel."
_CHANGE = "`data` is the whole channel, and under `change` what it was and what it is now."
_TEMPLATE = "`data.id` is Meta's WABA id, `data.template` the template; `new_status` is upper case."
_RULE = "`data` names the channel and its number, and tells what Meta told."

# In the contract's order.
CATALOGUE: tuple[SentEvent, ...] = (
    SentEvent(
        name="client_created",
        when="a client registered",
        description="`data.client` is the client.",
        example={"client": examples.CLIENT},
    ),
    *(
        SentEvent(name=name, when=when, description=_CHANNEL, example=examples.CHANNEL)
        for name, when in (
            ("channel_created", "a number became a channel"),
            ("channel_submitted", "the number was handed to Meta for registration"),
            ("channel_permission_granted", "you may work with the number; it is `ready`"),
            ("channel_ready", "the number is registered"),
            ("channel_running", "the number can send; its API key works"),
            ("channel_live", "Meta says that the number is connected"),
            ("channel_permission_revoked", "the client withdrew access"),
        )
    ),
    *(
        SentEvent(name=name, when=when, description=_CHANGE, example=examples.changed(*change))
        for name, when, change in (
            ("channel_status_changed", "Meta's status changed", ("CONNECTED", "FLAGGED")),
            ("phone_number_quality_changed", "the quality rating changed", ("Green", "Yellow")),
            ("messaging_limit_changed", "the messaging limit changed", ("TIER_1K", "TIER_10K")),
            ("display_name_changed", "a decision on the name", ("PENDING_REVIEW", "APPROVED")),
            (
                "business_verification_changed",
                "the business's verification changed",
                ("pending", "verified"),
            ),
        )
    ),
    *(
        SentEvent(name=name, when=when, description=_CHANNEL, example=examples.CHANNEL)
        for name, when in (
            ("cancellation_request", "a number was cancelled; it works to the end of the month"),
            ("cancellation_revoke", "the cancellation was taken back"),
            ("cancellation_processed", "the number has ended"),
        )
    ),
    SentEvent(
        name="account_violation",
        when="Meta saw its rules broken",
        description=_RULE,
        example=examples.enforced(violation_type="SCAM"),
    ),
    SentEvent(
        name="account_restriction",
        when="Meta restricted the account, or ended that",
        description=_RULE,
        example=examples.enforced(restriction_info=examples.RESTRICTIONS),
    ),
    SentEvent(
        name="account_disabled",
        when="Meta disabled the account, or is about to",
        description=_RULE,
        example=examples.enforced(ban_info=examples.BAN),
    ),
    SentEvent(
        name="account_reinstated",
        when="Meta enabled the account again",
        description=_RULE,
        example=examples.enforced(ban_info={"waba_ban_state": "REINSTATE"}),
    ),
    *(
        SentEvent(name=name, when=when, description=_TEMPLATE, example=examples.TEMPLATE)
        for name, when in (
            ("waba_template_status_changed", "Meta decided on a template"),
            ("waba_template_category_changed", "Meta put a template into another category"),
            ("waba_template_quality_changed", "Meta rates a template differently"),
        )
    ),
    *(
        SentEvent(name=name, when=when, description=_CHANNEL, example=examples.CHANNEL)
        for name, when in (
            ("template_messaging_disabled", "template messages of the number were stopped"),
            ("template_messaging_enabled", "template messages of the number go out again"),
        )
    ),
    *(
        SentEvent(
            name=name,
            when=when,
            description="`data` is the balance: whose, how much, the level it fell below.",
            example=examples.BALANCE,
        )
        for name, when in (
            ("balance_low", "a balance fell below one of its levels"),
            ("balance_exhausted", "a balance is used up"),
        )
    ),
    SentEvent(
        name="auto_renewal_succeeded",
        when="auto-renewal topped up",
        description="`data` is the payment.",
        example=examples.PAYMENT,
    ),
    SentEvent(
        name="auto_renewal_failed",
        when="auto-renewal could not top up",
        description="`data` is the renewal: its amount, why it failed, when it is tried again.",
        example=examples.RENEWAL,
    ),
    *(
        SentEvent(
            name=name, when=when, description="`data` is the invoice.", example=examples.INVOICE
        )
        for name, when in (
            ("invoice_issued", "an invoice was issued"),
            ("invoice_paid", "an invoice was paid"),
            ("invoice_payment_failed", "a charge for an invoice failed"),
        )
    ),
    SentEvent(
        name="plan_changed",
        when="the plan changed",
        description="`data` is the subscription.",
        example=examples.SUBSCRIPTION,
    ),
)

BY_NAME = {entry.name: entry for entry in CATALOGUE}
NAMES = frozenset(BY_NAME)

# Types of events that make webhooks; one of them under the name of another.
REVOKED_BY = EventType.PARTNER_REMOVED
SENT_TYPES = NAMES | {REVOKED_BY.value}
