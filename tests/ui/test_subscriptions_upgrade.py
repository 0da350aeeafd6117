"""Upgrade to Premium: the preview, the charge, what goes wrong, and who else is looking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui
from sqlmodel import Session, select

from core.subscriptions.entities import PlanPrice
from core.subscriptions.states import PlanName
from tests.support.payments_twin import euros
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, field_of, until
from tests.ui.subscriptions_site import (
    PATH,
    PATIENCE,
    at_quote,
    cancel,
    pass_time,
    pay_button,
    plan,
    subscriptions_site,
    upgrade,
    upgrades,
)

PAGE = f"{PATH}/upgrade"
# Nine of November's thirty days: 500 × 9/30, and 19 % VAT.
GROSS, PAY = 178_50, "Pay 178.50 EUR and upgrade"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path) as site:
        yield site


@pytest.fixture
def unpaid(tmp_path: Path) -> Iterator[MoneySite]:
    with subscriptions_site(tmp_path, with_card=False) as site:
        yield site


def charged(world: MoneySite) -> int:
    """*Cents*, the first month's invoice left out."""
    return (world.provider.charged - euros(178_50).micros) // 10_000


async def press(user: Browser) -> None:
    """Confirm what the open page shows."""
    fire(user, await at_quote(user), "click", {})


async def test_the_preview_has_the_lines_of_the_invoice_and_of_the_next_one(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        button = await at_quote(user)
        assert button.text == PAY
        (line,) = column(user, "Lines of the invoice that will be issued", "what")
        assert line.startswith("Upgrade from Growth to Premium / ")
        assert line.endswith("9 of 30 days")
        for figure in ("150.00 EUR", "28.50 EUR", "178.50 EUR"):
            await user.should_see(figure, retries=PATIENCE)
        following = column(user, "Lines of the next regular invoice", "net")
        assert following == ["1,000.00 EUR", "25.00 EUR"]
        await user.should_see("On 1 December 2026", retries=PATIENCE)
        assert column(user, "Plans", "premium")[0] == "1,000.00 EUR / before VAT"
        assert list(field_of(user, "Card").options.values()) == ["Visa ending in 4242"]
        await user.should_see("These figures hold until 12:15.", retries=PATIENCE)
        assert charged(world) == 0


async def test_an_upgrade_ends_with_its_invoice_on_the_pages_of_both_owners(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        ada, fay = site.browser(), site.browser("second")
        await fay.open(PAGE)
        await at_quote(fay)
        await ada.open(PAGE)
        await press(ada)
        for user in (ada, fay):
            await user.should_see("Your card is being charged", retries=PATIENCE)
        world.work()
        for user in (ada, fay):
            await user.should_see("You are on Premium", retries=PATIENCE)
            await user.should_see("178.50 EUR were charged. Invoice 2026-", retries=PATIENCE)
            await user.should_see("Download PDF", retries=PATIENCE)
        assert (plan(world), charged(world)) == ("premium", GROSS)


async def test_a_declined_card_changes_nothing_and_another_one_can_be_tried(
    serve: Serve, world: MoneySite
) -> None:
    world.card(last4="9999", always="insufficient_funds")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await at_quote(user)
        field = field_of(user, "Card")
        field.value = next(key for key, word in field.options.items() if "9999" in word)
        await press(user)
        await user.should_see("Your card is being charged", retries=PATIENCE)
        world.work()
        await user.should_see("The card was declined", retries=PATIENCE)
        await user.should_see("Nothing was charged and you stay on Growth.", retries=PATIENCE)
        assert (plan(world), charged(world)) == ("growth", 0)
        user.find(content="Try again", kind=ui.button).click()
        await press(user)
        await user.should_see("Your card is being charged", retries=PATIENCE)
        world.work()
        await user.should_see("You are on Premium", retries=PATIENCE)
        assert upgrades(world) == ["declined", "done"]


async def test_a_bank_that_asks_is_answered_and_the_page_goes_on_by_itself(
    serve: Serve, world: MoneySite
) -> None:
    world.provider.require_action_next()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await press(user)
        await user.should_see("Your card is being charged", retries=PATIENCE)
        world.work()
        await user.should_see("Your bank wants you to confirm the payment", retries=PATIENCE)
        await user.should_see("Confirm with your bank", retries=PATIENCE)
        assert (plan(world), charged(world)) == ("growth", 0)
        (payment,) = [
            it for it in world.do(world.billing.payments.payments) if it.purpose == "plan"
        ]
        (charge,) = [it for it in world.provider.charges.values() if it.reference == payment.id]
        world.provider.approve(charge.id)
        # Back from the provider's page, before its webhook has come.
        await user.open(f"{PAGE}?change={payment.id}")
        await user.should_see("You are on Premium", retries=PATIENCE)
        assert charged(world) == GROSS


async def test_who_does_not_confirm_pays_nothing(serve: Serve, world: MoneySite) -> None:
    world.provider.require_action_next()
    upgrade(world)
    world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser("second")
        await user.open(PAGE)
        await user.should_see("Your bank wants you to confirm the payment", retries=PATIENCE)
        user.find(content="Do not upgrade", kind=ui.button).click()
        await user.should_see("The upgrade was given up", retries=PATIENCE)
        user.find(content="Look at it again", kind=ui.button).click()
        await at_quote(user)
        assert (plan(world), charged(world)) == ("growth", 0)


async def test_two_clicks_and_two_owners_make_one_upgrade(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        ada, fay = site.browser(), site.browser("second")
        await ada.open(PAGE)
        await fay.open(PAGE)
        first, second = await at_quote(ada), await at_quote(fay)
        for user, button in ((ada, first), (ada, first), (fay, second)):
            fire(user, button, "click", {})
        for user in (ada, fay):
            await user.should_see("Your card is being charged", retries=PATIENCE)
        world.work()
        for user in (ada, fay):
            await user.should_see("You are on Premium", retries=PATIENCE)
        assert (upgrades(world), charged(world)) == (["done"], GROSS)


async def test_a_preview_that_is_too_old_is_shown_anew_before_anything_is_charged(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await at_quote(user)
        pass_time(world, days=1)
        await press(user)
        await user.should_see("The preview was too old, and nothing was charged.", retries=PATIENCE)
        button = await at_quote(user)
        # Eight days are left.
        assert button.text == "Pay 158.66 EUR and upgrade"
        fire(user, button, "click", {})  # too quick: it was meant for the other sum
        world.work()
        assert (upgrades(world), charged(world)) == ([], 0)


async def test_another_price_is_shown_before_it_is_charged(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await at_quote(user)
        raise_price(world)
        await press(user)
        await user.should_see("The figures have changed meanwhile", retries=PATIENCE)
        assert (await at_quote(user)).text == "Pay 357.00 EUR and upgrade"
        assert (upgrades(world), charged(world)) == ([], 0)


def raise_price(world: MoneySite) -> None:
    """Premium costs 1,500 a month now."""

    def write(session: Session) -> None:
        found = select(PlanPrice).where(PlanPrice.plan == "premium", PlanPrice.currency == "EUR")
        session.exec(found).one().monthly_micros = euros(1500_00).micros

    world.write(write)


async def test_a_cancellation_takes_the_preview_away_until_it_is_taken_back(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await at_quote(user)
        cancel(world, who="second")
        await user.should_see("The subscription is cancelled", retries=PATIENCE)
        assert pay_button(user) is None
        world.do(world.hub.subscriptions.take_back_cancel, who="second")
        assert (await at_quote(user)).text == PAY
        assert charged(world) == 0


async def test_without_a_card_one_is_asked_for(serve: Serve, unpaid: MoneySite) -> None:
    async with serve(PLACES, unpaid.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        button = await at_quote(user)
        await user.should_see("There is no card to charge yet.", retries=PATIENCE)
        assert not button.enabled
        unpaid.card(last4="4242")
        await until(lambda: button.enabled)
        assert list(field_of(user, "Card").options.values()) == ["Visa ending in 4242"]


async def test_who_is_on_premium_has_nothing_to_upgrade_to(serve: Serve, world: MoneySite) -> None:
    upgrade(world)
    world.work()
    assert plan(world) == PlanName.PREMIUM
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PAGE)
        await user.should_see("There is no larger plan.", retries=PATIENCE)
        await user.open(f"{PAGE}?change=of-somebody-else")
        await user.should_see("There is no larger plan.", retries=PATIENCE)


async def test_a_member_sees_none_of_it(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser("member")
        for path in (PATH, PAGE, f"{PATH}/licences", f"{PATH}/cancel"):
            assert await user.open_any(path) == 403
            await user.should_see("Your role does not allow this.", retries=PATIENCE)
