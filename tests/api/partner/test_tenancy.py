"""Programs of one partner before everything of another's: the corpus' matrix, by the API's routes.

Every route is asked, also those that come later; what is not refused, or changes a row, fails.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from core.accounts.entities import Channel
from core.columns import metadata
from storage.tenancy import vetted
from tests.services.api_world import TEST, ApiWorld
from tests.support.api_breadth import WholeHub
from tests.support.api_door import BASE, Program
from tests.support.asgi import AsgiThread
from ui.api.partner.app import make_api

# What a refused call may leave behind: when a credential was used.
_MOVES = ("api_key", "idempotent_write")
# Every write finds something here that it would do.
_BODY = {
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
}


def calls(hub: WholeHub, ids: dict[str, str]) -> list[tuple[str, str]]:
    """Method and path of every route below a partner, with the ids of somebody else."""
    routes = [route for route in make_api(hub).router.routes if isinstance(route, APIRoute)]
    below = [route for route in routes if "{partner_id}" in route.path]
    assert len(below) > 40
    return [
        (method, re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "1"), route.path))
        for route in below
        for method in sorted(route.methods)
    ]


def fingerprint(world: ApiWorld) -> str:
    """All rows of all tables, but for what may move."""
    digest = hashlib.sha256()
    with world.database.reading(TEST) as session:
        for table in sorted(metadata.tables):
            if table not in _MOVES:
                rows = session.execute(vetted(text(f'SELECT * FROM "{table}"'))).all()  # noqa: S608
                digest.update(repr((table, rows)).encode())
    return digest.hexdigest()


@pytest.fixture
def ids(world: ApiWorld) -> dict[str, str]:
    number = world.number()
    with world.database.reading(TEST) as session:
        channel = session.get_one(Channel, number)
    return {
        "partner_id": world.partner.id,
        "client_id": channel.client_id,
        "channel_id": channel.id,
        "waba_id": channel.waba_account_id,
    }


def ask(http: httpx.Client, method: str, path: str, **request: Any) -> httpx.Response:
    if method not in ("GET", "DELETE"):
        request["json"] = _BODY
    return http.request(method, f"/api/v2{path}", **request)


def test_a_foreign_program_finds_nothing_and_moves_nothing(
    world: ApiWorld, hub: WholeHub, theirs: Program, ids: dict[str, str]
) -> None:
    before, bodies = fingerprint(world), set()
    for method, path in calls(hub, ids):
        for headers in ({}, {"X-Partner-Id": world.other.id}, {"Idempotency-Key": "1"}):
            answer = ask(theirs.http, method, path, headers=headers)
            assert answer.status_code == 404, (method, path, answer.text)
            bodies.add(answer.text)
    assert len(bodies) == 1
    assert fingerprint(world) == before


def test_foreign_ids_below_the_own_path_are_unknown_ones(
    world: ApiWorld, hub: WholeHub, theirs: Program, ids: dict[str, str]
) -> None:
    """The partner is right, the thing is another's: not there, and told as if it never was."""
    before = fingerprint(world)
    own = ids | {"partner_id": world.other.id}
    unknown = own | {"client_id": "nobodyCL", "channel_id": "nobodyCH", "waba_id": "nobodyWA"}
    pairs = zip(calls(hub, own), calls(hub, unknown), strict=True)
    for (method, path), (_, nowhere) in pairs:
        if path == nowhere or method not in ("GET", "DELETE"):
            continue
        foreign, none = ask(theirs.http, method, path), ask(theirs.http, method, nowhere)
        assert foreign.status_code == none.status_code == 404, (method, path, foreign.text)
        assert foreign.text == none.text
    assert fingerprint(world) == before


def test_without_a_good_key_every_route_is_a_401(
    world: ApiWorld, hub: WholeHub, whole: AsgiThread, ids: dict[str, str]
) -> None:
    secret = world.credentials.create_key(world.owner, "Revoked").secret
    (row,) = world.credentials.keys(world.owner)
    world.credentials.revoke_key(world.owner, row.id)
    before = fingerprint(world)
    for headers in ({}, {"X-API-Key": secret}, {"Cookie": f"__Host-hub={secret}"}):
        http = httpx.Client(transport=whole, base_url=BASE, headers=headers)
        for method, path in calls(hub, ids):
            answer = ask(http, method, path, headers={"Idempotency-Key": "1"})
            assert answer.status_code == 401, (method, path, answer.text)
    assert fingerprint(world) == before


def test_a_key_that_may_look_changes_nothing(
    world: ApiWorld, hub: WholeHub, whole: AsgiThread, ids: dict[str, str]
) -> None:
    scopes = ["accounts:read", "settings:read", "users:read", "billing:read"]
    secret = world.credentials.create_key(world.owner, "Looks", scopes).secret
    looks = Program(whole, world.partner.id, secret)
    before = fingerprint(world)
    for method, path in calls(hub, ids):
        if method != "GET":
            answer = ask(looks.http, method, path)
            assert 400 <= answer.status_code < 500, (method, path, answer.text)
    assert fingerprint(world) == before


def test_filters_and_pages_stay_inside(
    world: ApiWorld, ours: Program, theirs: Program, ids: dict[str, str]
) -> None:
    mine = ours.get(f"/channels/{ids['channel_id']}").json()
    for filters in (
        {"id": mine["id"]},
        {"q": mine["setup_info"]["phone_name"]},
        {"client_id": mine["client_id"]},
        {"waba_account.id": mine["waba_account_id"]},
        {"client.name": mine["client"]["name"]},
        {"project.id": mine["project"]["id"]},
    ):
        query = {"filters": json.dumps(filters)}
        assert ours.get("/channels", params=query).json()["total"] == 1, filters
        assert theirs.get("/channels", params=query).json()["total"] == 0, filters
    once = {"Idempotency-Key": "shared"}
    path = f"/clients/{ids['client_id']}"
    assert ours.patch(path, json={"max_channels": 1}, headers=once).status_code == 200
    assert theirs.patch(path, json={"max_channels": 1}, headers=once).status_code == 404
