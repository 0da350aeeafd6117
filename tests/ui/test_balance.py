"""The balance page and what lies behind its figures: statement, entry, parked messages."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from nicegui import ui

from tests.support.statuses import status
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import (
    PLACES,
    MoneySite,
    button_of,
    column,
    field_of,
    money_site,
    table,
    text_of,
    until,
)
from ui.lists import Facts

PATH = "/billing/balance"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path) as site:
        yield site


def facts(user: Browser) -> dict[str, str]:
    return {
        item["label"]: item["value"]
        for element in user.find(kind=Facts).elements
        for item in element._props["items"]
    }


def links(user: Browser) -> dict[str, str]:
    return {
        item["label"]: item["href"]
        for element in user.find(kind=Facts).elements
        for item in element._props["items"]
        if item["href"]
    }


async def test_without_any_credit_it_says_so_and_offers_a_top_up(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Nothing left to spend", retries=200)
        await user.should_see("Nothing was sent in these days.", retries=200)
        await user.should_see("No client has a cap: each may use what there is.", retries=200)
        assert button_of(user, "Top up").enabled


async def test_messages_consume_the_balance_of_an_open_page(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("50.00 EUR", retries=200)
        world.send(status("wamid.1"), status("wamid.2"))
        await user.should_see("49.80 EUR", retries=200)
        await until(lambda: column(user, "Where it went", "messages") == ["2"])
        moved = ["0.00 EUR", "50.00 EUR", "-0.20 EUR"]
        await until(lambda: column(user, "Movements of the month", "amount") == moved)


async def test_the_same_spend_is_cut_four_ways(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    world.send(status("wamid.1"), status("wamid.2", recipient="33123456789", category="utility"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        for chip, names in (
            ("Category", ["Marketing", "Utility"]),
            ("Client", ["Mill"]),
            ("Market", ["Germany", "France"]),
        ):
            user.find(chip).click()
            await until(lambda names=names: column(user, "Where it went", "name") == names)
            foot = table(user, "Where it went").props["foot"]
            assert foot["amount"] == "0.12 EUR"


async def test_what_is_shown_adds_up_where_messages_cost_parts_of_a_cent(
    serve: Serve, world: MoneySite
) -> None:
    """0.10 and four times 0.025: no part of a cent is lost or made on the way to a total."""
    world.pay_in("50")
    world.send(status("wamid.1"), *(status(f"wamid.u{n}", category="utility") for n in range(3)))
    world.send(status("wamid.a", category="authentication"))
    world.spend("0.005")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await until(lambda: column(user, "Where it went", "messages") == ["1", "3", "1"])
        for label in ("Where it went", "Movements of the month"):
            foot = table(user, label).props["foot"]["amount"]
            assert sum(map(_amount, column(user, label, "amount"))) == _amount(foot), label
        (used,) = [r for r in table(user, "Movements of the month").rows if r["id"] == "used"]
        made_of = text_of(used["what"]).removeprefix("Messages / ").split(", ")
        assert -sum(_amount(part.partition(" ")[2]) for part in made_of) == _amount(used["amount"])
        await user.should_see("49.795 EUR", retries=200)
        assert table(user, "Movements of the month").props["foot"]["amount"] == "49.795 EUR"
        days = column(user, "Spent by day", "Spent")
        assert sum(map(_amount, days)) == -_amount(used["amount"])
        await user.open(f"{PATH}/statement?month=2026-11")
        assert sum(map(_amount, column(user, "Entries", "amount"))) == Decimal("49.795")


def _amount(shown: str) -> Decimal:
    figure, currency = shown.split(" ")
    assert currency == "EUR"
    return Decimal(figure.replace(",", ""))


async def test_amounts_that_alert_are_told_above_the_chart_and_not_on_its_curve(
    serve: Serve, world: MoneySite
) -> None:
    world.pay_in("50")
    world.do(world.billing.balance.set_levels, ["75", "25"])
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Alert at 75.00 EUR, Alert at 25.00 EUR")
        (drawn,) = [
            series["markLine"]
            for chart in user.find(kind=ui.echart).elements
            for series in chart.options["series"]
            if "markLine" in series
        ]
        assert len(drawn["data"]) == 2
        assert not drawn["label"]["show"]


async def test_used_up_credit_stops_messages_and_says_what_to_do(
    serve: Serve, world: MoneySite
) -> None:
    world.pay_in("5")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("Sending", retries=200)
        world.spend("6")
        await user.should_see("Stopped because the credit is used up", retries=200)
        await user.should_see("They go on by themselves with the next top-up.", retries=200)
        world.top_up("20")
        world.work()
        await user.should_see("Template messages go out", retries=200)


async def test_months_are_turned_and_add_up(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("November 2026", retries=200)
        (back,) = [b for b in user.find(kind=ui.button).elements if _label(b) == "Month before"]
        (forth,) = [b for b in user.find(kind=ui.button).elements if _label(b) == "Month after"]
        assert not forth.enabled, "there is no month after this one"
        fire(user, back, "click", {})
        await user.should_see("October 2026", retries=200)
        movements = table(user, "Movements of the month")
        assert movements.props["foot"]["amount"] == "0.00 EUR"
        assert forth.enabled


async def test_alert_levels_are_saved_or_told_what_is_wrong(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        field = field_of(user, "Amounts")
        for wrong in ("-5", "1.234", "ten", "0"):
            field.value = wrong
            user.find("Save alerts").click()
            await until(lambda: bool(field.error))
            assert "An amount such as 250 or 99.50" in field.error
        field.value = "1;2;3;4;5;6"
        user.find("Save alerts").click()
        await until(lambda: field.error == "At most 5 amounts.")
        field.value = "25; 10.50"
        user.find("Save alerts").click()
        await until(lambda: any("Alerts are saved" in m for m in user.notify.messages))
        levels = world.do(world.billing.balance.credit).levels
        assert [str(level.minor) for level in levels] == ["2500", "1050"]


async def test_a_client_is_capped_and_let_go_again(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    world.send(status("wamid.1"), status("wamid.2"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        user.find("Cap a client").click()
        await user.should_see("A month at most", retries=200)
        amount, client = field_of(user, "A month at most"), field_of(user, "Client")
        client.value = next(iter(client.options))
        amount.value = "0"
        user.find("Save the cap").click()
        await until(lambda: bool(amount.error))
        amount.value = "0.10"
        user.find("Save the cap").click()
        await until(
            lambda: column(user, "Caps per client", "client") == ["Mill / Stopped at its cap"]
        )
        caps = table(user, "Caps per client")
        fire(user, caps, "act", [caps.rows[0]["id"], "remove"])
        await user.should_see("Remove the cap of Mill?", retries=200)
        user.find(content="Remove the cap", kind=ui.button).click()
        await until(lambda: column(user, "Caps per client", "client") == [])


async def test_every_entry_leads_to_its_messages(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    world.send(status("wamid.1"), status("wamid.2", category="service"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/statement?month=2026-11")
        entries = table(user, "Entries").rows
        assert sorted(text_of(row["kind"]) for row in entries) == ["Messages", "Top-up"]
        (used,) = [row for row in entries if text_of(row["kind"]) == "Messages"]
        assert "policy PMP-2026-10, card EUR-2026-10-01" in text_of(used["why"])
        await user.open(used["href"])
        await user.should_see("Where this figure comes from.", retries=200)
        assert facts(user)["Amount"] == used["amount"]
        priced = column(user, "Messages", "why")
        assert priced == ["policy PMP-2026-10, card EUR-2026-10-01-v1-example"]


async def test_an_entry_opens_from_its_row_as_by_its_address(
    serve: Serve, world: MoneySite
) -> None:
    world.pay_in("50")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/statement?month=2026-11")
        (paid,) = table(user, "Entries").rows
        assert "%" in paid["href"], "its key has signs that an address writes in another way"
        await user.go(paid["href"])
        await user.should_see("Where this figure comes from.", retries=200)
        assert facts(user)["Amount"] == "50.00 EUR"


async def test_every_line_of_the_balance_leads_to_what_it_is_made_of(
    serve: Serve, world: MoneySite
) -> None:
    world.pay_in("50")
    world.send(status("wamid.1"), status("wamid.2", type="free_entry_point"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await until(lambda: column(user, "Where it went", "messages") == ["2"])
        (spent,) = table(user, "Where it went").rows
        moved = {row["id"]: row["href"] for row in table(user, "Movements of the month").rows}
        await user.open(spent["href"])
        await user.should_see("Marketing messages, 0.10 EUR", retries=200)
        assert facts(user)["Free"] == "1"
        why = sorted(column(user, "Messages", "why"))
        assert why[0].startswith("policy PMP-2026-10 / Free: 72 hours after an ad")
        charged = [row for row in table(user, "Messages").rows if row["href"]]
        await user.open(charged[0]["href"])
        await user.should_see("Where this figure comes from.", retries=200)

        await user.open(moved["used"])
        await until(lambda: len(column(user, "Messages", "why")) == 2)
        await user.open(moved["added"])
        await until(lambda: column(user, "Entries", "kind") == ["Top-up"])
        user.find("All").click()
        await until(lambda: len(column(user, "Entries", "kind")) == 2)


async def test_a_strange_address_shows_the_messages_of_the_last_days(
    serve: Serve, world: MoneySite
) -> None:
    world.send(status("wamid.1"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        for query in ("from=x&to=y", "from=2020-01-01&to=2026-11-22", "from=2026-11-22&by=x"):
            await user.open(f"{PATH}/messages?{query}")
            await until(lambda: len(column(user, "Messages", "why")) == 1)
        await user.open(f"{PATH}/messages?from=2026-11-01&to=2026-11-02")
        await user.should_see("Nothing was sent that this figure counts.", retries=200)


async def test_a_top_up_leads_from_its_entry_to_its_payment_and_its_invoice(
    serve: Serve, world: MoneySite
) -> None:
    world.do(world.billing.renewal.pause)
    world.top_up("20")
    world.work()
    (entry,) = world.do(world.billing.balance.statement, "2026-11").entries
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/entries/{entry.key}")
        await until(lambda: "Paid with" in links(user))
        await user.open(links(user)["Paid with"])
        await until(lambda: "Invoice" in links(user))
        await user.open(links(user)["Invoice"])
        await until(lambda: "Credit for conversations" in column(user, "Lines", "what"))


async def test_a_statement_is_paged_and_a_strange_address_shows_this_month(
    serve: Serve, world: MoneySite
) -> None:
    for n in range(105):
        world.pay_in(str(n + 1))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/statement?month=no-month")
        await user.should_see("Statement of November 2026", retries=200)
        assert len(table(user, "Entries").rows) == 100
        user.find("Older").click()
        await until(lambda: len(table(user, "Entries").rows) == 5)
        user.find("Newest").click()
        await until(lambda: len(table(user, "Entries").rows) == 100)


async def test_a_month_without_movements_says_so(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/statement?month=2026-10")
        await user.should_see("Nothing moved", retries=200)


async def test_messages_without_a_price_are_shown_with_the_reason(
    serve: Serve, world: MoneySite
) -> None:
    world.pay_in("50")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/parked")
        await user.should_see("Everything is priced", retries=200)
        world.send(status("wamid.1", category="strange"), status("wamid.2"))
        await user.open(f"{PATH}/parked")
        why = column(user, "Messages without a price", "why")
        assert why == ["Meta names a category the hub does not know / strange"]
        await user.open(PATH)
        await user.should_see("Some delivered messages have no price yet.", retries=200)


async def test_a_member_is_refused_and_does_not_see_the_places(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        for path in (
            PATH,
            f"{PATH}/statement",
            f"{PATH}/entries/x",
            f"{PATH}/parked",
            f"{PATH}/messages",
            "/billing/auto-renewal",
            "/billing/cards",
            "/billing/invoices",
            "/billing/invoices/x",
            "/billing/details",
            "/billing/payments",
            "/billing/payments/x",
        ):
            user = site.browser("member")
            assert await user.open_any(path) == 403, path
            await user.should_see("Your role does not allow this.", retries=200)
            await user.should_not_see("Payment methods")


async def test_another_partners_ids_are_not_here(serve: Serve, world: MoneySite) -> None:
    world.pay_in("50")
    world.card()
    invoice = world.open_invoice()
    quote = world.do(world.billing.payments.quote_top_up, "20")
    (card,) = world.do(world.billing.payments.cards)
    payment = world.do(world.billing.payments.top_up, "20", card.id, quote)
    (entry,) = world.do(world.billing.balance.statement, "2026-11").entries
    async with serve(PLACES, world.hub) as site:
        for path in (
            f"{PATH}/entries/{entry.key}",
            f"/billing/payments/{payment.id}",
            f"/billing/invoices/{invoice.id}",
        ):
            assert await site.browser("owner").open_any(path) == 200, path
            stranger = site.browser("stranger")
            assert await stranger.open_any(path) == 404, path
            await stranger.should_see("There is nothing at this address", retries=200)


def _label(element: ui.button) -> str:
    return str(element.props.get("aria-label", ""))
