"""Example data of each webhook, for the catalogue and for test events; pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_AT = "2026-11-02T09:30:00Z"
_BY = {"user_id": "k3TQz0CL", "user_name": "Beispiel Bäckerei GmbH"}
_CONTACT: Json = {
    "full_name": "Ada Beispiel",
    "email": "ada@baeckerei.example",
    "phone": "+4915550001111",
    "country": "DE",
    "language": "de",
    "city": "Berlin",
    "street_name": "Beispielstraße 1",
    "zip_code": "10115",
    "webpage_url": "https://baeckerei.example",
}

CLIENT: Json = {
    "id": "k3TQz0CL",
    "name": "Beispiel Bäckerei GmbH",
    "status": "active",
    "organisation": "Beispiel Bäckerei GmbH",
    "meta_info": {},
    "contact_info": _CONTACT,
    "contact_user": {
        "name": "Ada Beispiel",
        "email": "ada@baeckerei.example",
        "phone": "+4915550001111",
    },
    "partner_payload": "customer-4711",
    "suspicious": False,
    "created_at": _AT,
    "created_by": _BY,
    "modified_at": _AT,
    "modified_by": _BY,
}

CHANNEL: Json = {
    "id": "Xw81bnCH",
    "client_id": "k3TQz0CL",
    "external_id": "106540352242922",
    "account_mode": "live",
    "status": "ready",
    "hub_status": "live",
    "availability_status": "available",
    "cancelled_at": None,
    "billing_started_at": _AT,
    "terminated_at": None,
    "created_at": _AT,
    "modified_at": _AT,
    "current_limit": "TIER_1K",
    "current_quality_rating": "Green",
    "is_on_biz_app": False,
    "has_inbox": None,
    "is_oba": None,
    "client": {
        "id": "k3TQz0CL",
        "name": "Beispiel Bäckerei GmbH",
        "partner_payload": "customer-4711",
        "contact_info": _CONTACT,
    },
    "setup_info": {
        "phone_number": "4915550001111",
        "phone_name": "Beispiel Bäckerei",
        "was_in_use": False,
        "ivr": False,
        "new_name_status": "APPROVED",
        "default_language": "de",
        "has_integration_layer": True,
        "configuration_type": "cloud_api",
        "region": "DE",
        "shards_number": 1,
    },
    "waba_account": {
        "id": "b7RkqpWA",
        "external_id": "102290129340398",
        "client_id": "k3TQz0CL",
        "name": "Beispiel Bäckerei",
        "namespace": "3f8f1b5c_1e6c_4a1c_9f0a_0d3c6a0f7b11",
        "status": "approved",
        "fb_account_status": "verified",
        "fb_business_id": "301111111111111",
        "consents": [],
        "created_at": _AT,
        "created_by": _BY,
        "on_behalf_of_business_info": {
            "id": "301111111111111",
            "name": "Beispiel Bäckerei GmbH",
            "status": "approved",
            "type": "SELF",
        },
    },
    "waba_account_id": "b7RkqpWA",
    "integration": {"enabled": True, "app_id": "Xw81bnAP", "state": "running"},
    "project": {"id": "k3TQz0PR", "name": "Beispiel Bäckerei GmbH", "license_model": "regular"},
}

RESTRICTIONS = [
    {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_795_636_101}
]
BAN = {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "waba_ban_date": "December 3, 2026"}

TEMPLATE: Json = {
    "id": "102290129340398",
    "template": {
        "id": "h7Kq2mZx41VbPt90LcRw3d",
        "external_id": "1002003004005006",
        "partner_id": "f167CmPA",
        "waba_account_id": "b7RkqpWA",
        "name": "order_ready",
        "language": "de",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Ihre Bestellung {{1}} ist fertig."}],
        "rejected_reason": "NONE",
        "namespace": "3f8f1b5c_1e6c_4a1c_9f0a_0d3c6a0f7b11",
        "created_at": _AT,
        "created_by": {"user_id": "meta", "user_name": "Meta"},
        "modified_at": _AT,
        "modified_by": {"user_id": "meta", "user_name": "Meta"},
        "new_status": "APPROVED",
        "quality_score": "GREEN",
    },
}

BALANCE: Json = {
    "client_id": "",
    "balance": 48.20,
    "currency": "EUR",
    "alert_level": 50.00,
}

PAYMENT: Json = {
    "id": "q1W2e3R4t5Z6u7I8o9P0aS",
    "purpose": "auto_renewal",
    "status": "succeeded",
    "client_id": "",
    "amount": 100.00,
    "total": 123.76,
    "currency": "EUR",
    "created_at": _AT,
}

RENEWAL: Json = {
    "client_id": "",
    "amount": 100.00,
    "currency": "EUR",
    "reason": "card_declined",
    "failures": 1,
    "next_try_at": "2026-11-02T10:30:00Z",
}

INVOICE: Json = {
    "id": "Ab12CdIN",
    "number": "2026-000042",
    "kind": "plan",
    "status": "paid",
    "client_id": "",
    "net": 500.00,
    "tax": 95.00,
    "total": 595.00,
    "payable": 595.00,
    "currency": "EUR",
    "issued_on": "2026-11-01",
    "due_on": "2026-11-15",
}

SUBSCRIPTION: Json = {
    "plan": "premium",
    "previous_plan": "growth",
    "state": "active",
    "started_on": "2025-11-01",
}


def changed(previous: str, current: str) -> Json:
    """The channel after a change."""
    return CHANNEL | {"change": {"previous": previous, "current": current}}


def enforced(**told: Any) -> Json:
    """What Meta did about an account, for one of its numbers."""
    return {
        "phone_number": "4915550001111",
        "channel_id": "Xw81bnCH",
        "client_id": "k3TQz0CL",
        "waba_account_id": "b7RkqpWA",
        "waba_external_id": "102290129340398",
    } | told
