"""Every operation of the partner API, asked by everybody, with ids by every way it takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.security.matrix import words
from tests.security.matrix.arguments import IDS
from tests.security.matrix.operations import OPERATIONS
from tests.security.matrix.refusals import Attempt
from tests.security.matrix.site import Site
from tests.security.matrix.words import Cell
from tests.security.matrix.world import A, B
from ui.api.partner.app import PREFIX

_GOOD_KEYS = (words.READ_KEY, words.WRITE_KEY, words.KEY_OF_B)
_WRITES = ("POST", "PATCH", "PUT", "DELETE")
_PART = re.compile(r"{(\w+)}")
# Every write finds something here that it would do.
_BODY: dict[str, Any] = {
    "webhook_url": "http://localhost:9001/hook",
    "url": "http://localhost:9001/hook",
    "partner_redirect_url": "https://acme-messaging.com/done",
    "max_channels": 1,
    "enabled": True,
    "auto_approve": True,
    "is_paused": True,
    "name": "taken",
    "email": "taken@acme.example",
    "category": "UTILITY",
    "categories": ["OTHER"],
    "language": "en",
    "components": [{"type": "BODY", "text": "Hello"}],
    "waba_external_id": "1",
    "solution_id": "123456789012345",
}


def operations_of(api: FastAPI) -> set[str]:
    """Method and path of everything that the API answers."""
    routes = (route for route in api.router.routes if hasattr(route, "methods"))
    return {
        f"{method} {route.path}"  # type: ignore[attr-defined]
        for route in routes
        for method in route.methods or ()  # type: ignore[attr-defined]
        if method != "HEAD"
    }


def is_documented(api: FastAPI, operation: str) -> bool:
    method, _, path = operation.partition(" ")
    routes = (each for each in api.router.routes if isinstance(each, APIRoute))
    return any(each.path == path and method in each.methods for each in routes)


def api_attempts(site: Site, role: str) -> Iterator[Attempt]:
    """Somebody else's address; one's own address with somebody else's things; writes without."""
    victim = site.world.victim_of(role)
    own = A if victim == B else B
    for operation in OPERATIONS:
        yield _attempt(site, role, operation, victim, _below_foreign(role))
        if role == words.REVOKED_KEY:
            yield _attempt(site, role, operation, own, frozenset({401}))
        if role not in _GOOD_KEYS:
            continue
        is_write = operation.startswith(_WRITES)
        if operation.count("{") > 1:
            refused = {403, 404} if role == words.READ_KEY and is_write else {404}
            yield _attempt(site, role, operation, own, frozenset(refused | _at_meta(operation)))
        elif not is_write:
            yield _attempt(site, role, operation, own, frozenset({200, 400, 403, 404}))
        elif role == words.READ_KEY:
            yield _attempt(site, role, operation, own, frozenset({403}))


def _below_foreign(role: str) -> frozenset[int]:
    if role == words.REVOKED_KEY:  # known for some seconds yet, and refused at every act
        return frozenset({401, 404})
    return frozenset({404}) if role in _GOOD_KEYS else frozenset({401})


def _at_meta(operation: str) -> set[int]:
    # A flow is looked up at Meta, which is not there, with the token of one's own account; its
    # JSON is looked at first.
    return {409, 422, 503} if "{flow_id}" in operation else set()


def _attempt(
    site: Site, role: str, operation: str, partner_id: str, statuses: frozenset[int]
) -> Attempt:
    victim = site.world.victim_of(role)
    theirs = site.world.ids[victim]
    nobodys = site.world.unknown
    resource, act = OPERATIONS[operation]

    def call(ids: dict[str, Any]) -> Any:
        method, path, request = _request(operation, partner_id, ids, victim)
        names = [*_PART.findall(operation), "client_id", "channel_id"]
        said = [victim, *(str(ids[IDS[name]]) for name in names)]
        return site.outcome(role, method, path, said, **request)

    return Attempt(
        what=f"{role}: {operation} ({partner_id})",
        cells=tuple(
            Cell(role, resource, act, carrier) for carrier in _carriers(operation, partner_id)
        ),
        foreign=lambda: call(theirs),
        unknown=lambda: call(nobodys),
        statuses=statuses,
    )


def _carriers(operation: str, partner_id: str) -> list[str]:
    found = [words.PATH_ID, words.QUERY_ID, words.PARTNER_HEADER]
    if operation.count("{") > 1:
        found.append(words.NESTED_ID)
    if operation.startswith(_WRITES):
        found += [words.BODY_ID, words.IDEMPOTENCY_KEY]
    else:
        found += [words.SEARCH]
    if operation.endswith("/pdf"):
        found.append(words.DOWNLOAD)
    return found


def _request(
    operation: str, partner_id: str, ids: dict[str, Any], victim: str
) -> tuple[str, str, dict[str, Any]]:
    """The call with the ids by all the ways that there are at once."""
    method, _, path = operation.partition(" ")
    parts = ids | {"partner": partner_id}
    path = _PART.sub(lambda found: str(parts[IDS[found[1]]]), path)
    named = {name: str(ids[table]) for name, table in IDS.items() if name.endswith("_id")}
    request: dict[str, Any] = {
        "headers": {"X-Partner-Id": victim},
        "params": {"partner_id": victim, "client_id": named["client_id"]},
    }
    if method == "GET":
        request["params"]["filters"] = json.dumps({"id": named["channel_id"]})
    else:
        request["headers"]["Idempotency-Key"] = "otheidempotent_writekey"
    if method in ("POST", "PATCH"):
        request["json"] = _BODY | {k: named[k] for k in ("partner_id", "client_id", "channel_id")}
    return method, PREFIX + path, request
