"""The API key of a number: greyed out with the reason until it may be made; shown once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.accounts.entities import ConsentState
from tests.ui.accounts_site import PLACES, AccountsSite, accounts_site
from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import press, pressable, texts

MAKE, REPLACE = "Make a key", "Replace the key"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


def keys(user: Browser) -> list[str]:
    return [text for text in texts(user) if text.startswith("phc_") and "…" not in text]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"consent": ConsentState.PENDING}, "once your client has granted permission"),
        ({"consent": ConsentState.REVOKED}, "has withdrawn the permission"),
        ({"status": "created"}, "once the number is ready"),
        ({"status": "unverified"}, "once the number is ready"),
        ({"meta_status": "DELETED"}, "The number is not at Meta"),
        ({"terminated_at": datetime(2026, 1, 1, tzinfo=UTC)}, "The number has ended"),
    ],
)
async def test_until_it_may_be_made_the_button_is_off_and_says_why(
    serve: Serve, world: AccountsSite, values: dict[str, Any], reason: str
) -> None:
    number = world.number(**{"consent": ConsentState.GRANTED, "status": "ready"} | values)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await user.should_see(reason)
        button = pressable(user, MAKE)
        assert button is not None
        assert not button.enabled


async def test_a_key_is_made_by_a_member_shown_once_and_replaced(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number(consent=ConsentState.GRANTED, status="ready")
    async with serve(PLACES, world.hub) as site:
        user, owner = site.browser("member"), site.browser()
        await user.open(f"/accounts/{number.id}")
        await owner.open(f"/accounts/{number.id}")
        press(user, MAKE)
        await user.should_see("I have copied it")
        (first,) = keys(user)
        press(user, "I have copied it")
        await until(lambda: pressable(owner, REPLACE) is not None)
        assert keys(owner) == keys(user) == []
        press(user, REPLACE)
        await user.should_see("The key that is in use stops working at once.")
        press(user, "Replace it")
        await user.should_see("I have copied it")
        (second,) = keys(user)
        assert second != first


async def test_permission_that_comes_lights_the_button_up(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number(consent=ConsentState.PENDING, status="ready")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        world.change(number.id, consent=ConsentState.GRANTED)
        await until(lambda: (b := pressable(user, MAKE)) is not None and b.enabled)


async def test_a_key_is_removed_and_another_partners_number_has_none(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number(consent=ConsentState.GRANTED, status="ready")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        press(user, MAKE)
        await user.should_see("I have copied it")
        press(user, "I have copied it")
        press(user, "Remove it")
        await user.should_see("is refused from now on.")
        press(user, "Remove it")
        await user.should_see("There is no key yet.")
        assert await site.browser("stranger").open_any(f"/accounts/{number.id}") == 404
