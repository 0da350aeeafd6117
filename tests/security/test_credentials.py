"""How programs get in: each guard is in the register, and missed here when it is off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from core.clock import FixedClock
from core.errors import NotSignedIn
from core.integration.api_entities import IdempotentWrite
from storage.database import SqlDatabase
from tests.services.api_world import TEST, ApiWorld, api_world
from tests.support.api_door import ApiHub, Program, api_app
from tests.support.asgi import AsgiThread

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
USER = "robot@acme.example"


@pytest.fixture
def world(database: SqlDatabase) -> ApiWorld:
    return api_world(database, FixedClock(NOW), api_calls_per_minute=20)


@pytest.fixture
def wire(world: ApiWorld) -> Iterator[AsgiThread]:
    transport = AsgiThread(api_app(ApiHub(world)))
    yield transport
    transport.close()


@pytest.fixture
def program(world: ApiWorld, wire: AsgiThread) -> Program:
    secret = world.credentials.create_key(world.owner, "Program").secret
    return Program(wire, world.partner.id, secret)


def revoke(world: ApiWorld) -> None:
    for row in world.credentials.keys(world.owner):
        world.credentials.revoke_key(world.owner, row.id)


def test_a_key_that_was_revoked_a_moment_ago_is_refused(world: ApiWorld, program: Program) -> None:
    assert program.get("/clients").status_code == 200
    revoke(world)
    assert program.get("/clients").status_code == 401


def test_a_program_does_what_its_scopes_say(world: ApiWorld, wire: AsgiThread) -> None:
    secret = world.credentials.create_key(world.owner, "Looks", ["accounts:read"]).secret
    looks = Program(wire, world.partner.id, secret)
    number = world.number()
    assert looks.get(f"/channels/{number}").status_code == 200
    assert looks.post(f"/channels/{number}/api_keys").status_code == 403
    assert looks.get("/webhook_url").status_code == 403


def test_another_partners_path_is_not_there(world: ApiWorld, program: Program) -> None:
    theirs = f"/api/v2/partners/{world.other.id}"
    assert program.http.get(f"{theirs}/clients").status_code == 404
    once = {"Idempotency-Key": "1"}
    assert program.http.patch(theirs, json={}, headers=once).status_code == 404


def test_a_wrong_password_brings_no_token(world: ApiWorld) -> None:
    world.credentials.create_system_user(world.owner, USER)
    for wrong in ("", "guess"):
        with pytest.raises(NotSignedIn):
            world.api.door.log_in(USER, wrong)


def test_a_switched_off_login_gives_no_token(world: ApiWorld) -> None:
    user = world.credentials.create_system_user(world.owner, USER)
    world.credentials.set_token_login(world.owner, False)
    with pytest.raises(NotSignedIn):
        world.api.door.log_in(USER, user.password)
    world.credentials.set_token_login(world.owner, True)
    world.credentials.disable_system_user(world.owner, user.row.id)
    with pytest.raises(NotSignedIn):
        world.api.door.log_in(USER, user.password)


def test_passwords_are_not_tried_without_end(program: Program) -> None:
    guess = {"username": USER, "password": "guess"}
    statuses = [program.http.post("/api/v2/token", json=guess).status_code for _ in range(31)]
    assert (statuses[0], statuses[-1]) == (401, 429)


def test_calls_have_an_end(program: Program) -> None:
    statuses = {program.get("/nobody", headers={}).status_code for _ in range(2)}
    assert statuses == {404}
    assert 429 in {program.get("/clients").status_code for _ in range(25)}


def test_a_revoked_key_is_told_no_kept_answer(world: ApiWorld, program: Program) -> None:
    number, once = world.number(), {"Idempotency-Key": "order-1"}
    made = program.post(f"/channels/{number}/api_keys", headers=once)
    assert made.status_code == 201
    with world.database.reading(TEST) as session:
        (kept,) = session.exec(select(IdempotentWrite)).all()
    assert made.json()["api_key"].encode() not in kept.answer
    revoke(world)
    again = program.post(f"/channels/{number}/api_keys", headers=once)
    assert again.status_code == 401


def test_a_number_without_permission_has_no_key(world: ApiWorld, program: Program) -> None:
    for values in ({"consent": "pending"}, {"consent": "revoked"}):
        number = world.number(**values)
        assert program.post(f"/channels/{number}/api_keys").status_code == 403


def test_a_number_is_not_cancelled_through_another_client(
    world: ApiWorld, program: Program
) -> None:
    number, other = world.number(), world.number()
    client = program.get(f"/channels/{other}").json()["client_id"]
    path = f"/clients/{client}/channels/{number}/control/cancellation_request"
    assert program.post(path).status_code == 404
    assert program.get(f"/channels/{number}").json()["cancelled_at"] is None
