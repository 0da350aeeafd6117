"""A WhatsApp Business Account as the contract writes it."""

from __future__ import annotations

from typing import Any

from core.accounts.returning import as_meta_calls_it
from core.integration.shapes.values import Json, by, fb_account_status, moment, told

WABA_COLUMNS = (
    "id client_id external_id name namespace status review_status business_verification "
    "owner_business_id owner_business_name ownership_type removed created_at"
).split()

# What the client's business says to the partner's access, in the contract's words.
SHARED, TAKEN_AWAY = "approved", "denied"


def waba_account_object(waba: Any, client_name: str) -> Json:
    """The object of a row with `WABA_COLUMNS`; `client_name` is whose account it is."""
    return told(
        {
            "id": waba.id,
            "external_id": as_meta_calls_it(waba.external_id),
            "client_id": waba.client_id,
            "name": waba.name,
            "namespace": waba.namespace,
            "status": (waba.review_status or waba.status).lower(),
            "fb_account_status": fb_account_status(waba.business_verification),
            "fb_business_id": waba.owner_business_id,
            "consents": [],
            "created_at": moment(waba.created_at),
            "created_by": by(waba.client_id, client_name),
            "on_behalf_of_business_info": {
                "id": waba.owner_business_id,
                "name": waba.owner_business_name,
                "status": TAKEN_AWAY if waba.removed else SHARED,
                "type": waba.ownership_type,
            },
        }
    )
