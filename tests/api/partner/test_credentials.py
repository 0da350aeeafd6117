"""Who gets in: every way to send a credential, and none that is not one."""

from __future__ import annotations

import pytest

from tests.services.api_world import ApiWorld
from tests.support.api_door import Program
from tests.support.asgi import AsgiThread


def path(world: ApiWorld) -> str:
    return f"/api/v2/partners/{world.partner.id}/channels"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "KEY"},
        {"x-api-key": "KEY"},
        {"X-Api-Key": " KEY "},
        {"Authorization": "Bearer KEY"},
        {"authorization": "bearer KEY"},
        {"D360-API-KEY": "KEY"},
        {"d360-api-key": "KEY"},
        {"Authorization": "", "X-API-Key": "KEY"},
        {"Authorization": " ", "D360-API-KEY": "KEY"},
        {"Authorization": "Bearer ", "X-API-Key": "KEY"},
        {"Authorization": "Bearer TOKEN"},
        {"Authorization": "Bearer TOKEN", "Content-Type": "application/json"},
    ],
)
def test_each_form_of_credential_is_taken(
    world: ApiWorld, wire: AsgiThread, key: str, headers: dict[str, str]
) -> None:
    user = world.credentials.create_system_user(world.owner, "robot@acme.example")
    anybody = Program(wire, world.partner.id).http
    asked = {"username": "robot@acme.example", "password": user.password}
    token = anybody.post("/api/v2/token", json=asked).json()["access_token"]
    filled = {n: v.replace("KEY", key).replace("TOKEN", token) for n, v in headers.items()}
    assert anybody.get(path(world), headers=filled).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"X-API-Key": ""},
        {"X-API-Key": "phk_nobody"},
        {"Authorization": "Basic KEY"},
        {"Authorization": "Bearer phr_nobody"},
        {"Cookie": "__Host-hub=KEY; X-API-Key=KEY"},
        {"X-API-Key": "KEY and more"},
    ],
)
def test_nothing_else_is(
    world: ApiWorld, wire: AsgiThread, key: str, headers: dict[str, str]
) -> None:
    anybody = Program(wire, world.partner.id).http
    filled = {name: value.replace("KEY", key) for name, value in headers.items()}
    answer = anybody.get(path(world), headers=filled)
    assert answer.status_code == 401
    assert answer.json()["meta"]["http_code"] == 401
    assert key not in answer.text
    assert "set-cookie" not in answer.headers


def test_a_token_is_given_as_the_contract_says(world: ApiWorld, wire: AsgiThread) -> None:
    user = world.credentials.create_system_user(world.owner, "robot@acme.example")
    anybody = Program(wire, world.partner.id).http
    asked = {"username": "robot@acme.example", "password": user.password}
    answer = anybody.post("/api/v2/token", json=asked)
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (told["token_type"], type(told["expires_in"])) == ("Bearer", int)
    again = anybody.post("/api/v2/token", json={"refresh_token": told["refresh_token"]})
    assert again.status_code == 200
    form = anybody.post("/api/v2/token", data=asked)
    assert form.status_code == 200
    untyped = anybody.post("/api/v2/token", content=form.request.content)
    assert untyped.status_code == 422
    for wrong in (asked | {"password": "wrong"}, asked | {"username": "nobody@acme.example"}):
        refused = anybody.post("/api/v2/token", json=wrong)
        assert refused.status_code == 401
        assert set(refused.json()) == {"error", "error_description"}
    for malformed in (b"{", b"[]", b"{}", b'{"username": 5, "password": []}'):
        refused = anybody.post("/api/v2/token", content=malformed)
        assert refused.status_code == 422
        assert refused.json()["meta"]["error_data"]["code"] == "malformed_body"


def test_wrong_logins_are_few(world: ApiWorld, wire: AsgiThread) -> None:
    anybody = Program(wire, world.partner.id).http
    wrong = {"username": "robot@acme.example", "password": "guess"}
    answers = [anybody.post("/api/v2/token", json=wrong) for _ in range(32)]
    assert [answer.status_code for answer in answers[:30]] == [401] * 30
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61


def test_a_revoked_key_is_refused_at_once(world: ApiWorld, program: Program, key: str) -> None:
    assert program.get("/channels").status_code == 200
    (row,) = world.credentials.keys(world.owner)
    world.credentials.revoke_key(world.owner, row.id)
    assert program.get("/channels").status_code == 401
    assert program.post("/channels/x/api_keys", headers={"Idempotency-Key": "1"}).status_code == 401


def test_another_partners_path_is_an_unknown_one(
    world: ApiWorld, program: Program, stranger: Program
) -> None:
    number = world.number()
    client = program.get(f"/channels/{number}").json()["client_id"]
    foreign = [
        program.http.get(f"/api/v2/partners/{world.other.id}/clients"),
        program.http.get("/api/v2/partners/NobodyPA/clients"),
        stranger.get(f"/channels/{number}"),
        stranger.get("/channels/nobodyCH"),
        stranger.get(f"/clients/{client}"),
        stranger.patch(f"/clients/{client}", json={"max_channels": 1}),
        stranger.post(f"/channels/{number}/api_keys"),
        stranger.ask("DELETE", f"/channels/{number}/api_keys"),
        stranger.post(f"/clients/{client}/channels/{number}/control/reactivate"),
    ]
    assert {answer.status_code for answer in foreign} == {404}
    assert len({answer.text for answer in foreign}) == 1


def test_scopes_are_a_403(world: ApiWorld, wire: AsgiThread) -> None:
    made = world.credentials.create_key(world.owner, "Looks", ["accounts:read"])
    looks = Program(wire, world.partner.id, made.secret)
    number = world.number()
    assert looks.get("/channels").status_code == 200
    assert looks.post(f"/channels/{number}/api_keys").status_code == 403
    assert looks.get("").status_code == 403
