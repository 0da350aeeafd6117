"""The storage region on a number's page: asked with its consequences, followed live, confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from core.accounts.entities import Channel
from core.accounts.regions.rules import RegionMove
from tests.ui.accounts_site import PLACES, AccountsSite, accounts_site
from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import field, press, pressable, texts, type_into
from tests.ui.test_account import happened

CHANGE, START = "Change region", "Start the change"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


def live_number(world: AccountsSite, **values: Any) -> Channel:
    """Registered at Meta four days ago; the hub knows its PIN."""
    meta = world.numbers
    signup = meta.popup()
    token = meta.exchange_code(signup.code).value
    meta.register(signup.phone_id, "123456", token)
    number = world.number(
        **{
            "external_id": signup.phone_id,
            "pin": f"channel:{signup.phone_id}:pin|123456",
            "live_at": world.hub.clock.now() - timedelta(days=4),
        }
        | values
    )
    sealed = f"waba_account:{signup.waba_id}:token|{token}"
    world.change_waba(number, external_id=signup.waba_id, token=sealed)
    return number


async def work(world: AccountsSite) -> None:
    """The durable work, in a thread of its own as in the hub."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(world.jobs.drain)
        await until(done.done)
        done.result()


async def ask(user: Browser) -> ui.button:
    """The dialog is open; returns its start."""
    press(user, CHANGE)
    await user.should_see("the number is off WhatsApp meanwhile")
    start = pressable(user, START)
    assert start is not None
    return start


async def test_a_change_is_asked_for_followed_step_by_step_and_confirmed(
    serve: Serve, world: AccountsSite
) -> None:
    number = live_number(world)
    async with serve(PLACES, world.hub) as site:
        user, second, member = site.browser(), site.browser(), site.browser("member")
        for each in (user, second, member):
            await each.open(f"/accounts/{number.id}")
        assert pressable(member, CHANGE) is None
        start = await ask(user)
        assert "" not in field(user, "New region").options  # where it is already
        states = []
        (tick,) = user.find(kind=ui.checkbox).elements
        for region, ticked in ((None, True), ("DE", False), ("DE", True)):
            with user.page:
                field(user, "New region").value, tick.value = region, ticked
            states.append(start.enabled)
        assert states == [False, False, True]
        press(user, START)
        for each in (user, second):
            await each.should_see("Being changed")
        reloaded = site.browser()
        await reloaded.open(f"/accounts/{number.id}")
        assert "Being changed" in texts(reloaded)
        assert not pressable(reloaded, CHANGE).enabled  # type: ignore[union-attr]
        await work(world)
        for each in (user, second, reloaded):
            await each.should_see("Meta's default → Germany (DE). Meta confirmed it")
            assert texts(each).count("done") == len(RegionMove)
        await member.should_see("Germany (DE)")
        await until(lambda: happened(user)[0] == "Storage region changed, confirmed by Meta")


async def test_each_step_is_shown_while_it_is_made(serve: Serve, world: AccountsSite) -> None:
    number = live_number(world)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        world.numbers.fail("set_storage_region", RuntimeError("the hub dies"), times=1)
        principal = world.hub.sign_in.principal("owner")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(world.hub.regions.start, principal, number.id, "CH").result()
            await user.should_see("Being changed")
            broke = pool.submit(world.jobs.drain)
            await until(broke.done)
        await until(lambda: "in progress" in texts(user) and "done" in texts(user))
        shown = texts(user)
        said = [shown[shown.index(step) + 1] for step in (
            "Take the number off WhatsApp", "Set the region at Meta", "Register the number again",
        )]  # fmt: skip
        assert said == ["done", "in progress", "not yet"]


async def test_a_wrong_pin_is_told_and_asked_for(serve: Serve, world: AccountsSite) -> None:
    number = live_number(world)
    world.numbers.phones[str(number.external_id)]["pin"] = "654321"
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await ask(user)
        with user.page:
            field(user, "New region").value = "DE"
            (tick,) = user.find(kind=ui.checkbox).elements
            tick.value = True
        press(user, START)
        await user.should_see("Being changed")
        await work(world)
        await user.should_see("Meta knows another two-step PIN")
        start = await ask(user)
        assert field(user, "New region").value == "DE"
        with user.page:
            (tick,) = user.find(kind=ui.checkbox).elements
            tick.value = True
        type_into(user, "Two-step PIN", "65432")
        assert not start.enabled
        type_into(user, "Two-step PIN", "654321")
        press(user, START)
        await user.should_see("Being changed")
        await work(world)
        await user.should_see("Meta confirmed it")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"live_at": None}, "while the number is live"),
        ({"is_on_biz_app": True}, "also used in the WhatsApp Business app"),
    ],
)
async def test_what_cannot_be_moved_has_its_button_off_and_says_why(
    serve: Serve, world: AccountsSite, values: dict[str, Any], reason: str
) -> None:
    number = live_number(world, **values)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        await user.should_see(reason)
        change = pressable(user, CHANGE)
        assert change is not None
        assert not change.enabled
