"""Refund the rest: the credit of a client that pays for itself, once its numbers have ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nicegui import ui
from sqlmodel import Session, select

from core.accounts.entities import Channel, Client
from core.partners.entities import BillingModel
from tests.ui.conftest import Serve
from tests.ui.money_site import PLACES, MoneySite, button_of, column, money_site, until

PATH = "/billing/balance"
TITLE = "Refund the rest"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path, billing_model=BillingModel.DIRECT_PAID) as site:
        yield site


def client_of(world: MoneySite) -> str:
    return world.write(lambda session: session.exec(select(Client.id)).one())


def end_number(world: MoneySite) -> None:
    def end(session: Session) -> None:
        session.exec(select(Channel)).one().terminated_at = world.clock.now()

    world.write(end)


def topped_up(world: MoneySite) -> str:
    """The client's id; it topped up by hand and spent a little, and auto-renewal is on."""
    client_id = client_of(world)
    world.do(world.billing.renewal.pause, client_id=client_id)
    world.top_up("50", client_id)
    world.work()
    world.do(world.billing.renewal.start_again, client_id=client_id)
    world.spend("10", client_id)
    return client_id


async def test_while_a_number_works_nothing_is_offered(serve: Serve, world: MoneySite) -> None:
    client_id = topped_up(world)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}?client={client_id}")
        await user.should_see("Books agree", retries=200)
        await user.should_not_see(TITLE)


async def test_the_rest_goes_back_to_its_card_and_nothing_is_charged_anew(
    serve: Serve, world: MoneySite
) -> None:
    client_id = topped_up(world)
    end_number(world)
    world.work()
    begun = len(world.do(world.billing.payments.payments, client_id=client_id))
    offer = world.do(world.billing.payments.refundable, client_id=client_id)
    gross = f"{offer.gross.minor / 100:.2f} EUR"
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}?client={client_id}")
        await user.should_see(f"{gross} go back to Visa ending in", retries=200)
        user.find(content=TITLE, kind=ui.button).click()
        await user.should_see(f"Refund {gross}?", retries=200)
        await user.should_see("Auto-renewal is paused first", retries=200)
        user.find(content=f"Refund {gross}", kind=ui.button).click()
        await until(lambda: set(column(user, "Refunds", "status")) == {"On its way back"})
        world.work()
        await until(lambda: set(column(user, "Refunds", "status")) == {"Paid back"})
        await user.should_see("Nothing can be refunded", retries=200)
    assert len(world.do(world.billing.payments.payments, client_id=client_id)) == begun
    assert world.do(world.billing.renewal.explain, client_id=client_id).is_paused


async def test_a_refund_that_the_bank_declines_is_credit_again_and_said_so(
    serve: Serve, world: MoneySite
) -> None:
    client_id = topped_up(world)
    end_number(world)
    world.provider.refund_next("failed")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}?client={client_id}")
        await user.should_see("go back to", retries=200)
        user.find(content=TITLE, kind=ui.button).click()
        offer = world.do(world.billing.payments.refundable, client_id=client_id)
        await user.should_see(f"Refund {offer.gross.minor / 100:.2f} EUR", retries=200)
        user.find(content=f"Refund {offer.gross.minor / 100:.2f} EUR", kind=ui.button).click()
        await until(lambda: set(column(user, "Refunds", "status")) == {"On its way back"})
        world.work()
        said = "Not paid back, credit again"
        await until(lambda: said in column(user, "Refunds", "status"))
        # The card is read after the list.
        await user.should_see(content=TITLE, kind=ui.button)
        await until(lambda: button_of(user, TITLE).enabled)


async def test_somebody_elses_refund_is_told_instead_of_a_second_one(
    serve: Serve, world: MoneySite
) -> None:
    client_id = topped_up(world)
    end_number(world)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}?client={client_id}")
        await user.should_see("go back to", retries=200)
        payments = world.billing.payments
        offer = world.do(payments.refundable, client_id=client_id)
        user.find(content=TITLE, kind=ui.button).click()
        await user.should_see(f"Refund {offer.gross.minor / 100:.2f} EUR", retries=200)
        world.do(world.billing.renewal.pause, client_id=client_id)
        world.do(payments.refund, "1", offer.token, why="another owner", client_id=client_id)
        user.find(content=f"Refund {offer.gross.minor / 100:.2f} EUR", kind=ui.button).click()
        told = "Somebody of your team has just refunded it."
        await until(lambda: any(told in message for message in user.notify.messages))
    assert len(world.do(payments.refunds, client_id=client_id)) == 1
