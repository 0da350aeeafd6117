"""Cancelling on a number's page: typed and ticked, told on every open page, kept again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui

from core.accounts.cancelling import end_of_month
from tests.ui.accounts_site import PLACES, AccountsSite, accounts_site, list_of
from tests.ui.conftest import Browser, Serve, until
from tests.ui.test_account import happened
from ui.pages.account_cancellation import last_day


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AccountsSite]:
    with accounts_site(tmp_path) as site:
        yield site


async def cancel(user: Browser) -> None:
    user.find("Cancel this number").click()
    await user.should_see("Type CANCEL to confirm", retries=50)
    (tick,) = user.find(kind=ui.checkbox).elements
    (field,) = [each for each in user.find(kind=ui.input).elements if "autofocus" in each.props]
    tick.value, field.value = True, "CANCEL"
    user.find(content="Cancel the number", kind=ui.button).click()


def until_when(world: AccountsSite) -> str:
    return last_day(end_of_month(world.hub.clock.now()))


async def test_a_number_is_cancelled_only_when_typed_and_ticked(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        user.find("Cancel this number").click()
        await user.should_see("Type CANCEL to confirm", retries=50)
        (do,) = user.find(content="Cancel the number", kind=ui.button).elements
        (tick,) = user.find(kind=ui.checkbox).elements
        (field,) = [e for e in user.find(kind=ui.input).elements if "autofocus" in e.props]
        states = []
        for ticked, typed in ((True, ""), (False, "CANCEL"), (True, "cancel"), (True, "CANCEL ")):
            tick.value, field.value = ticked, typed
            states.append(do.enabled)
        assert states == [False, False, False, True]


async def test_cancelled_and_kept_are_on_every_open_page(serve: Serve, world: AccountsSite) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user, other, listed = site.browser(), site.browser("member"), site.browser()
        for each in (user, other):
            await each.open(f"/accounts/{number.id}")
        await listed.open("/accounts")
        await cancel(user)
        for each in (user, other):
            await each.should_see(f"It works until {until_when(world)}", retries=50)
        assert list_of(listed).rows[0]["badge"]
        await until(lambda: "keep it until then" in str(list_of(listed).rows[0]))
        await until(lambda: happened(user) == ["Number cancelled for a later day"])
        other.find("Keep this number").click()
        for each in (user, other):
            await each.should_see("Cancel this number", retries=50)
        await until(lambda: happened(user)[0] == "Cancellation taken back")


async def test_an_ended_number_can_be_neither_cancelled_nor_kept(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        world.end(number)
        await user.should_see("works no longer here", retries=50)
        await user.should_not_see("Cancel this number")
        await user.should_not_see("delete it now")


async def test_ending_meanwhile_is_said_instead_of_cancelling(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/accounts/{number.id}")
        user.find("Cancel this number").click()
        await user.should_see("Type CANCEL to confirm", retries=50)
        (tick,) = user.find(kind=ui.checkbox).elements
        (field,) = [e for e in user.find(kind=ui.input).elements if "autofocus" in e.props]
        tick.value, field.value = True, "CANCEL"
        world.end(number)
        user.find(content="Cancel the number", kind=ui.button).click()
        await user.should_see("This number has ended meanwhile.", retries=50)


async def test_now_leads_owners_to_support_and_members_to_an_owner(
    serve: Serve, world: AccountsSite
) -> None:
    number = world.number()
    async with serve(PLACES, world.hub) as site:
        user, member = site.browser(), site.browser("member")
        await user.open(f"/accounts/{number.id}")
        (link,) = user.find("ask Support to delete it now").elements
        assert link.props["href"] == f"/support?ask=delete_number&channel={number.id}"
        await member.open(f"/accounts/{number.id}")
        await member.should_see("an owner asks Support to delete it now")
