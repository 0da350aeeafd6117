"""Cancel: what follows, what stands against it, what is asked, and what is kept meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from core.subscriptions.states import SubscriptionState
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, field_of, table, until
from tests.ui.subscriptions_site import (
    PATH,
    PATIENCE,
    add_number,
    button_named,
    cancel,
    state,
    subscription,
    subscriptions_site,
    upgrade,
)
from ui.lists import Facts

PAGE = f"{PATH}/cancel"
DO = "Cancel as of 31 December 2026"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path) as site:
        yield site


@pytest.fixture
def to_a_day(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path, cancel_at="day") as site:
        yield site


@pytest.fixture
def unpaid(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path, with_card=False) as site:
        yield site


def one(user: Browser, kind: type[Any]) -> Any:
    """The only element of this kind."""
    (found,) = [e for e in user.page.elements.values() if type(e) is kind]
    return found


async def opened(user: Browser) -> ui.button:
    """The page with its button."""
    await user.open(PAGE)
    await until(lambda: button_named(user, DO) is not None)
    button = button_named(user, DO)
    assert button is not None
    return button


def notice(user: Browser) -> tuple[str, str]:
    """How long notice is, and to what it runs on."""
    (found,) = [e for e in user.page.elements.values() if type(e) is Facts]
    (line,) = [each for each in found._props["items"] if each["label"] == "Notice"]
    return line["value"], line["hint"]


async def test_the_policy_is_told_in_days_with_the_numbers_that_stop(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        button = await opened(user)
        for text in (
            "Until 31 December 2026",
            "1 active number stops",
            "Owners can still sign in",
            "1 number is active",
        ):
            await user.should_see(text, retries=PATIENCE)
        assert button.enabled
        assert notice(user) == ("30 days", "to the end of a calendar month")


async def test_notice_that_runs_to_a_day_names_no_end_of_a_month(
    serve: Serve, to_a_day: MoneySite
) -> None:
    async with serve(PLACES, to_a_day.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await until(lambda: any(type(e) is Facts for e in user.page.elements.values()))
        assert notice(user) == ("30 days", "")


async def test_a_reason_and_the_tick_are_needed(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        fire(user, await opened(user), "click", {})
        await user.should_see("Choose the one that fits best.", retries=PATIENCE)
        await user.should_see("Tick this to go on", retries=PATIENCE)
        assert state(world) is SubscriptionState.ACTIVE


async def test_it_is_cancelled_with_reason_and_words_and_leads_back(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        button = await opened(user)
        one(user, ui.checkbox).value = True
        one(user, ui.radio).value = "missing_feature"
        field_of(user, "What would have kept you? (optional)").value = "Reports"
        fire(user, button, "click", {})
        await until(lambda: state(world) is SubscriptionState.CANCELLING)
        row = subscription(world)
        assert (row.cancel_reason, row.cancel_text) == ("missing_feature", "Reports")
        await user.open(PATH)
        await user.should_see("everything works until 31 December 2026", retries=PATIENCE)


async def test_what_is_unpaid_has_to_be_paid_first_and_then_the_page_goes_on(
    serve: Serve, unpaid: MoneySite
) -> None:
    async with serve(PLACES, unpaid.hub) as site:
        user = site.browser()
        button = await opened(user)
        await user.should_see("Pay what is open first", retries=PATIENCE)
        assert not button.enabled
        assert column(user, "Unpaid invoices", "gross") == ["178.50 EUR"]
        one(user, ui.radio).value = "switching"
        unpaid.card()
        (row,) = table(user, "Unpaid invoices").rows
        fire(user, table(user, "Unpaid invoices"), "act", [row["id"], "pay"])
        await user.should_see("Pay 178.50 EUR", retries=PATIENCE)
        user.find(content="Pay 178.50 EUR", kind=ui.button).click()
        await user.should_see("Being charged", retries=PATIENCE)
        unpaid.work()
        await until(lambda: button.enabled)
        assert one(user, ui.radio).value == "switching", "what was chosen is kept"


async def test_another_number_meanwhile_has_to_be_known_too(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        button = await opened(user)
        one(user, ui.checkbox).value = True
        one(user, ui.radio).value = "other"
        add_number(world)
        await user.should_see("2 numbers are active", retries=PATIENCE)
        assert one(user, ui.checkbox).value is False
        assert one(user, ui.radio).value == "other"
        fire(user, button, "click", {})
        await user.should_see("Tick this to go on", retries=PATIENCE)
        assert state(world) is SubscriptionState.ACTIVE


async def test_who_looks_while_another_owner_cancels_sees_it_and_can_take_it_back(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await opened(user)
        cancel(world, who="second")
        await user.should_see("It is cancelled and ends on 31 December 2026", retries=PATIENCE)
        user.find(content="Take it back", kind=ui.button).click()
        await until(lambda: state(world) is SubscriptionState.ACTIVE)
        await until(lambda: button_named(user, DO) is not None)


async def test_an_upgrade_under_way_comes_first(serve: Serve, world: MoneySite) -> None:
    world.provider.require_action_next()
    upgrade(world)
    world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await user.should_see("An upgrade is under way", retries=PATIENCE)
