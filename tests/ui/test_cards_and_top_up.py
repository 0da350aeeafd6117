"""Cards, the top-up dialog and the page of one payment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui

from tests.support.payments_twin import euros
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, field_of, money_site, table, until

CARDS, BALANCE = "/billing/cards", "/billing/balance"
PATIENCE = 200  # looks at the page until something has come


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path) as site:
        site.do(site.billing.renewal.pause)  # it would top up beside what is tested
        yield site


async def open_dialog(user: Browser, amount: str = "") -> None:
    """The top-up dialog of the open page, with a sum when there is an amount."""
    user.find(content="Top up", kind=ui.button).click()
    await user.should_see("Amount of credit", retries=PATIENCE)
    if amount:
        field_of(user, "Amount of credit").value = amount
        await until(lambda: button_of_pay(user).enabled)


def button_of_pay(user: Browser) -> ui.button:
    found = [e for e in user.page.elements.values() if isinstance(e, ui.button)]
    return next(each for each in found if each.text.startswith("Pay"))


async def test_without_a_card_both_pages_lead_to_adding_one(serve: Serve, world: MoneySite) -> None:
    world.do(world.billing.renewal.start_again)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(CARDS)
        await user.should_see("No card yet", retries=PATIENCE)
        await user.should_see(
            "Auto-renewal is on and charges the first card by itself", retries=PATIENCE
        )
        await user.open(BALANCE)
        user.find(content="Top up", kind=ui.button).click()
        await user.should_see("There is no card to charge yet.", retries=PATIENCE)


async def test_who_comes_back_with_a_card_is_told_and_sees_it(
    serve: Serve, world: MoneySite
) -> None:
    world.do(world.billing.payments.add_card, f"http://test{CARDS}")
    page = list(world.provider.pages)[-1]
    visit = world.provider._offered[page][1].rpartition("visit=")[2]
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{CARDS}?visit={visit}&cancelled=1")
        await user.should_see("No card was added.", retries=PATIENCE)
        world.provider.fill_card_page(page, last4="4242")
        await user.open(f"{CARDS}?visit={visit}")
        await user.should_see("Visa ending in 4242 is added.", retries=PATIENCE)
        await until(lambda: column(user, "Cards", "card") == ["Visa ending in 4242 / DE"])
        await user.open(f"{CARDS}?visit=somebody-elses")
        await user.should_not_see("is added")


async def test_a_card_is_made_first_and_another_removed(serve: Serve, world: MoneySite) -> None:
    world.card(last4="1111")
    second = world.card(last4="2222")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(CARDS)
        await until(lambda: column(user, "Cards", "use") == ["First", "Tried second"])
        fire(user, table(user, "Cards"), "act", [second.id, "primary"])
        await until(lambda: "2222" in column(user, "Cards", "card")[0])
        other = table(user, "Cards").rows[1]["id"]
        fire(user, table(user, "Cards"), "act", [other, "remove"])
        await user.should_see("Remove Visa ending in 1111?", retries=PATIENCE)
        user.find(content="Remove the card", kind=ui.button).click()
        await until(lambda: len(column(user, "Cards", "card")) == 1)


async def test_the_last_card_stays_while_an_invoice_is_open(serve: Serve, world: MoneySite) -> None:
    card = world.card(last4="1111")
    world.open_invoice()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(CARDS)
        fire(user, table(user, "Cards"), "act", [card.id, "remove"])
        await user.should_see("Remove Visa ending in 1111?", retries=PATIENCE)
        user.find(content="Remove the card", kind=ui.button).click()
        await until(lambda: any("the last card" in m for m in user.notify.messages))
        assert len(column(user, "Cards", "card")) == 1


async def test_expiry_is_told_before_and_after(serve: Serve, world: MoneySite) -> None:
    world.card(last4="1111", exp_year=2026, exp_month=11)
    world.card(last4="2222", exp_year=2026, exp_month=10)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(CARDS)
        await until(
            lambda: column(user, "Cards", "expiry") == ["Expires 11/2026", "Expired 10/2026"]
        )
        await user.open(BALANCE)
        await open_dialog(user)
        assert len(field_of(user, "Card").options) == 1, "an expired card cannot be chosen"


async def test_the_sum_with_fee_and_vat_stands_before_the_card_is_charged(
    serve: Serve, world: MoneySite
) -> None:
    world.card()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user, "100")
        for line in ("100.00 EUR", "4.00 EUR", "19.76 EUR", "123.76 EUR"):
            await user.should_see(line, retries=PATIENCE)
        assert button_of_pay(user).text == "Pay 123.76 EUR"
        field_of(user, "Amount of credit").value = "200"
        await until(lambda: button_of_pay(user).text == "Pay 247.52 EUR")
        assert world.provider.charges == {}


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "An amount above zero."),
        ("-5", "An amount above zero."),
        ("ten", "An amount such as 250 or 99.50."),
        ("10.005", "At most two decimals."),
        ("10 USD", "Amounts are in EUR."),
        ("1", "At least"),
        ("9" * 12, "At most"),
        ("9" * 40, "At most"),
    ],
)
async def test_a_wrong_amount_is_named_and_nothing_can_be_paid(
    serve: Serve, world: MoneySite, amount: str, told: str
) -> None:
    world.card()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user)
        field = field_of(user, "Amount of credit")
        field.value = amount
        await until(lambda: told in (field.error or ""))
        assert not button_of_pay(user).enabled
        assert world.provider.charges == {}


async def test_a_top_up_is_paid_and_the_open_balance_rises(serve: Serve, world: MoneySite) -> None:
    world.card()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user, "100")
        user.find(content="Pay 123.76 EUR", kind=ui.button).click()
        await user.should_see("Being charged", retries=PATIENCE)
        world.work()
        await user.should_see("100.00 EUR are on the balance.", retries=PATIENCE)
        await user.should_see("Paid", retries=PATIENCE)
        assert world.provider.charged == euros(12376).micros


async def test_two_clicks_make_one_charge(serve: Serve, world: MoneySite) -> None:
    world.card()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user, "100")
        pay = button_of_pay(user)
        fire(user, pay, "click", {})
        fire(user, pay, "click", {})
        await user.should_see("Being charged", retries=PATIENCE)
        world.work()
        await user.should_see("100.00 EUR are on the balance.", retries=PATIENCE)
        assert len(world.provider.charges) == 1


async def test_a_decline_says_why_and_lets_one_try_another_way(
    serve: Serve, world: MoneySite
) -> None:
    world.card(always="insufficient_funds")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user, "100")
        user.find(content="Pay 123.76 EUR", kind=ui.button).click()
        await user.should_see("Being charged", retries=PATIENCE)
        world.work()
        await user.should_see("The card does not have enough funds.", retries=PATIENCE)
        user.find(content="Try another way", kind=ui.button).click()
        await user.should_see("Amount of credit", retries=PATIENCE)
        assert world.provider.charged == 0


async def test_a_bank_that_asks_is_told_with_the_way_to_confirm(
    serve: Serve, world: MoneySite
) -> None:
    world.card(asks=True)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user, "100")
        user.find(content="Pay 123.76 EUR", kind=ui.button).click()
        await user.should_see("Being charged", retries=PATIENCE)
        world.work()
        await user.should_see("Needs your confirmation", retries=PATIENCE)
        await user.should_see("Confirm with your bank", retries=PATIENCE)
        (payment,) = world.do(world.billing.payments.payments)
        await user.open(f"/billing/payments/{payment.id}")
        await user.should_see("Nothing is charged until you do.", retries=PATIENCE)
        assert world.provider.charged == 0


async def test_who_does_not_want_to_confirm_pays_nothing(serve: Serve, world: MoneySite) -> None:
    card = world.card(asks=True)
    quote = world.do(world.billing.payments.quote_top_up, "100")
    payment = world.do(world.billing.payments.top_up, "100", card.id, quote)
    world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"/billing/payments/{payment.id}")
        await user.should_see("Needs your confirmation", retries=PATIENCE)
        user.find(content="Do not pay", kind=ui.button).click()
        await user.should_see("Nothing was charged.", retries=PATIENCE)
        assert world.provider.charged == 0


async def test_a_sum_that_changed_meanwhile_is_shown_anew(serve: Serve, world: MoneySite) -> None:
    card = world.card()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await open_dialog(user, "100")
        quote = world.do(world.billing.payments.quote_top_up, "50")
        world.do(world.billing.payments.top_up, "50", card.id, quote)
        user.find(content="Pay 123.76 EUR", kind=ui.button).click()
        await user.should_see("Somebody of your team has just topped up.", retries=PATIENCE)
        world.work()
        assert world.provider.charged == euros(6188).micros


async def test_a_provider_that_does_not_answer_is_told(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(CARDS)
        world.provider.fail_before_next()
        user.find(content="Add a card", kind=ui.button).click()
        await until(lambda: any("does not answer" in m for m in user.notify.messages))
