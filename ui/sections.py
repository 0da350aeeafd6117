"""The dashboard's sections: which builder draws which place."""

from __future__ import annotations

from ui.pages import (
    account,
    accounts,
    audit,
    audit_event,
    auto_renewal,
    balance,
    balance_entry,
    balance_messages,
    balance_parked,
    balance_statement,
    billing_details,
    cards,
    integration,
    integration_deliveries,
    integration_delivery,
    integration_keys,
    integration_webhooks,
    invoice,
    invoices,
    me,
    onboarding_run,
    onboarding_runs,
    payment,
    payments,
    profile,
    subscriptions,
    subscriptions_cancel,
    subscriptions_licences,
    subscriptions_upgrade,
    support,
    users,
)
from ui.places import Section, sections


def all_sections() -> list[Section]:
    """Every place of the hub, in the order of the navigation."""
    return sections(
        {
            "/accounts": accounts.build,
            "/accounts/{channel_id}": account.build,
            "/onboarding-runs": onboarding_runs.build,
            "/onboarding-runs/{run_id}": onboarding_run.build,
            "/integration": integration.build,
            "/integration/webhooks": integration_webhooks.build,
            "/integration/webhooks/deliveries": integration_deliveries.build,
            "/integration/webhooks/deliveries/{delivery_id}": integration_delivery.build,
            "/integration/keys": integration_keys.build,
            "/profile": profile.build,
            "/billing/balance": balance.build,
            "/billing/balance/statement": balance_statement.build,
            "/billing/balance/messages": balance_messages.build,
            "/billing/balance/entries/{key}": balance_entry.build,
            "/billing/balance/parked": balance_parked.build,
            "/billing/auto-renewal": auto_renewal.build,
            "/billing/payments": payments.build,
            "/billing/payments/{payment_id}": payment.build,
            "/billing/cards": cards.build,
            "/billing/invoices": invoices.build,
            "/billing/invoices/{invoice_id}": invoice.build,
            "/billing/details": billing_details.build,
            "/billing/subscriptions": subscriptions.build,
            "/billing/subscriptions/upgrade": subscriptions_upgrade.build,
            "/billing/subscriptions/licences": subscriptions_licences.build,
            "/billing/subscriptions/cancel": subscriptions_cancel.build,
            "/users": users.build,
            "/me": me.build,
            "/support": support.build,
            "/support/{conversation_id}": support.build,
            "/audit": audit.build,
            "/audit/{event_id}": audit_event.build,
        }
    )
