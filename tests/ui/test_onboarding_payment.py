"""The payment step's pages: prices and terms, details, card, first credit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from nicegui import ui

from core.billing.payments.port import PaymentRefused
from core.billing.payments.states import PaymentStatus
from core.errors import Conflict, Unavailable
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.views import PayStage
from tests.ui.conftest import Browser, until
from tests.ui.fake_onboarding import LAUNCH, trouble
from tests.ui.fake_payment_step import a_credit, usd
from tests.ui.onboarding_site import RUN_PATH, client_of, onboarding_site, opened, put, sees

AT: dict[str, Any] = {
    "step": RunStep.PAYMENT,
    "step_number": 2,
    "step_count": 6,
    "pay_stage": PayStage.TERMS,
}
AT_CREDIT = AT | {"pay_stage": PayStage.CREDIT, "card": "4242"}


def element(browser: Browser, kind: type) -> Any:
    return next(e for e in browser.page.elements.values() if isinstance(e, kind))


async def test_prices_of_the_own_country_stand_there_and_others_are_found() -> None:
    async with onboarding_site(**AT) as (site, _):
        client = await opened(site)
        await sees(client, "Step 2 of 6 · Prices")
        await sees(client, "0.12 USD")
        await sees(client, "from message 100,001 of a month")
        await sees(client, "0.04 USD")
        await sees(client, "These are example prices: nothing here is for real.")
        element(client, ui.select).value = "IN"
        await sees(client, "0.01 USD")
        await client.should_not_see("0.12 USD")


async def test_prices_that_are_real_are_not_called_examples() -> None:
    async with onboarding_site(**AT) as (site, service):
        assert service.price_list
        service.price_list = replace(service.price_list, is_example=False)
        client = await opened(site)
        await sees(client, "0.12 USD")
        await client.should_not_see("These are example prices: nothing here is for real.")


async def test_without_prices_nobody_can_agree_to_them() -> None:
    async with onboarding_site(**AT) as (site, service):
        service.price_list = None
        client = await opened(site)
        await sees(client, "The prices are not set up yet. Please ask Acme Messaging.")
        await client.should_not_see("Accept and continue")


async def test_consent_is_never_preset_and_is_needed() -> None:
    async with onboarding_site(**AT) as (site, service):
        client = await opened(site)
        await sees(client, "Accept and continue")
        client.find("Accept and continue").click()
        await sees(client, "Please accept the terms to go on.")
        assert service.said == []
        element(client, ui.checkbox).value = True
        client.find("Accept and continue").click()
        await sees(client, "Step 2 of 6 · Billing details")
        assert service.said[0][:2] == ("accept_terms", "1")


async def test_details_are_filled_in_and_faults_stand_at_their_fields() -> None:
    async with onboarding_site(**AT | {"pay_stage": PayStage.DETAILS}) as (site, service):
        client = await opened(site)
        await sees(client, "Save and continue")
        put(client, bill_vat_id="DE123456789")
        client.find("Save and continue").click()
        await sees(client, "This is needed on an invoice.")
        await sees(client, "This VAT ID has a typing error: its check digit does not fit.")
        put(client, bill_vat_id="", bill_address="Hauptstraße 1", bill_city="Berlin")
        client.find("Save and continue").click()
        await sees(client, "Step 2 of 6 · Card")
        assert (service.details.legal_name, service.details.city) == ("Demo Bakery", "Berlin")


async def test_a_missing_country_is_said_at_its_field() -> None:
    async with onboarding_site(**AT | {"pay_stage": PayStage.DETAILS}) as (site, service):
        service.details = replace(service.details, country="", address="a", city="b")
        client = await opened(site)
        await sees(client, "Save and continue")
        client.find("Save and continue").click()
        await sees(client, "This is needed on an invoice.")


async def test_the_whole_window_goes_to_the_provider_s_page() -> None:
    async with onboarding_site(**AT | {"pay_stage": PayStage.CARD}) as (site, service):
        client = await opened(site)
        await sees(client, "Add a card")
        client.find("Add a card").click()
        await until(lambda: service.said == [("open_card_page",), ("came_back", False)])


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (PaymentRefused(), "The payment provider did not take this"),
        (Unavailable(), "We cannot save this at the moment"),
    ],
)
async def test_a_provider_that_does_not_answer_is_said(refusal: Any, text: str) -> None:
    async with onboarding_site(**AT | {"pay_stage": PayStage.CARD}) as (site, service):
        client = await opened(site)
        await sees(client, "Add a card")
        service.money_refusal = refusal
        client.find("Add a card").click()
        await sees(client, text)


async def test_back_from_the_provider_s_page_the_address_is_clean() -> None:
    async with onboarding_site(**AT | {"pay_stage": PayStage.CARD}) as (site, service):
        service.back = {
            "trouble": trouble("card_declined", decline_code="insufficient_funds"),
            "status": RunStatus.STOPPED,
        }
        client = client_of(site)
        answer = await client.http_client.get(f"{RUN_PATH}?visit=v1&cancelled=1")
        assert (answer.status_code, answer.headers["location"]) == (303, RUN_PATH)
        assert service.said == [("came_back", True)]
        await client.open(RUN_PATH)
        await sees(client, "Your bank did not accept the card")
        await sees(client, "It is your turn.")
        await sees(client, "Open the page for the card")
        assert service.said == [("came_back", True)]


async def test_a_card_that_is_still_being_checked_is_looked_for_at_each_opening() -> None:
    values = AT | {"pay_stage": PayStage.CARD, "card_visited": True}
    async with onboarding_site(**values) as (site, service):
        client = await opened(site)
        await sees(client, "You were on the page for the card.")
        assert service.said == [("came_back", False)]
        service.back = {"pay_stage": PayStage.CREDIT, "card": "4242", "card_visited": False}
        client.find("Look again").click()
        await sees(client, "Your card is saved. Add credit?")


async def test_the_card_s_arrival_takes_an_open_page_on() -> None:
    async with onboarding_site(**AT | {"pay_stage": PayStage.CARD}) as (site, service):
        client = await opened(site)
        await sees(client, "Add a card")
        service.now(pay_stage=PayStage.CREDIT, card="4242")
        await sees(client, "Card ending in 4242")


async def test_the_sum_is_said_before_anything_is_charged() -> None:
    async with onboarding_site(**AT_CREDIT) as (site, service):
        client = await opened(site)
        await sees(client, "Pay 260.00 USD")
        put(client, amount="500")
        await sees(client, "Pay 520.00 USD")
        client.find("Pay 520.00 USD").click()
        await sees(client, "Your card is being charged. This page goes on by itself.")
        assert service.said == [("buy_credit", "500", usd("520"), True)]


async def test_a_wrong_amount_is_said_at_its_field_and_cannot_be_paid() -> None:
    async with onboarding_site(**AT_CREDIT) as (site, _):
        client = await opened(site)
        await sees(client, "Pay 260.00 USD")
        put(client, amount="-5")
        await sees(client, "An amount above zero.")
        await client.should_not_see("Pay 260.00 USD")


async def test_a_small_credit_says_that_more_follows_unless_renewal_is_off() -> None:
    warning = "This is not above 200.00 USD: 100.00 USD more follow at once."
    async with onboarding_site(**AT_CREDIT) as (site, service):
        client = await opened(site)
        await sees(client, "Pay 260.00 USD")
        await client.should_not_see(warning)
        put(client, amount="50")
        await sees(client, warning)
        element(client, ui.switch).value = False
        await client.should_not_see(warning)
        client.find("Not now").click()
        await until(lambda: service.said == [("skip_credit", False)])


async def test_the_bank_s_check_is_one_button() -> None:
    values = AT_CREDIT | {"credit": a_credit(status=PaymentStatus.ACTION_REQUIRED)}
    async with onboarding_site(**values) as (site, service):
        client = await opened(site)
        await sees(client, "Your bank wants to know that it is you")
        client.find("Confirm with your bank").click()
        looked = ("came_back", False)
        await until(lambda: service.said == [looked, ("confirm_credit",), looked])


async def test_a_declined_payment_offers_the_amount_again_and_another_card() -> None:
    values = AT_CREDIT | {
        "credit": a_credit(status=PaymentStatus.DECLINED),
        "trouble": trouble("credit_declined"),
        "status": RunStatus.STOPPED,
    }
    async with onboarding_site(**values) as (site, _):
        client = await opened(site)
        await sees(client, "Your bank declined the payment")
        await sees(client, "Use another card")
        await sees(client, "Pay 260.00 USD")


async def test_a_quote_that_changed_is_said_and_nothing_is_charged() -> None:
    async with onboarding_site(**AT_CREDIT) as (site, service):
        client = await opened(site)
        await sees(client, "Pay 260.00 USD")
        service.money_refusal = Conflict(code="quote_changed")
        client.find("Pay 260.00 USD").click()
        await sees(client, "What it costs has changed meanwhile")
        assert service.view.credit is None


async def test_without_credit_the_client_goes_on_to_meta() -> None:
    async with onboarding_site(**AT_CREDIT | {"launch": LAUNCH}) as (site, _):
        client = await opened(site)
        await sees(client, "Not now")
        client.find("Not now").click()
        await sees(client, "Continue with Meta")


@pytest.mark.parametrize("language", ["de", "pt_BR", "es"])
@pytest.mark.parametrize("stage", list(PayStage))
async def test_each_page_speaks_the_client_s_language(stage: PayStage, language: str) -> None:
    heading = {
        PayStage.TERMS: "What your messages cost",
        PayStage.DETAILS: "Who are your invoices made out to?",
        PayStage.CARD: "Add your card",
        PayStage.CREDIT: "Your card is saved. Add credit?",
    }[stage]
    values = AT_CREDIT | {"pay_stage": stage, "language": language}
    async with onboarding_site(**values) as (site, _):
        client = await opened(site)
        await client.should_not_see(heading)


async def test_the_example_terms_are_there_in_the_sandbox_only() -> None:
    async with onboarding_site() as (site, _):
        answer = await client_of(site).http_client.get("/onboarding/example-terms")
        assert answer.status_code == 200
        assert "no real terms" in answer.text
