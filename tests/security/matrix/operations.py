"""What every operation of the partner API is about: method and path below the prefix."""

from __future__ import annotations

from tests.security.matrix.words import (
    ACT,
    API_KEY,
    AUDIT,
    BALANCE,
    CLIENT,
    CREATE,
    DELETE,
    DELIVERY,
    ENTRY,
    GET,
    INVOICE,
    INVOICE_PDF,
    LIST,
    NUMBER,
    PARTNER,
    PAYLOAD,
    RENEWAL,
    SETTINGS,
    SUBSCRIPTION,
    TEMPLATE,
    UPDATE,
    USER,
    WABA,
)

# Asked without a credential on purpose: how one is got, and what the API is.
OPEN: dict[str, str] = {
    "POST /token": "user name and password, or a refresh token, are the credential",
    "GET /openapi.json": "the document is public",
    "GET /docs": "the same as a page",
}
_P = "/partners/{partner_id}"
_CHANNEL = _P + "/channels/{channel_id}"
_OF_CLIENT = _P + "/clients/{client_id}/channels/{channel_id}"
_WABA = _P + "/waba_accounts/{waba_id}"
_ENDPOINT = _P + "/webhooks/endpoints/{endpoint_id}"
_DELIVERY = _P + "/webhooks/deliveries/{delivery_id}"

OPERATIONS: dict[str, tuple[str, str]] = {
    f"GET {_P}": (PARTNER, GET),
    f"PATCH {_P}": (PARTNER, UPDATE),
    f"GET {_P}/webhook_url": (SETTINGS, GET),
    f"POST {_P}/webhook_url": (SETTINGS, UPDATE),
    f"GET {_P}/clients": (CLIENT, LIST),
    f"GET {_P}/clients/{{client_id}}": (CLIENT, GET),
    f"PATCH {_P}/clients/{{client_id}}": (CLIENT, UPDATE),
    f"GET {_P}/channels": (NUMBER, LIST),
    f"GET {_CHANNEL}": (NUMBER, GET),
    f"POST {_OF_CLIENT}/control/cancellation_request": (NUMBER, ACT),
    f"POST {_OF_CLIENT}/control/reactivate": (NUMBER, ACT),
    f"GET {_CHANNEL}/webhook_url": (SETTINGS, GET),
    f"POST {_CHANNEL}/webhook_url": (SETTINGS, UPDATE),
    f"POST {_CHANNEL}/api_keys": (API_KEY, CREATE),
    f"GET {_CHANNEL}/api_keys": (API_KEY, LIST),
    f"DELETE {_CHANNEL}/api_keys": (API_KEY, DELETE),
    f"GET {_WABA}/waba_templates": (TEMPLATE, LIST),
    f"POST {_WABA}/waba_templates": (TEMPLATE, CREATE),
    f"GET {_WABA}/waba_templates/{{template_id}}": (TEMPLATE, GET),
    f"PATCH {_WABA}/waba_templates/{{template_id}}": (TEMPLATE, UPDATE),
    f"DELETE {_WABA}/waba_templates/{{template_id}}": (TEMPLATE, DELETE),
    f"GET {_WABA}/flows": (WABA, LIST),
    f"POST {_WABA}/flows": (WABA, CREATE),
    f"POST {_WABA}/flows/{{flow_id}}/assets": (WABA, UPDATE),
    f"POST {_WABA}/flows/{{flow_id}}/publish": (WABA, ACT),
    f"GET {_OF_CLIENT}/whatsapp_commerce_settings": (NUMBER, GET),
    f"POST {_P}/account_sharing/clients": (CLIENT, CREATE),
    f"POST {_P}/account_sharing/numbers": (NUMBER, CREATE),
    f"PATCH {_P}/settings/partner_change_request": (SETTINGS, UPDATE),
    f"GET {_P}/settings/partner_change_request": (SETTINGS, GET),
    f"GET {_P}/balance": (BALANCE, GET),
    f"GET {_P}/clients/{{client_id}}/info/balance": (BALANCE, GET),
    f"GET {_OF_CLIENT}/info/balance": (BALANCE, GET),
    f"GET {_P}/usage": (BALANCE, LIST),
    f"GET {_P}/ledger": (ENTRY, LIST),
    f"GET {_P}/invoices": (INVOICE, LIST),
    f"GET {_P}/invoices/{{invoice_id}}": (INVOICE, GET),
    f"GET {_P}/invoices/{{invoice_id}}/pdf": (INVOICE_PDF, ACT),
    f"GET {_P}/auto_renewal": (RENEWAL, GET),
    f"PATCH {_P}/auto_renewal": (RENEWAL, UPDATE),
    f"GET {_P}/subscription": (SUBSCRIPTION, GET),
    f"GET {_P}/users": (USER, LIST),
    f"GET {_P}/audit_events": (AUDIT, LIST),
    f"GET {_P}/audit_events/{{event_id}}": (AUDIT, GET),
    f"GET {_P}/webhooks/endpoints": (DELIVERY, LIST),
    f"POST {_P}/webhooks/endpoints": (DELIVERY, CREATE),
    f"GET {_ENDPOINT}": (DELIVERY, GET),
    f"PATCH {_ENDPOINT}": (DELIVERY, UPDATE),
    f"DELETE {_ENDPOINT}": (DELIVERY, DELETE),
    f"GET {_P}/webhooks/deliveries": (DELIVERY, LIST),
    f"GET {_DELIVERY}": (PAYLOAD, GET),
    f"POST {_DELIVERY}/replay": (DELIVERY, ACT),
}
