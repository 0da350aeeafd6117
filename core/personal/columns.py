"""Which columns hold what is personal: every column that can hold a text is in exactly one table.

A test goes through all entities, so a column that nobody has thought about fails. Ids, hashes and
states are told by their names (`is_plain`); whose row it is says `core.personal.ties`.
"""

from __future__ import annotations

import re

Columns = dict[str, tuple[str, ...]]

# About one person, in rows that are tied to that person: a pseudonym or nothing takes its place.
OWN: Columns = {
    "client": ("email", "full_name", "phone", "contact", "modified_by_name"),
    "event_origin": ("address", "agent", "salt"),
    "identity": ("issuer", "subject"),
    "invitation": ("email", "name"),
    "onboarding_run": ("full_name", "email"),
    "payment_customer": ("name", "email"),
    "person": ("name", "email", "preferences"),
    "saved_view": ("name", "query"),
    "template": ("created_by_name", "modified_by_name"),
    "user_session": ("ip", "user_agent", "id_token"),
}

# Written by people or sent by others: a person's name or address may stand anywhere inside.
FREE: Columns = {
    "api_key": ("name",),
    "api_user": ("name", "username"),
    "channel": (
        *("client_key", "client_name", "name", "name_key", "requested_name", "search_text"),
    ),
    "client": ("name", "organisation", "partner_payload"),
    "idempotent_write": ("answer",),
    "login_attempt": ("next_path",),
    "onboarding_run": ("company", "partner_payload", "state", "link", "progress", "error"),
    "payment_refund": ("why",),
    "provider_webhook": ("body", "facts"),
    "subscription": ("cancel_text",),
    "support_canned_answer": ("title", "text"),
    "support_conversation": ("subject", "last_text"),
    "support_file": ("name",),
    "support_message": ("text", "facts"),
    "support_request": ("facts", "why", "effect"),
    "waba_account": ("name", "owner_business_name"),
    "webhook_attempt": ("answer_body", "error"),
    "webhook_delivery": ("body", "last_error"),
    "webhook_endpoint": ("name", "url"),
}

# Books: what commercial and tax law want kept, ten years in Germany (section 147 AO, 257 HGB).
KEPT: Columns = {
    "billing_details": ("legal_name", "email", "address", "postal_code", "city", "vat_id"),
    "card": ("brand", "last4"),
    "invoice": ("buyer", "buyer_name", "facts"),
    "invoice_line": ("description", "detail"),
    "ledger_entry": ("about",),
    "message_usage": ("wamid",),
    "payment": ("fixed",),
}

# Numbers of people who wrote to clients, as Meta tells them: worked off, then gone by themselves.
PASSING: Columns = {
    "inbound_webhook": ("body", "error"),
    "parked_message": ("reason", "report", "wamid"),
}

# Looked at: of things, companies and programs. An event names people by id, never by name.
IMPERSONAL: Columns = {
    "alert_level": ("payer_client",),
    "api_key": ("prefix", "scopes"),
    "api_user": ("scopes",),
    "billing_details": ("vat_source",),
    "card": ("expiry_told", "fingerprint", "primary_of"),
    "card_page_visit": ("return_url",),
    "channel": (
        *("account_mode", "code_verification", "consent", "display_phone_number", "facts"),
        *("messaging_limit", "meta_stamps", "phone_number", "pin", "quality", "throughput"),
        "verification",
    ),
    "channel_key": ("prefix",),
    "event": ("data", "origin"),
    "hold": ("reason",),
    "invoice": ("number", "seller", "tax"),
    "invoice_line": ("price_base", "quantity", "unit", "unit_price"),
    "ledger_entry": ("reverses", "credit_account", "debit_account"),
    "login_attempt": ("confirms", "nonce", "verifier"),
    "message_usage": ("card", "free"),
    "onboarding_run": (
        *("card_visit", "credit_payment", "ending", "former_browsers", "number_hint", "pin"),
        *("redirect_url", "step", "token"),
    ),
    "outbound_stop": ("reason",),
    "partner": (
        *("billing_model", "brand_color", "brand_name", "extra_origins", "platform_secret"),
        *("platform_secret_previous", "redirect_url", "region_default"),
    ),
    "payment": (
        *("action_url", "cards_left", "cards_tried", "dispute", "provider_card", "purpose"),
        "token",
    ),
    "payment_customer": ("provider",),
    "payment_refund": ("token",),
    "plan_change": ("quote", "token"),
    "provider_webhook": ("reference",),
    "rate_card": ("source",),
    "region_change": ("before", "registrations", "step"),
    "renewal": ("ceiling_told", "mode", "threshold_because", "top_up_because"),
    "saved_view": ("page",),
    "subscription": ("cancel_reason",),
    "support_conversation": ("assigned_to", "last_told"),
    "support_message": ("told",),
    "support_request": ("about",),
    "template": (*("components", "facts", "meta_stamps", "name", "quality", "rejected_reason"),),
    "usage_day": ("free", "payer_client"),
    "waba_account": (
        *("ban_date", "business_verification", "facts", "meta_stamps", "namespace"),
        *("restrictions", "token"),
    ),
    "webhook_attempt": ("answer_headers", "request_headers", "url"),
    "webhook_delivery": ("event", "lane"),
    "webhook_endpoint": ("events", "header_names", "headers", "off_reason"),
    "worker_beat": ("name",),
}

_PLAIN = re.compile(
    r"(?:.*_)?(?:id|ids|hash|key|currency|status|kind|language|country|slot|market|category|tier"
    r"|region|month|role|side|state|plan|type|actor|version|policy|by)"
    r"|(?:error_|meta_|decline_)?code"
)


def is_plain(column: str) -> bool:
    """Told by its name: an id, a hash or a state holds nothing about anybody."""
    return _PLAIN.fullmatch(column) is not None


def classes_of(table: str, column: str) -> list[str]:
    """In which of the tables above it stands; exactly one, or none for a plain one."""
    named = {
        "own": OWN,
        "free": FREE,
        "kept": KEPT,
        "passing": PASSING,
        "impersonal": IMPERSONAL,
    }
    return [name for name, columns in named.items() if column in columns.get(table, ())]
