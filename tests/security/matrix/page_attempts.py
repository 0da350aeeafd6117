"""Every address outside the API, asked by everybody: dashboard pages, files, clients' links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.security.matrix import words
from tests.security.matrix.refusals import KEYS, NOBODY, Attempt
from tests.security.matrix.routes import GUARDED, HOOKS, LINKS, PLACES
from tests.security.matrix.site import Site
from tests.security.matrix.words import Cell
from ui.sections import all_sections

_PART = re.compile(r"{(\w+)}")
# A part of an address, and the table whose key it is.
_TABLES = {
    "channel_id": "channel",
    "conversation_id": "support_conversation",
    "delivery_id": "webhook_delivery",
    "event_id": "event",
    "file_id": "support_file",
    "invoice_id": "invoice",
    "key": "ledger_entry",
    "link_id": "pay_link",
    "payment_id": "payment",
    "run_id": "onboarding_run",
    "partner_id": "partner",
    "token": "pay_link",
    "act": "act",
}
# Redirects to the door, or to where the person belongs.
_AWAY = frozenset({303, 307})
_OUTSIDE = NOBODY | KEYS | {words.LINK_OF_A}


def page_attempts(site: Site, role: str) -> Iterator[Attempt]:
    """Pages of the dashboard, then what is fetched beside them, then what links open."""
    for section in all_sections():
        statuses = _of_place(role, section.permission, has_id="{" in section.path)
        carriers = [words.QUERY_ID, words.PARTNER_HEADER]
        if "{" in section.path:
            carriers.append(words.PATH_ID)
        about = PLACES[section.path]
        yield _attempt(site, role, f"GET {section.path}", (*about, tuple(carriers)), statuses)
    for operation, about3 in GUARDED.items():
        yield _attempt(site, role, operation, about3, _of_guarded(role, operation))
    for operation, about3 in LINKS.items():
        # Somebody else's link id in a browser that never opened the link.
        yield _attempt(site, role, operation, about3, _of_link(operation))
    for operation, about3 in HOOKS.items():
        yield _attempt(site, role, operation, about3, frozenset({400, 401, 403}))


def _of_place(role: str, permission: Any, *, has_id: bool) -> frozenset[int]:
    if role in _OUTSIDE or role in (words.STAFF, words.REMOVED):
        return _AWAY | frozenset({403})
    is_owner = role in (words.OWNER, words.OWNER_OF_B)
    if not is_owner and permission.value != "accounts":
        return frozenset({403})
    # Filters that name a client of nobody's find nothing, or are not there.
    return frozenset({404}) if has_id else frozenset({200, 404})


def _of_link(operation: str) -> frozenset[int]:
    # A page that asks to press a button, the same for any link; a signal that is no JSON.
    said = {"GET /onboarding/resume/{token}": 200, "POST /onboarding/api/{run_id}/signal": 415}
    return frozenset({303, 307, 403, 404, 410, said.get(operation, 404)})


def _of_guarded(role: str, operation: str) -> frozenset[int]:
    if role in _OUTSIDE or role == words.REMOVED:
        return _AWAY | frozenset({401, 403, 404})
    if role == words.STAFF and "/desk" in operation:
        return frozenset({200, 400, 403, 404, 422})
    is_owner = role in (words.OWNER, words.OWNER_OF_B)
    if is_owner and "/audit" in operation:
        return frozenset({200})  # their own record, and nothing of the other's in it
    if is_owner and operation.startswith("POST"):
        return frozenset({400, 403, 404, 422})  # the file is none
    return frozenset({401, 403, 404})


def _attempt(
    site: Site,
    role: str,
    operation: str,
    about: tuple[str, str, tuple[str, ...]],
    statuses: frozenset[int],
) -> Attempt:
    resource, act, carriers = about
    victim = site.world.victim_of(role)

    def call(ids: dict[str, Any]) -> Any:
        method, _, path = operation.partition(" ")
        parts = ids | {"act": "top-up"}
        said = [str(parts[_TABLES[name]]) for name in _PART.findall(path)]
        said += [str(ids["client"]), str(ids["payment"]), victim]
        path = _PART.sub(lambda found: str(parts[_TABLES[found[1]]]), path)
        query = f"?client={ids['client']}&partner={victim}&after={ids['payment']}"
        headers = {"X-Partner-Id": victim, "Origin": site.world.settings.origin}
        path += query if method == "GET" else ""
        request: dict[str, Any] = {"headers": headers}
        if operation in HOOKS:
            request["json"] = _told(ids)
        return site.outcome(role, method, path, said, **request)

    # The desk sees all partners; who works for both is offered to go to the other one (409).
    may = role == words.BOTH or (role == words.STAFF and "/desk" in operation)
    return Attempt(
        what=f"{role}: {operation}",
        cells=tuple(Cell(role, resource, act, carrier) for carrier in carriers),
        foreign=lambda: call(site.world.unknown if may else site.world.ids[victim]),
        unknown=lambda: call(site.world.unknown),
        statuses=statuses,
        tells=may,
    )


def _told(ids: dict[str, Any]) -> dict[str, Any]:
    """As Meta and the payment provider write it, about somebody's things, without a signature."""
    change = {"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": str(ids["waba_account"]), "changes": [change]}],
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": str(ids["payment"]), "metadata": {"payment": ids["payment"]}}},
    }
