"""Licences: the list, another tier with its preview, planned ones taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui

from core.accounts.entities import Channel
from core.subscriptions.states import Tier
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, table, until
from tests.ui.subscriptions_site import (
    PATH,
    PATIENCE,
    add_number,
    button_named,
    licence,
    subscriptions_site,
    upgrade,
)
from ui import format as words

PAGE = f"{PATH}/licences"
LAST_DAY = "Lines of this month's last day"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path) as site:
        yield site


@pytest.fixture
def permissive(tmp_path: Path) -> Iterator[MoneySite]:
    """Owners may downgrade by themselves; on Premium."""
    with subscriptions_site(tmp_path, self_service_downgrade=True) as site:
        upgrade(site)
        site.work()
        yield site


async def choose(user: Browser, channel_id: str, tier: str) -> None:
    """The dialog of this number, with this licence chosen."""
    await until(lambda: bool(column(user, "Licences", "tier")))
    fire(user, table(user, "Licences"), "act", [channel_id, "change"])
    await user.should_see("It is", retries=PATIENCE)
    (chip,) = [e for e in user.page.elements.values() if getattr(e, "text", "") == tier]
    fire(user, chip, "click", {})


async def test_a_larger_licence_counts_at_once_and_says_what_it_costs(
    serve: Serve, world: MoneySite
) -> None:
    channel_id = licence(world).channel_id
    async with serve(PLACES, world.hub) as site:
        ada, fay = site.browser(), site.browser("second")
        for user in (ada, fay):
            await user.open(PAGE)
            await until(lambda user=user: column(user, "Licences", "tier") == ["Regular"])
        await choose(ada, channel_id, "Premium")
        # 24 a month more, for nine of thirty days.
        for text in ("22 November 2026", "7.20 EUR", "49.00 EUR", "Change to Premium"):
            await ada.should_see(text, retries=PATIENCE)
        ada.find(content="Change to Premium", kind=ui.button).click()
        for user in (ada, fay):
            await until(lambda user=user: column(user, "Licences", "tier") == ["Premium"])
        assert licence(world).tier == Tier.PREMIUM


async def test_the_next_invoice_groups_the_number_of_a_larger_licence(
    serve: Serve, world: MoneySite
) -> None:
    row = licence(world)
    world.do(world.hub.subscriptions.change_tier, row.channel_id, Tier.PREMIUM)
    channel = world.write(lambda session: session.get_one(Channel, row.channel_id))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await until(lambda: len(column(user, LAST_DAY, "what")) == 2)
        (told,) = [line for line in column(user, LAST_DAY, "what") if ": Regular to" in line]
        assert told.startswith(f"{words.phone(channel.phone_number)}: Regular to Premium licence")


async def test_a_smaller_licence_is_planned_and_can_be_taken_back(
    serve: Serve, world: MoneySite
) -> None:
    channel_id = licence(world).channel_id
    world.do(world.hub.subscriptions.change_tier, channel_id, Tier.PREMIUM)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await choose(user, channel_id, "Regular")
        await user.should_see("Until then nothing changes", retries=PATIENCE)
        user.find(content="Change to Regular", kind=ui.button).click()
        planned = "Premium / Regular from 1 December 2026"
        await until(lambda: column(user, "Licences", "tier") == [planned])
        fire(user, table(user, "Licences"), "act", [channel_id, "back"])
        await until(lambda: column(user, "Licences", "tier") == ["Premium"])
        assert licence(world).next_tier == ""


async def test_high_throughput_needs_premium_and_leads_there(
    serve: Serve, world: MoneySite
) -> None:
    channel_id = licence(world).channel_id
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await choose(user, channel_id, "High Throughput")
        await user.should_see("Your plan does not include this licence.", retries=PATIENCE)
        await until(lambda: button_named(user, "Upgrade to Premium") is not None)
        change = button_named(user, "Change")
        assert change is not None
        assert not change.enabled
        upgrade(world)
        world.work()
        fire(user, change, "click", {})  # as a page that was tampered with would
        await until(lambda: licence(world).tier == Tier.HIGH_THROUGHPUT)


async def test_a_licence_that_the_plan_to_come_lacks_is_not_called_one_of_another_plan(
    serve: Serve, permissive: MoneySite
) -> None:
    channel_id = licence(permissive).channel_id
    permissive.do(permissive.hub.subscriptions.downgrade_self)
    async with serve(PLACES, permissive.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await choose(user, channel_id, "High Throughput")
        await user.should_see("You are on your way to a plan that does not include this licence.")
        assert button_named(user, "Show your plan") is not None


async def test_numbers_are_found_by_what_people_know_of_them(
    serve: Serve, world: MoneySite
) -> None:
    add_number(world)
    number = world.write(
        lambda session: session.get_one(Channel, newest(world)).phone_number  # type: ignore[arg-type]
    )
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PAGE}?q={number}")
        await until(lambda: len(column(user, "Licences", "number")) == 1)
        await user.open(f"{PAGE}?q=nobody")
        await user.should_see("No licensed number fits this.", retries=PATIENCE)


def newest(world: MoneySite) -> str:
    rows, _ = world.do(world.hub.subscriptions.licences)
    return rows[-1].channel_id


async def test_without_a_number_it_says_where_licences_come_from(
    serve: Serve, world: MoneySite
) -> None:
    def end(session: object) -> None:
        channel = session.get_one(Channel, channel_id)  # type: ignore[attr-defined]
        channel.terminated_at = world.clock.now()

    channel_id = licence(world).channel_id
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await until(lambda: column(user, "Licences", "tier") == ["Regular"])
        world.write(end)
        world.tick("subscriptions")
        await user.should_see("A number gets its licence when it goes live.", retries=PATIENCE)
