"""Keys, system users and tokens: who gets in, and who does not any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from core.access import Permission
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn
from core.events import Event
from core.partners.api_entities import ApiKey, ApiScope, SystemUser
from core.partners.entities import Partner
from storage.database import SqlDatabase
from tests import factories
from tests.services.api_world import TEST, ApiWorld, api_world


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> ApiWorld:
    return api_world(database, clock)


def test_a_key_acts_for_its_partner_until_it_is_revoked(world: ApiWorld) -> None:
    made = world.credentials.create_key(world.owner, " CRM ")
    assert (made.row.name, made.row.revoked_at) == ("CRM", None)
    who = world.api.door.principal(made.secret)
    assert (who.partner_id, who.person_id) == (world.partner.id, f"key:{made.row.id}")
    with world.gate.writing(who, Permission.ACCOUNTS) as session:
        assert [row.id for row in session.exec(select(Partner))] == [world.partner.id]
    world.credentials.revoke_key(world.owner, made.row.id)
    with pytest.raises(NotSignedIn), world.gate.reading(who, Permission.ACCOUNTS):
        pytest.fail("a revoked key was let in")
    with pytest.raises(NotSignedIn):
        api_world_door(world).principal(made.secret)


def api_world_door(world: ApiWorld):  # type: ignore[no-untyped-def]
    """A door that remembers nobody."""
    return type(world.api.door)(world.database, world.clock, world.api.door._settings)


def test_a_secret_is_stored_and_told_nowhere(world: ApiWorld) -> None:
    made = world.credentials.create_key(world.owner, "CRM")
    user = world.credentials.create_system_user(world.owner, "robot@acme.example")
    with world.database.reading(TEST) as session:
        kept = [
            *(row.model_dump_json() for row in session.exec(select(ApiKey))),
            *(row.model_dump_json() for row in session.exec(select(SystemUser))),
            *(row.model_dump_json() for row in session.exec(select(Event))),
        ]
    assert not [text for text in kept if made.secret in text or user.password in text]
    assert made.secret not in repr(made)
    assert user.password not in repr(user)
    assert made.secret.startswith(made.row.prefix)


def test_scopes_are_what_a_program_may(world: ApiWorld) -> None:
    looks = world.program(scopes=[ApiScope.ACCOUNTS_READ])
    with world.gate.reading(looks, Permission.ACCOUNTS):
        pass
    with pytest.raises(Forbidden), world.gate.writing(looks, Permission.ACCOUNTS):
        pytest.fail("a key for looking has written")
    with pytest.raises(Forbidden), world.gate.reading(looks, Permission.BILLING):
        pytest.fail("a key without the scope has looked")
    for wrong in ([], ["everything"]):
        with pytest.raises(InvalidInput):
            world.credentials.create_key(world.owner, "CRM", wrong)


def test_members_and_strangers_manage_no_credentials(world: ApiWorld) -> None:
    key = world.credentials.create_key(world.owner, "CRM").row
    user = world.credentials.create_system_user(world.owner, "robot@acme.example").row
    with pytest.raises(Forbidden):
        world.credentials.keys(world.member)
    with pytest.raises(NotFound):
        world.credentials.revoke_key(world.stranger, key.id)
    with pytest.raises(NotFound):
        world.credentials.reset_password(world.stranger, user.id)
    assert world.credentials.keys(world.stranger) == []
    assert world.credentials.system_users(world.stranger) == []


def test_use_is_noted_once_a_minute(world: ApiWorld, clock: FixedClock) -> None:
    made = world.credentials.create_key(world.owner, "CRM")
    first = clock.now()
    world.api.door.principal(made.secret)
    clock.advance(timedelta(seconds=30))
    world.api.door.principal(made.secret)
    (row,) = world.credentials.keys(world.owner)
    assert row.last_used_at == first
    clock.advance(timedelta(seconds=31))
    world.api.door.principal(made.secret)
    (row,) = world.credentials.keys(world.owner)
    assert row.last_used_at == clock.now()


def test_a_system_user_logs_in_with_its_newest_password_only(
    world: ApiWorld, clock: FixedClock
) -> None:
    user = world.credentials.create_system_user(world.owner, "Robot@Acme.example", "Robot")
    tokens = world.api.door.log_in(" robot@ACME.example ", user.password)
    who = world.api.door.principal(tokens.access_token)
    assert (who.partner_id, who.person_id) == (world.partner.id, f"user:{user.row.id}")
    fresh = world.credentials.reset_password(world.owner, user.row.id)
    for wrong in (user.password, "", f"{fresh.password} ", fresh.password.lower()):
        with pytest.raises(NotSignedIn):
            world.api.door.log_in("robot@acme.example", wrong)
    with pytest.raises(NotSignedIn), world.gate.reading(who, Permission.ACCOUNTS):
        pytest.fail("a token outlived its password")
    after = world.api.door.log_in("robot@acme.example", fresh.password)
    clock.advance(timedelta(hours=25))
    with pytest.raises(NotSignedIn):
        world.api.door.principal(after.access_token)


def test_a_refresh_token_is_good_once(world: ApiWorld) -> None:
    user = world.credentials.create_system_user(world.owner, "robot@acme.example")
    first = world.api.door.log_in("robot@acme.example", user.password)
    before = world.api.door.principal(first.access_token)
    second = world.api.door.refresh(first.refresh_token)
    world.api.door.principal(second.access_token)
    for used in (first.refresh_token, second.access_token, "phr_nobody"):
        with pytest.raises(NotSignedIn):
            world.api.door.refresh(used)
    with pytest.raises(NotSignedIn), world.gate.reading(before, Permission.ACCOUNTS):
        pytest.fail("the token before the refresh was let in")


def test_disabled_removed_and_switched_off_logins_stop_at_once(world: ApiWorld) -> None:
    user = world.credentials.create_system_user(world.owner, "robot@acme.example")
    who = world.api.door.principal(
        world.api.door.log_in("robot@acme.example", user.password).access_token
    )

    def is_in() -> bool:
        try:
            with world.gate.reading(who, Permission.ACCOUNTS):
                return True
        except NotSignedIn:
            return False

    assert is_in()
    world.credentials.disable_system_user(world.owner, user.row.id)
    assert not is_in()
    world.credentials.enable_system_user(world.owner, user.row.id)
    assert is_in()
    world.credentials.set_token_login(world.owner, False)
    assert not is_in()
    with pytest.raises(NotSignedIn) as off:
        world.api.door.log_in("robot@acme.example", user.password)
    assert off.value.code == "token_login_off"
    world.credentials.set_token_login(world.owner, True)
    world.credentials.delete_system_user(world.owner, user.row.id)
    assert not is_in()
    # The name is free again, and taken while it is not: in the whole hub.
    world.credentials.create_system_user(world.stranger, "robot@acme.example")
    with pytest.raises(Conflict):
        world.credentials.create_system_user(world.owner, "ROBOT@acme.example")


def test_a_number_has_one_key_and_only_with_permission(world: ApiWorld) -> None:
    program = world.program()
    number = world.number()
    first = world.api.channel_keys.create(program, number)
    second = world.api.channel_keys.create(world.member, number)
    assert first.api_key != second.api_key
    assert [row.id for row in world.api.channel_keys.all(program, number)] == [second.row.id]
    assert first.row.id != second.row.id
    assert first.row.app_id == second.row.app_id
    pending = world.number(consent="pending")
    with pytest.raises(Forbidden) as error:
        world.api.channel_keys.create(program, pending)
    assert error.value.code == "permission_not_granted"
    with world.database.transaction(TEST) as session:
        client = factories.make_client(session, world.partner)
        unshared = factories.make_waba(session, client, removed=True)
        withdrawn = factories.make_channel(session, unshared).id
    with pytest.raises(Forbidden):
        world.api.channel_keys.create(program, withdrawn)
    strange = world.number(world.other)
    for foreign in (strange, "nobodyCH", "a\x00b"):
        with pytest.raises(NotFound):
            world.api.channel_keys.create(program, foreign)
        with pytest.raises(NotFound):
            world.api.channel_keys.all(program, foreign)
    world.api.channel_keys.delete(program, number)
    assert world.api.channel_keys.all(program, number) == []
    with world.database.reading(TEST) as session:
        made = Event.type == "channel_key_made"
        actors = session.exec(select(Event.actor).where(made).order_by(col(Event.id))).all()
    assert actors == [program.person_id, world.member.person_id]
