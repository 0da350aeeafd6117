"""Invoices: the list with its filters and sums, one invoice, paying it, billing details."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from nicegui import ui

from core.billing.invoices.details import DetailsForm
from tests.ui.accounts_site import fire
from tests.ui.conftest import Browser, Serve
from tests.ui.money_site import PLACES, MoneySite, column, field_of, money_site, table, until

PATH, DETAILS = "/billing/invoices", "/billing/details"
PATIENCE = 200  # looks at the page until something has come
GOOD_VAT_ID = "DE136695976"
FORM = {
    "Legal name": "Acme Messaging GmbH",
    "E-mail for invoices": "billing@acme.example",
    "Street and number": "Hafenweg 1",
    "Postal code": "20457",
    "City": "Hamburg",
    "VAT ID (optional)": GOOD_VAT_ID,
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path) as site:
        site.do(site.billing.renewal.pause)  # it would top up beside what is tested
        yield site


async def test_show_all_ends_a_search_that_found_nothing(serve: Serve, world: MoneySite) -> None:
    world.open_invoice("500")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}?q=zzzz")
        await user.should_see("No match")
        await user.go(PATH)
        await until(lambda: column(user, "Invoices", "amount") == ["595.00 EUR"])


async def test_before_the_first_invoice_it_says_what_will_stand_here(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await user.should_see("No invoice yet", retries=PATIENCE)


async def test_filters_narrow_list_and_sums_and_stand_in_the_address(
    serve: Serve, world: MoneySite
) -> None:
    world.top_up("100")
    world.work()
    world.clock.advance(timedelta(minutes=1))  # of one moment, any may stand first
    world.open_invoice("500")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await until(lambda: column(user, "Invoices", "amount") == ["595.00 EUR", "123.76 EUR"])
        await user.should_see("595.00 EUR", retries=PATIENCE)
        await user.should_see("123.76 EUR", retries=PATIENCE)
        user.find("To be paid").click()
        await until(lambda: column(user, "Invoices", "kind") == ["Plan"])
        await user.should_not_see("123.76 EUR")
        await user.open(f"{PATH}?kind=top_up")
        await until(lambda: column(user, "Invoices", "amount") == ["123.76 EUR"])
        await user.open(f"{PATH}?q=nothing-like-this")
        await user.should_see("No match", retries=PATIENCE)


async def test_a_pdf_is_pending_until_the_worker_has_drawn_it(
    serve: Serve, world: MoneySite
) -> None:
    invoice = world.open_invoice()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/{invoice.id}")
        user.find(content="Download PDF", kind=ui.button).click()
        await until(lambda: any("being made" in m for m in user.notify.messages))
        world.work()
        user.find(content="Download PDF", kind=ui.button).click()
        answer = await user.download.next()
        assert answer.content.startswith(b"%PDF")


async def test_an_open_invoice_is_paid_and_the_open_page_tells(
    serve: Serve, world: MoneySite
) -> None:
    world.card(last4="4242")
    invoice = world.open_invoice("500")
    async with serve(PLACES, world.hub) as site:
        user, colleague = site.browser(), site.browser()
        await colleague.open(PATH)
        await user.open(f"{PATH}/{invoice.id}")
        user.find(content="Pay now", kind=ui.button).click()
        await user.should_see("595.00 EUR are charged to the card", retries=PATIENCE)
        user.find(content="Pay 595.00 EUR", kind=ui.button).click()
        await user.should_see("You may close this.", retries=PATIENCE)
        world.work()
        await user.should_see("The invoice is paid.", retries=PATIENCE)
        await user.should_see("Paid on 22 Nov 2026.", retries=PATIENCE)
        await until(lambda: column(colleague, "Invoices", "status") == ["Paid"])
        assert len(world.provider.charges) == 1


async def test_a_declined_invoice_says_why_and_stays_to_be_paid(
    serve: Serve, world: MoneySite
) -> None:
    world.card(always="insufficient_funds")
    invoice = world.open_invoice("500")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        await until(lambda: column(user, "Invoices", "kind") == ["Plan"])
        fire(user, table(user, "Invoices"), "act", [invoice.id, "pay"])
        await user.should_see("Pay 595.00 EUR", retries=PATIENCE)
        user.find(content="Pay 595.00 EUR", kind=ui.button).click()
        await user.should_see("You may close this.", retries=PATIENCE)
        world.work()
        await user.should_see("The card does not have enough funds.", retries=PATIENCE)
        assert "Pay now" in [each["word"] for each in table(user, "Invoices").rows[0]["acts"]]


async def test_without_a_card_paying_leads_to_adding_one(serve: Serve, world: MoneySite) -> None:
    invoice = world.open_invoice()
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{PATH}/{invoice.id}")
        user.find(content="Pay now", kind=ui.button).click()
        await user.should_see("There is no card to charge yet.", retries=PATIENCE)


async def test_every_fault_of_the_details_stands_at_its_field(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(DETAILS)
        save(user)
        await until(lambda: bool(field_of(user, "Legal name").error))
        for label in ("Legal name", "E-mail for invoices", "Street and number", "City", "Country"):
            assert field_of(user, label).error == "This is needed on an invoice.", label
        fill(user, FORM | {"E-mail for invoices": "nobody", "VAT ID (optional)": "DE136695977"})
        save(user)
        await until(lambda: bool(field_of(user, "VAT ID (optional)").error))
        assert "check digit" in field_of(user, "VAT ID (optional)").error
        assert "An e-mail address" in field_of(user, "E-mail for invoices").error
        assert not field_of(user, "Legal name").error


async def test_a_vat_id_is_asked_about_and_the_answer_comes_by_itself(
    serve: Serve, world: MoneySite
) -> None:
    world.register.registered.add(GOOD_VAT_ID)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(DETAILS)
        await user.should_see("No VAT ID", retries=PATIENCE)
        fill(user, FORM)
        save(user)
        await user.should_see("Being checked", retries=PATIENCE)
        world.work()
        await user.should_see("Checked", retries=PATIENCE)
        await user.should_see("The register knows it.", retries=PATIENCE)


async def test_a_vat_id_nobody_has_registered_is_told(serve: Serve, world: MoneySite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(DETAILS)
        fill(user, FORM)
        save(user)
        await user.should_see("Being checked", retries=PATIENCE)
        world.work()
        await user.should_see("Not registered", retries=PATIENCE)


async def test_details_that_somebody_saved_stand_in_the_form(
    serve: Serve, world: MoneySite
) -> None:
    world.do(world.billing.invoices.save_details, details_of("Acme GmbH"))
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(DETAILS)
        assert field_of(user, "Legal name").value == "Acme GmbH"
        assert field_of(user, "Country").value == "DE"


async def test_what_others_save_stands_in_the_open_form_unless_something_is_typed(
    serve: Serve, world: MoneySite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(DETAILS)
        world.do(world.billing.invoices.save_details, details_of("Acme GmbH"))
        await until(lambda: field_of(user, "Legal name").value == "Acme GmbH")
        field_of(user, "City").value = "Bremen"
        world.do(world.billing.invoices.save_details, details_of("Acme SE"))
        await user.should_see("What you type here would replace them.", retries=PATIENCE)
        assert field_of(user, "Legal name").value == "Acme GmbH"
        assert field_of(user, "City").value == "Bremen"


def details_of(legal_name: str) -> DetailsForm:
    return DetailsForm(
        legal_name=legal_name,
        email="a@acme.example",
        address="Hafenweg 1",
        postal_code="20457",
        city="Hamburg",
        country="DE",
    )


def fill(user: Browser, values: dict[str, str]) -> None:
    for label, value in values.items():
        field_of(user, label).value = value
    field_of(user, "Country").value = "DE"


def save(user: Browser) -> None:
    user.find(content="Save details", kind=ui.button).click()
