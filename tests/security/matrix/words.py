"""The words of the matrix, as the corpus has them, under names to write tables with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

CORPUS = json.loads(
    (Path(__file__).parents[2] / "corpora" / "tenant_matrix.json").read_text("utf-8")
)
ROLES: tuple[str, ...] = tuple(CORPUS["roles"])
RESOURCES: tuple[str, ...] = tuple(CORPUS["resources"])
ACTS: tuple[str, ...] = tuple(CORPUS["verbs"])
CARRIERS: tuple[str, ...] = tuple(CORPUS["id_carriers"])

PARTNER, CLIENT, NUMBER, WABA, TEMPLATE, SETTINGS, SECRET, DELIVERY, PAYLOAD = RESOURCES[:9]
API_KEY, USER, INVITATION, SESSION, PROFILE, CARD, ENTRY, BALANCE, RENEWAL = RESOURCES[9:18]
INVOICE, INVOICE_PDF, SUBSCRIPTION, AUDIT, EXPORT, RUN, NOTIFICATION = RESOURCES[18:]
LIST, GET, CREATE, UPDATE, DELETE, ACT = ACTS
PATH_ID, QUERY_ID, BODY_ID, NESTED_ID, EVENT_ARGUMENT, TABLE_ROW, DOWNLOAD = CARRIERS[:7]
SIGNED_LINK, SEARCH, BULK, IDEMPOTENCY_KEY, WEBHOOK_ID, PARTNER_HEADER, CURSOR = CARRIERS[7:]
ANONYMOUS, LINK_OF_A, MEMBER, OWNER, OWNER_OF_B, BOTH, REMOVED, LOGGED_OUT = ROLES[:8]
READ_KEY, WRITE_KEY, REVOKED_KEY, KEY_OF_B, STAFF = ROLES[8:]
# An owner whose pages are open when the membership ends; no role of the corpus by itself.
LEAVER = "owner of A who is removed while pages are open"

# Whom something is for, beyond the permissions of `core.access`.
FOR_STAFF = "staff"
FOR_EVERYBODY = "everybody"  # who is signed in; about themselves only
FOR_THE_WORLD = "the world"  # also without a login; the reason stands beside it


class Cell(NamedTuple):
    """One case of the matrix, by the corpus' own words."""

    role: str
    resource: str
    act: str
    carrier: str
