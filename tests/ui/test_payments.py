"""The list of payments, and the figures that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui
from sqlmodel import Session, select

from core.billing.payments.entities import Payment, PaymentRefund
from tests.support.payments_twin import euros
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, money_site, table, until
from tests.ui.test_auto_renewal import used
from tests.ui.test_balance import facts, links

PATH = "/billing/payments"
BALANCE = "/billing/balance"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path) as site:
        site.do(site.billing.renewal.pause)
        yield site


def anchors(user: Browser, text: str) -> list[str]:
    """Where the links with this text lead."""
    every = user.page.elements.values()
    return [
        str(e.props["href"])
        for e in every
        if getattr(e, "text", "") == text and e.tag == "a" and e.visible
    ]


async def test_the_credit_that_is_on_its_way_leads_to_its_payments(
    serve: Serve, world: MoneySite
) -> None:
    world.top_up("20")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await until(lambda: bool(anchors(user, "20.00 EUR")))
        (waiting,) = anchors(user, "20.00 EUR")
        await user.open(waiting)
        await until(lambda: column(user, "Payments", "status") == ["Being charged"])
        world.work()
        await user.should_see("No payment fits these filters.", retries=200)
        user.find("All").click()
        await until(lambda: column(user, "Payments", "status") == ["Paid"])
        (row,) = table(user, "Payments").rows
        assert row["invoice"]["href"].startswith("/billing/invoices/")
        await user.open(row["href"])
        await until(lambda: "Invoice" in links(user))


async def test_the_books_lead_to_the_payments_and_entries_that_they_sum_up(
    serve: Serve, world: MoneySite
) -> None:
    paid = world.top_up("20")
    world.work()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(BALANCE)
        await until(lambda: "Charged to cards" in links(user))
        assert links(user)["In the ledger"].startswith(f"{BALANCE}/statement")
        await user.open(links(user)["Charged to cards"])
        charged = f"{paid.gross.minor / 100:.2f} EUR"
        await until(lambda: column(user, "Payments", "amount") == [charged])
        await user.should_see("Charged to cards", retries=200)


async def test_a_refunds_entry_leads_to_the_payment_that_it_takes_back(
    serve: Serve, world: MoneySite
) -> None:
    paid = world.top_up("20")
    world.work()
    (charge_id,) = world.provider.charges
    world.provider.refund_at_desk(charge_id, euros(1000))
    world.deliver()
    refund_id = world.write(lambda session: session.exec(select(PaymentRefund.id)).one())
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{BALANCE}/entries/refund:{refund_id}:left")
        await until(lambda: links(user).get("Paid back from") == f"{PATH}/{paid.id}")
        await user.open(PATH)
        await until(lambda: column(user, "Payments", "status") == ["Paid"])
        assert column(user, "Payments", "amount")[0].endswith("10.00 EUR given back")


async def test_the_spend_that_renewal_reckons_with_leads_to_its_messages(
    serve: Serve, world: MoneySite
) -> None:
    used(world, 100)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open("/billing/auto-renewal")
        await until(lambda: "Topped up this month" in links(user))
        (spent,) = anchors(user, "Messages of October 2026")
        await user.open(spent)
        await until(lambda: facts(user).get("Spent") == "3,100.00 EUR")


async def test_a_list_without_payments_says_so_and_a_strange_address_shows_all(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("No payment yet", retries=200)
        world.top_up("20")
        await until(lambda: len(column(user, "Payments", "status")) == 1)
        await user.open(f"{PATH}?status=x&for=x&after=x&client=x")
        await until(lambda: len(column(user, "Payments", "status")) == 1)


async def test_long_lists_are_turned(serve: Serve, world: MoneySite) -> None:
    paid = world.top_up("20")
    world.work()

    def more(session: Session) -> None:
        only_once = {"id", "provider_id", "token", "slot"}
        first = session.get_one(Payment, paid.id).model_dump(exclude=only_once)
        session.add_all([Payment(**first) for _ in range(51)])

    world.write(more)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await until(lambda: len(column(user, "Payments", "status")) == 50)
        user.find(content="Older", kind=ui.button).click()
        await until(lambda: len(column(user, "Payments", "status")) == 2)
        user.find(content="Newest", kind=ui.button).click()
        await until(lambda: len(column(user, "Payments", "status")) == 50)
