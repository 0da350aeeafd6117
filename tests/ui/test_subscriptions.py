"""The subscription's page: what it says, what it offers, and what it hears."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nicegui import ui

from core.subscriptions.states import SubscriptionState
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, until
from tests.ui.subscriptions_site import (
    PATH,
    PATIENCE,
    add_number,
    button_named,
    cancel,
    plan,
    state,
    subscriptions_site,
    upgrade,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path) as site:
        yield site


@pytest.fixture
def unpaid(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path, with_card=False) as site:
        yield site


@pytest.fixture
def permissive(tmp_path: Path) -> Iterator[MoneySite]:
    """Owners may downgrade by themselves; on Premium."""
    with subscriptions_site(tmp_path, self_service_downgrade=True) as site:
        upgrade(site)
        site.work()
        yield site


@pytest.fixture
def premium(world: MoneySite) -> MoneySite:
    upgrade(world)
    world.work()
    return world


def pick(user: Browser, text: str) -> None:
    """An act of the menu "Manage"."""
    items = [e for e in user.page.elements.values() if isinstance(e, ui.menu_item)]
    (item,) = [e for e in items if text in [getattr(c, "text", "") for c in e.descendants()]]
    for listener in list(item._event_listeners.values()):
        with user.page:
            item._handle_event({"listener_id": listener.id, "args": {}})


def history(user: Browser) -> list[tuple[str, str]]:
    """What and how it stands, the newest first."""
    changes, statuses = column(user, "History", "what"), column(user, "History", "status")
    return list(zip(changes, statuses, strict=True))


async def test_plan_price_period_licences_and_the_next_invoice(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        for text in ("Growth", "Active", "500.00 EUR", "1 number", "Upgrade to Premium"):
            await user.should_see(text, retries=PATIENCE)
        lines = column(user, "Lines of the next invoice", "what")
        assert lines == [
            "Growth plan / 1 December 2026 to 31 December 2026",
            "Regular licences / 1 December 2026 to 31 December 2026",
        ]
        for figure in ("525.00 EUR", "99.75 EUR", "624.75 EUR"):
            await user.should_see(figure, retries=PATIENCE)
        assert column(user, "Licences by tier", "tier") == ["Regular / 1 number at 25.00 EUR"]
        assert history(user) == [("Started on Growth", "Done")]


async def test_a_number_that_goes_live_is_on_the_open_page(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("1 number", retries=PATIENCE)
        add_number(world)
        await user.should_see("2 numbers", retries=PATIENCE)
        await until(lambda: column(user, "Lines of the next invoice", "net")[1] == "50.00 EUR")


async def test_the_plan_changes_at_once_on_every_open_page(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        ada, fay = site.browser(), site.browser("second")
        for user in (ada, fay):
            await user.open(PATH)
            await user.should_see("Upgrade to Premium", retries=PATIENCE)
        upgrade(world)
        for user in (ada, fay):
            await user.should_see("is being charged", retries=PATIENCE)
        world.work()
        for user in (ada, fay):
            await until(lambda user=user: button_named(user, "Upgrade to Premium") is None)
            await user.should_see("1,000.00 EUR", retries=PATIENCE)
            await until(lambda user=user: ("Upgrade to Premium", "Done") in history(user))
            assert any(it.startswith("2026-") for it in column(user, "History", "invoice"))
        await ada.should_not_see("is being charged")


async def test_an_upgrade_that_waits_for_the_bank_is_shown_with_the_way_to_it(
    serve: Serve, world: MoneySite
) -> None:
    world.provider.require_action_next()
    upgrade(world)
    world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser("second")
        await user.open(PATH)
        await user.should_see("waits for the bank's confirmation", retries=PATIENCE)
        await user.should_see("Show it", retries=PATIENCE)


async def test_an_unpaid_plan_is_told_and_paid_here(serve: Serve, unpaid: MoneySite) -> None:
    async with serve(PLACES, unpaid.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("is unpaid. New clients cannot be connected", retries=PATIENCE)
        unpaid.card()
        user.find(content="Pay now", kind=ui.button).click()
        await user.should_see("Pay 178.50 EUR", retries=PATIENCE)
        user.find(content="Pay 178.50 EUR", kind=ui.button).click()
        await user.should_see("Being charged", retries=PATIENCE)
        unpaid.work()
        await user.should_see("The invoice is paid.", retries=PATIENCE)
        await until(lambda: button_named(user, "Pay now") is None)


async def test_while_new_clients_are_stopped_the_invoice_that_stops_them_is_named(
    serve: Serve, world: MoneySite
) -> None:
    world.clock.advance(datetime(2026, 12, 1, 1, tzinfo=UTC) - world.clock.now())
    world.provider.decline_next("insufficient_funds", times=3)
    world.tick("subscriptions")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("595.00 EUR is unpaid. New clients", retries=PATIENCE)
        await user.should_see("2 others are unpaid too.")


async def test_what_this_months_last_day_will_invoice_stands_before_the_next_month(
    serve: Serve, world: MoneySite
) -> None:
    add_number(world)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("On 30 November 2026, for what was added", retries=PATIENCE)


async def test_a_downgrade_is_previewed_and_asked_of_support(
    serve: Serve, premium: MoneySite
) -> None:
    async with serve(PLACES, premium.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Manage", retries=PATIENCE)
        pick(user, "Downgrade to Growth")
        await user.should_see("Until 30 November 2026 nothing changes.", retries=PATIENCE)
        ask = button_named(user, "Ask Support")
        assert ask is not None
        assert ask.props["href"] == "/support?ask=downgrade"
        assert plan(premium) == "premium"


async def test_a_downgrade_that_waits_at_support_is_told_with_its_conversation(
    serve: Serve, premium: MoneySite
) -> None:
    premium.hub.support.asked = lambda _who, kind: {"": "c1"} if kind == "downgrade" else {}
    async with serve(PLACES, premium.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Support was asked for a downgrade.", retries=PATIENCE)
        assert "/support/c1" in [e.props.get("href") for e in user.page.elements.values()]
        premium.hub.support.asked = lambda _who, _kind: {}
        await user.open(PATH)
        await user.should_see("Manage", retries=PATIENCE)
        await user.should_not_see("Support was asked for a downgrade.")


async def test_owners_downgrade_themselves_where_they_may_and_take_it_back(
    serve: Serve, permissive: MoneySite
) -> None:
    async with serve(PLACES, permissive.hub) as site:
        ada, fay = site.browser(), site.browser("second")
        for user in (ada, fay):
            await user.open(PATH)
            await user.should_see("Manage", retries=PATIENCE)
        pick(ada, "Downgrade to Growth")
        await ada.should_see("It can be taken back.", retries=PATIENCE)
        await until(lambda: button_named(ada, "Downgrade to Growth") is not None)
        ada.find(content="Downgrade to Growth", kind=ui.button).click()
        for user in (ada, fay):
            await user.should_see("Growth starts on 1 December 2026.", retries=PATIENCE)
        fay.find(content="Stay on Premium", kind=ui.button).click()
        await until(lambda: button_named(ada, "Stay on Premium") is None)
        await until(lambda: ("Downgrade to Growth", "Taken back") in history(ada))


async def test_a_cancellation_is_told_to_every_owner_and_any_takes_it_back(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        ada, fay = site.browser(), site.browser("second")
        for user in (ada, fay):
            await user.open(PATH)
            await user.should_see("Upgrade to Premium", retries=PATIENCE)
        cancel(world)
        for user in (ada, fay):
            await user.should_see("everything works until 31 December 2026", retries=PATIENCE)
            await user.should_see("Cancelled", retries=PATIENCE)
            await until(lambda user=user: button_named(user, "Upgrade to Premium") is None)
        fay.find(content="Take it back", kind=ui.button).click()
        await until(lambda: button_named(ada, "Take it back") is None)
        assert state(world) is SubscriptionState.ACTIVE
        await until(lambda: button_named(ada, "Upgrade to Premium") is not None)
        await until(lambda: ("Cancellation", "Taken back") in history(ada))


async def test_after_its_last_day_it_says_what_is_kept(serve: Serve, world: MoneySite) -> None:
    cancel(world)
    async with serve(PLACES, world.hub) as site:
        user = site.browser("second")
        await user.open(PATH)
        await user.should_see("Take it back", retries=PATIENCE)
        world.clock.advance(datetime(2027, 1, 1, 1, tzinfo=UTC) - world.clock.now())
        world.tick("subscriptions")
        await user.should_see("The subscription ended on 31 December 2026.", retries=PATIENCE)
        for text in ("Over", "not charged any more", "They ended with the subscription."):
            await user.should_see(text, retries=PATIENCE)
        await user.should_see("Nothing will be invoiced any more.", retries=PATIENCE)
        assert button_named(user, "Manage") is None
