"""API keys, system users and token login: made, shown once, ended; live for the other owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui

from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import (
    PLACES,
    IntegrationSite,
    act,
    column_of,
    field,
    integration_site,
    press,
    table_of,
    texts,
    type_into,
)

PATH = "/integration/keys"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[IntegrationSite]:
    with integration_site(tmp_path) as site:
        yield site


def login_switch(user: Browser) -> ui.switch:
    (found,) = [e for e in user.page.elements.values() if isinstance(e, ui.switch)]
    return found


async def test_a_key_is_named_shown_once_and_revoked(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        await user.should_see("There is no API key yet.")
        press(user, "New API key")
        await user.should_see("Make the key")
        press(user, "Make the key")
        await until(lambda: field(user, "Name").error == "Give it a name of up to 120 letters.")
        type_into(user, "Name", "Billing service")
        press(user, "Make the key")
        await user.should_see("API key Billing service")
        (key,) = world.do(world.hub.credentials.keys)
        (secret,) = [text for text in texts(user) if text.startswith(key.prefix)]
        press(user, "I have copied it")
        await until(lambda: column_of(second, "API keys", "name") == ["Billing service"])
        assert secret not in texts(second)
        act(second, "API keys", key.id, "revoke")
        await second.should_see("Revoke the key Billing service?")
        press(second, "Revoke it")
        await until(lambda: column_of(user, "API keys", "state") == ["Revoked"])
        assert table_of(user, "API keys").rows[0]["acts"] == []
        await until(lambda: secret not in texts(user))


async def test_a_system_user_gets_passwords_is_disabled_and_deleted(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "New system user")
        await user.should_see("Make the user")
        type_into(user, "User name", "a b")
        press(user, "Make the user")
        await until(lambda: str(field(user, "User name").error).startswith("3 to 200"))
        type_into(user, "User name", "API@example.com")
        press(user, "Make the user")
        await user.should_see("Password of api@example.com")
        press(user, "I have copied it")
        (row,) = world.do(world.hub.credentials.system_users)
        await until(lambda: column_of(user, "System users", "name") == ["api@example.com"])
        act(user, "System users", row.id, "disable")
        await user.should_see("Disable api@example.com?")
        press(user, "Disable it")
        await until(lambda: column_of(user, "System users", "state") == ["Disabled"])
        act(user, "System users", row.id, "enable")
        await until(lambda: column_of(user, "System users", "state") == ["Good"])
        act(user, "System users", row.id, "password")
        await user.should_see("New password for api@example.com?")
        press(user, "Make a new one")
        await user.should_see("Password of api@example.com")
        press(user, "I have copied it")
        act(user, "System users", row.id, "delete")
        await user.should_see("Delete api@example.com?")
        press(user, "Delete it")
        await user.should_see("There is no system user yet.")


async def test_a_taken_user_name_is_said_at_its_field(serve: Serve, world: IntegrationSite) -> None:
    world.do(world.hub.credentials.create_system_user, "api@example.com", who="stranger")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "New system user")
        await user.should_see("Make the user")
        type_into(user, "User name", "api@example.com")
        press(user, "Make the user")
        await user.should_see("This user name is taken.")


async def test_token_login_is_switched_for_both_owners(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        assert login_switch(user).value is True
        with user.page:
            login_switch(user).value = False
        await user.should_see("Switch token login off?")
        press(user, "Switch it off")
        await until(lambda: login_switch(second).value is False)
        with second.page:
            login_switch(second).value = True
        await until(lambda: login_switch(user).value is True)
        assert world.partner.token_login


async def test_an_act_on_a_row_that_is_not_there_does_nothing(
    serve: Serve, world: IntegrationSite
) -> None:
    made = world.do(world.hub.credentials.create_key, "Theirs", who="stranger")
    world.do(world.hub.credentials.create_key, "Ours")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        act(user, "API keys", made.row.id, "revoke")
        await user.should_not_see("Revoke the key")
        assert column_of(user, "API keys", "name") == ["Ours"]
