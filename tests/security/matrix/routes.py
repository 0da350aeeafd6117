"""What every address outside the API is about: pages, files, links, hooks.

Dashboard pages take the permission of their place (`ui.places`), so only what they are about is
said here. `OPEN` is for everybody on purpose, each with the reason.
"""

from __future__ import annotations

from tests.security.matrix.words import (
    ACT,
    API_KEY,
    AUDIT,
    BALANCE,
    BODY_ID,
    CARD,
    CREATE,
    DELIVERY,
    DOWNLOAD,
    ENTRY,
    EXPORT,
    GET,
    INVITATION,
    INVOICE,
    LIST,
    NOTIFICATION,
    NUMBER,
    PARTNER_HEADER,
    PATH_ID,
    PAYLOAD,
    PROFILE,
    QUERY_ID,
    RENEWAL,
    RUN,
    SEARCH,
    SESSION,
    SETTINGS,
    SIGNED_LINK,
    SUBSCRIPTION,
    UPDATE,
    USER,
    WABA,
    WEBHOOK_ID,
)

PLACES: dict[str, tuple[str, str]] = {
    "/accounts": (NUMBER, LIST),
    "/accounts/{channel_id}": (NUMBER, GET),
    "/onboarding-runs": (RUN, LIST),
    "/onboarding-runs/{run_id}": (RUN, GET),
    "/integration": (SETTINGS, GET),
    "/integration/webhooks": (DELIVERY, LIST),
    "/integration/webhooks/deliveries": (DELIVERY, LIST),
    "/integration/webhooks/deliveries/{delivery_id}": (PAYLOAD, GET),
    "/integration/keys": (API_KEY, LIST),
    "/billing/balance": (BALANCE, GET),
    "/billing/balance/statement": (ENTRY, LIST),
    "/billing/balance/messages": (ENTRY, LIST),
    "/billing/balance/entries/{key}": (ENTRY, GET),
    "/billing/balance/parked": (ENTRY, LIST),
    "/billing/auto-renewal": (RENEWAL, GET),
    "/billing/payments": (ENTRY, LIST),
    "/billing/payments/{payment_id}": (ENTRY, GET),
    "/billing/cards": (CARD, LIST),
    "/billing/invoices": (INVOICE, LIST),
    "/billing/invoices/{invoice_id}": (INVOICE, GET),
    "/billing/details": (PROFILE, GET),
    "/billing/subscriptions": (SUBSCRIPTION, GET),
    "/billing/subscriptions/upgrade": (SUBSCRIPTION, GET),
    "/billing/subscriptions/licences": (SUBSCRIPTION, LIST),
    "/billing/subscriptions/cancel": (SUBSCRIPTION, GET),
    "/profile": (PROFILE, GET),
    "/users": (USER, LIST),
    "/support": (NOTIFICATION, LIST),
    "/support/{conversation_id}": (NOTIFICATION, GET),
    "/me": (SESSION, LIST),
    "/audit": (AUDIT, LIST),
    "/audit/{event_id}": (AUDIT, GET),
}

# Routes that somebody signed in uses, and how the id comes: (resource, act, carriers).
GUARDED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "GET /support/files/{file_id}": (EXPORT, GET, (PATH_ID, DOWNLOAD)),
    "GET /desk/files/{file_id}": (EXPORT, GET, (PATH_ID, DOWNLOAD)),
    "GET /audit/export.csv": (EXPORT, ACT, (QUERY_ID, SEARCH, DOWNLOAD)),
    "POST /support/files": (EXPORT, CREATE, (QUERY_ID, PARTNER_HEADER)),
    "POST /desk/files": (EXPORT, CREATE, (QUERY_ID, PARTNER_HEADER)),
    "POST /profile/logo": (PROFILE, CREATE, (QUERY_ID, PARTNER_HEADER)),
    "GET /desk": (NOTIFICATION, LIST, ()),
    "GET /desk/{conversation_id}": (NOTIFICATION, GET, (PATH_ID,)),
}

# Routes of a client: the link is the key, and it opens one client's own things.
LINKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "POST /onboarding/api/{run_id}/signal": (RUN, ACT, (PATH_ID, SIGNED_LINK)),
    "GET /onboarding/{partner_id}/run/{run_id}": (RUN, GET, (PATH_ID, SIGNED_LINK)),
    "GET /onboarding/resume/{token}": (RUN, GET, (SIGNED_LINK,)),
    "POST /onboarding/resume/{token}": (RUN, ACT, (SIGNED_LINK,)),
    "POST /onboarding/elsewhere/{run_id}": (RUN, ACT, (PATH_ID, SIGNED_LINK)),
    "GET /invitations/{token}": (INVITATION, GET, (SIGNED_LINK,)),
    "GET /pay/at/{link_id}": (BALANCE, GET, (PATH_ID, SIGNED_LINK)),
    "POST /pay/at/{link_id}/{act}": (BALANCE, ACT, (PATH_ID, SIGNED_LINK)),
    "GET /pay/at/{link_id}/invoices/{invoice_id}": (INVOICE, GET, (PATH_ID, SIGNED_LINK, DOWNLOAD)),
    "GET /pay/{token}": (BALANCE, GET, (SIGNED_LINK,)),
    "POST /pay/{token}": (BALANCE, ACT, (SIGNED_LINK,)),
}

# What others' systems tell us: without their signature an id in it moves nothing.
HOOKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "POST /webhooks/meta": (WABA, UPDATE, (WEBHOOK_ID, BODY_ID)),
    "POST /webhooks/stripe": (BALANCE, UPDATE, (WEBHOOK_ID, BODY_ID)),
}

OPEN: dict[str, str] = {
    "GET /healthz": "says that the process answers",
    "GET /readyz": "says that the database answers",
    "GET /metrics": "figures of no partner, for near machines only (`ui.api.health`)",
    "GET /favicon.ico": "a picture",
    "GET /login": "the door itself",
    "GET /login/callback": "the provider's answer; state, nonce and verifier are its keys",
    "GET /signed-out": "says so",
    "GET /switched": "leads on to the page that was asked for",
    "GET /confirmed": "says so; what was confirmed is in the session",
    "POST /login/start": "begins a login; counted per address",
    "POST /logout": "ends the caller's own session; of our own pages only",
    "POST /switch": "moves the caller's own session to a partner that the person works for",
    "GET /logos/{digest}": "a picture by the hash of its content, shown on public pages",
    "GET /onboarding/{partner_id}": "the partner's link for new clients",
    "GET /onboarding/{partner_id}/": "the same",
    "GET /onboarding/example-terms": "the sandbox's example",
    "GET /dashboard/app/{partner_id}": "the old address of the partner's link",
    "GET /dashboard/app/{partner_id}/": "the same",
    "GET /dashboard/app/{partner_id}/permissions": "the same",
    "GET /dashboard/app/{partner_id}/permissions/": "the same",
    "GET /openapi.json": "FastAPI's own, of no operation: the API's is below its prefix",
}
