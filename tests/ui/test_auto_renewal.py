"""Auto-renewal's page: figures with reasons, its states, Modify, and the card on the balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from nicegui import ui
from sqlmodel import Session

from core.billing.balance.entities import UsageDay
from core.billing.renewal.rules import BURST
from core.money import MICROS
from tests import factories
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, field_of, money_site, until

PATH = "/billing/auto-renewal"
PATIENCE = 200  # looks at the page until something has come


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path) as site:
        yield site


def used(world: MoneySite, units: int) -> None:
    """So many units on each day of October."""

    def write(session: Session) -> None:
        for n in range(31):
            session.add(
                UsageDay(
                    partner_id=world.partner.id,
                    payer_client="",
                    day=date(2026, 10, 1) + timedelta(days=n),
                    channel_id="x",
                    client_id="x",
                    category="utility",
                    market="Germany",
                    free="",
                    currency="EUR",
                    messages=1,
                    micros=units * MICROS,
                )
            )

    world.write(write)


async def test_without_history_each_figure_says_that_it_is_the_usual_one(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        for words in (
            "200.00 EUR",
            "so it starts at the usual 200.00 EUR.",
            "so it starts with the usual 100.00 EUR.",
            "Needs a card",
        ):
            await user.should_see(words, retries=PATIENCE)


async def test_each_figure_stands_with_the_sentence_that_explains_it(
    serve: Serve, world: MoneySite
) -> None:
    world.card()
    used(world, 100)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        for words in (
            "310.00 EUR",
            "A tenth of the 3,100.00 EUR expected for a month",
            "The 3,100.00 EUR expected for a month, rounded up to the next 50",
            "In October 2026 3,100.00 EUR were spent. Its last 15 days came to 100 % of its first "
            "15, so 3,100.00 EUR are expected for a month.",
            "With these figures it would have topped up 2 times in October 2026",
            "It tops up by 3,100.00 EUR at 310.00 EUR or less.",
        ):
            await user.should_see(words, retries=PATIENCE)


async def test_own_figures_stand_beside_what_the_rule_would_use(
    serve: Serve, world: MoneySite
) -> None:
    world.card()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        user.find(content="Modify", kind=ui.button).click()
        await user.should_see("Own amounts", retries=PATIENCE)
        user.find("Own amounts").click()
        fill(user, {"Top up when the balance is at": "40", "Then add": "60"})
        fill(user, {"At most a month (optional)": "600"})
        user.find(content="Save", kind=ui.button).click()
        await user.should_see("It tops up by 60.00 EUR at 40.00 EUR or less.", retries=PATIENCE)
        await user.should_see("Your own threshold.", retries=PATIENCE)


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Then add", "19", "At least"),
        ("Then add", "ten", "An amount such as 250 or 99.50."),
        ("Then add", "90", "At least half of the threshold"),
        ("Top up when the balance is at", "-1", "An amount above zero."),
        ("Top up when the balance is at", "1.234", "At most two decimals."),
        ("At most a month (optional)", "50", "At least one top-up"),
        ("At most a month (optional)", "50 USD", "Amounts are in EUR."),
    ],
)
async def test_a_wrong_figure_is_told_at_its_field_and_changes_nothing(
    serve: Serve, world: MoneySite, label: str, value: str, told: str
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        user.find(content="Modify", kind=ui.button).click()
        await user.should_see("Own amounts", retries=PATIENCE)
        user.find("Own amounts").click()
        fill(user, {"Top up when the balance is at": "200", "Then add": "100"} | {label: value})
        user.find(content="Save", kind=ui.button).click()
        await until(lambda: told in (field_of(user, label).error or ""))
        assert world.do(world.billing.renewal.explain).mode == "recommended"


async def test_it_is_paused_and_started_again_on_every_open_page(
    serve: Serve, world: MoneySite
) -> None:
    world.card()
    async with serve(PLACES, world.hub) as site:
        user, balance = site.browser(), site.browser()
        await balance.open("/billing/balance")
        await user.open(PATH)
        user.find(content="Pause", kind=ui.button).click()
        await user.should_see("Pause auto-renewal?", retries=PATIENCE)
        user.find(content="Pause it", kind=ui.button).click()
        await user.should_see("Nothing is topped up until you start it again.", retries=PATIENCE)
        await balance.should_see("Paused", retries=PATIENCE)
        user.find(content="Start it again", kind=ui.button).click()
        await user.should_see("It tops up by 100.00 EUR", retries=PATIENCE)
        await balance.should_see("It tops up by 100.00 EUR", retries=PATIENCE)


async def test_a_decline_waits_and_says_until_when(serve: Serve, world: MoneySite) -> None:
    world.card(always="insufficient_funds")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("On", retries=PATIENCE)
        world.spend("1")
        world.work()
        await user.should_see("Waits", retries=PATIENCE)
        await user.should_see("The card does not have enough funds.", retries=PATIENCE)
        await user.should_see("22 Nov 2026, 13:00:00 UTC", retries=PATIENCE)


async def test_a_bank_that_asks_is_shown_with_the_way_to_confirm(
    serve: Serve, world: MoneySite
) -> None:
    world.card(asks=True)
    world.spend("1")
    world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Needs your confirmation", retries=PATIENCE)
        await user.should_see("Confirm with your bank", retries=PATIENCE)


async def test_three_top_ups_within_ten_minutes_stop_it_until_somebody_looks(
    serve: Serve, world: MoneySite
) -> None:
    world.card()
    for _ in range(BURST):
        world.clock.advance(timedelta(seconds=1))  # a balance is looked at once a second
        world.spend("400")
        world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Stopped", retries=PATIENCE)
        await user.should_see("three times within ten minutes", retries=PATIENCE)
        user.find(content="Start it again", kind=ui.button).click()
        await user.should_not_see("three times within ten minutes", retries=PATIENCE)


@pytest.fixture
def direct(tmp_path: Path) -> Iterator[tuple[MoneySite, str]]:
    """Each client pays for itself: one with 500, and the one named here with 20."""
    with money_site(tmp_path, billing_model="direct_paid") as site:
        (first,) = site.do(site.billing.balance.find_clients)
        second = site.write(
            lambda session: factories.make_client(session, site.partner, name="Dock").id
        )
        site.pay_in("500", first)
        site.pay_in("20", second)
        yield site, second


async def test_where_clients_pay_each_has_its_own(
    serve: Serve, direct: tuple[MoneySite, str]
) -> None:
    world, dock = direct
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}?client={dock}")
        await user.should_see("Needs a card", retries=PATIENCE)
        (picker,) = user.find(kind=ui.select).elements
        assert sorted(picker.options.values()) == ["Dock · 20.00 EUR", "Mill · 500.00 EUR"]
        assert picker.value == dock
        await user.open("/billing/balance?client=somebody")
        await user.should_see("Needs a card", retries=PATIENCE)
        (picker,) = user.find(kind=ui.select).elements
        assert picker.value in picker.options, "a strange client is none"


def client_picker(user: Browser) -> ui.select:
    found = user.find(kind=ui.select).elements
    (picker,) = [each for each in found if each.props.get("aria-label") == "Client"]
    return picker


async def test_where_clients_pay_cards_and_invoices_are_the_partners_own_or_a_clients(
    serve: Serve, direct: tuple[MoneySite, str]
) -> None:
    world, dock = direct
    world.do(world.billing.renewal.pause, client_id=dock)
    world.top_up("20", dock)
    world.work()
    world.open_invoice("500")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/billing/cards?client={dock}")
        await until(lambda: len(column(user, "Cards", "card")) == 1)
        assert client_picker(user).value == dock
        await user.open("/billing/cards")
        await user.should_see("No card yet", retries=PATIENCE)
        assert client_picker(user).options[""] == "Your own: plan and licences"

        await user.open("/billing/invoices")
        await until(lambda: len(column(user, "Invoices", "kind")) == 2)
        client_picker(user).value = dock
        await until(lambda: column(user, "Invoices", "kind") == ["Top-up / Dock"])
        await user.should_not_see("595.00 EUR")


def fill(user: Browser, values: dict[str, str]) -> None:
    for label, value in values.items():
        field_of(user, label).value = value
