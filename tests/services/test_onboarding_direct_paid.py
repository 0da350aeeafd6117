"""Clients that pay for themselves: prices, terms, details, card and first credit before Meta."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlmodel import select

from core.accounts.entities import Client, ClientStatus
from core.billing.balance.entities import PartnerMarkup
from core.billing.card_import import import_examples
from core.billing.card_store import RateCards
from core.billing.invoices.details import DetailsForm
from core.billing.invoices.entities import BillingDetails, Invoice
from core.billing.ledger import Ledger, Payer
from core.billing.payments.entities import Card
from core.billing.payments.states import PaymentStatus
from core.billing.prices import Category
from core.billing.renewal.entities import Renewal
from core.clock import FixedClock
from core.errors import Conflict, InvalidInput, Unavailable
from core.money import Money
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.views import PayStage, RunView, Turn
from core.ports import Database
from tests.services.onboarding_world import TEST, Browser, OnboardingWorld, onboarding_world
from tests.services.onboarding_world import test_settings as given_settings

FORM = DetailsForm(
    legal_name="Sonne Bakery Ltd",
    email="bills@sonne.example",
    address="1 High Street",
    postal_code="10001",
    city="New York",
    country="US",
)
ADDRESS = "203.0.113.7"


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    world = onboarding_world(database, clock)
    world.change_partner(billing_model="direct_paid", currency="USD", country="US")
    with database.transaction(TEST) as session:
        import_examples(session, RateCards(clock))
    return world


@dataclass(kw_only=True)
class Paying:
    """A client at the payment step, with the provider's pages it was sent to."""

    world: OnboardingWorld
    browser: Browser
    pages: list[str] = field(default_factory=list)

    @property
    def view(self) -> RunView:
        return self.browser.view

    @property
    def run(self) -> OnboardingRun:
        return self.world.run(self.browser.key.run_id)

    @property
    def payer(self) -> Payer:
        return Payer(partner_id=self.run.partner_id, client_id=self.run.client_id or "")

    def accept(self) -> RunView:
        return self.browser.service.accept_terms(self.browser.key, "1", ADDRESS)

    def save(self, form: DetailsForm = FORM) -> RunView:
        return self.browser.service.save_details(self.browser.key, form)

    def to_card(self) -> Paying:
        self.accept()
        self.save()
        return self

    def open_page(self) -> str:
        """The newest hosted page."""
        self.browser.service.open_card_page(self.browser.key)
        return list(self.world.money.provider.pages)[-1]

    def back(self, *, cancelled: bool = False) -> RunView:
        return self.browser.service.came_back(self.browser.key, cancelled=cancelled)

    def add_card(self) -> RunView:
        self.world.money.provider.fill_card_page(self.open_page())
        return self.back()

    def to_credit(self) -> Paying:
        self.to_card().add_card()
        return self

    def skip(self, *, renews: bool = True) -> RunView:
        return self.browser.service.skip_credit(self.browser.key, renews=renews)

    def buy(self, amount: str = "100", *, renews: bool = True) -> RunView:
        service, key = self.browser.service, self.browser.key
        quote = service.quote_credit(key, amount)
        return service.buy_credit(key, amount, quote, renews=renews)

    def credit(self) -> int:
        with self.world.database.reading(TEST) as session:
            return Ledger(session, self.world.clock).credit_of(self.payer, "USD").available.minor

    def renewal(self) -> Renewal:
        with self.world.database.reading(TEST) as session:
            return session.exec(select(Renewal)).one()

    def steps(self) -> list[str]:
        told = self.world.events("onboarding_run", self.browser.key.run_id)
        return [str(event.data.get("step") or event.data.get("key")) for event in told]

    def remove_cards(self) -> None:
        """Without asking: as a bank or the partner's owner takes them away."""
        with self.world.database.transaction(TEST) as session:
            for card in session.exec(select(Card)):
                card.removed_at, card.live_key, card.primary_of = self.world.clock.now(), None, None
                session.add(card)


@pytest.fixture
def paying(world: OnboardingWorld) -> Paying:
    browser = world.browser()
    browser.sign_up()
    return Paying(world=world, browser=browser)


def client_of(world: OnboardingWorld) -> Client:
    (client,) = world.clients()
    return client


def test_the_whole_way_of_a_client_that_pays_for_itself(paying: Paying) -> None:
    assert (paying.view.step, paying.view.pay_stage) == (RunStep.PAYMENT, PayStage.TERMS)
    assert (paying.view.step_number, paying.view.step_count) == (2, 6)
    assert paying.accept().pay_stage is PayStage.DETAILS
    assert paying.save().pay_stage is PayStage.CARD
    view = paying.add_card()
    assert (view.pay_stage, view.launch) == (PayStage.CREDIT, None)
    view = paying.skip()
    assert (view.step, view.pay_stage) == (RunStep.META, None)
    assert view.launch is not None
    view = paying.browser.connect()
    assert (view.step, view.asks_permission) == (RunStep.PERMISSION, True)


def test_the_flight_record_tells_each_part_of_the_step(paying: Paying) -> None:
    paying.browser.service.prices(paying.browser.key)
    paying.browser.service.prices(paying.browser.key)
    paying.to_credit().skip()
    assert paying.steps()[-6:] == [
        "prices_seen",
        "terms_accepted",
        "details_saved",
        "card_page_opened",
        "card_added",
        "credit_skipped",
    ]


def test_without_a_card_there_is_no_account_and_with_one_it_is_told_once(
    world: OnboardingWorld, paying: Paying
) -> None:
    paying.to_card()
    assert client_of(world).status == ClientStatus.PENDING
    assert world.kinds("client") == []
    paying.add_card()
    paying.back()
    assert client_of(world).status == ClientStatus.ACTIVE
    assert world.kinds("client") == ["client_created"]


def test_a_client_of_a_partner_that_pays_has_its_account_at_once(world: OnboardingWorld) -> None:
    world.change_partner(billing_model="partner_paid")
    assert world.browser().sign_up().step is RunStep.META
    assert client_of(world).status == ClientStatus.ACTIVE
    assert world.kinds("client") == ["client_created"]


def test_nobody_gets_to_meta_without_a_card_in_force(paying: Paying) -> None:
    paying.to_credit().skip()
    paying.remove_cards()
    with pytest.raises(OnboardingRefused) as refused:
        paying.browser.service.begin_signup(paying.browser.key)
    assert refused.value.code == "card_missing"
    assert (paying.view.pay_stage, paying.view.launch) == (PayStage.CARD, None)
    paying.add_card()
    assert paying.view.launch is not None


def test_the_sequence_makes_no_account_when_the_card_is_gone_and_goes_on_with_a_new_one(
    world: OnboardingWorld, paying: Paying
) -> None:
    paying.to_credit().skip()
    signup = paying.browser.popup()
    paying.remove_cards()
    paying.browser.hand_over(signup)
    world.jobs.drain()
    assert not world.wabas()
    assert not world.channels()
    trouble = paying.view.trouble
    assert trouble is not None
    assert (trouble.key, trouble.turn) == ("card_missing", Turn.CLIENT)
    assert paying.view.pay_stage is PayStage.CARD
    paying.add_card()
    world.jobs.drain()
    assert paying.view.step is RunStep.PERMISSION
    assert len(world.channels()) == 1


@pytest.mark.parametrize("verb", ["save", "open_page", "skip", "buy"])
def test_no_part_can_be_left_out(paying: Paying, verb: str) -> None:
    with pytest.raises(OnboardingRefused) as refused:
        getattr(paying, verb)()
    assert refused.value.code == "wrong_step"
    assert paying.view.pay_stage is PayStage.TERMS


# --- prices --------------------------------------------------------------------------------------


def test_prices_are_those_of_the_card_in_force_with_the_operator_s_markup(
    world: OnboardingWorld, paying: Paying
) -> None:
    service, key = paying.browser.service, paying.browser.key
    plain = service.prices(key)
    assert plain is not None
    assert (plain.currency, plain.is_example) == ("USD", True)
    first = plain.of_country("DE")[Category.MARKETING][0]
    today = world.clock.now()
    with world.database.transaction(TEST) as session:
        markup = PartnerMarkup(
            partner_id=world.partner.id,
            effective_from=today.date(),
            hundredths=1000,
            created_at=today,
        )
        session.add(markup)
    marked = service.prices(key)
    assert marked is not None
    dearer = marked.of_country("DE")[Category.MARKETING][0]
    assert dearer.price.micros * 10 == first.price.micros * 11


def test_countries_of_one_market_cost_the_same(paying: Paying) -> None:
    prices = paying.browser.service.prices(paying.browser.key)
    assert prices is not None
    assert prices.of_country("AT") == prices.of_country("CH") != prices.of_country("IN")


def test_volume_tiers_stand_in_the_list(paying: Paying) -> None:
    prices = paying.browser.service.prices(paying.browser.key)
    assert prices is not None
    tiered = [steps for steps in prices.steps.values() if len(steps) > 1]
    assert tiered
    assert all(steps[0].first == 1 and steps[1].first > 1 for steps in tiered)


# --- terms ---------------------------------------------------------------------------------------


def test_consent_is_kept_with_time_version_and_a_keyed_hash_of_the_address(
    world: OnboardingWorld, paying: Paying
) -> None:
    paying.accept()
    run = paying.run
    assert (run.terms_version, run.terms_accepted_at) == ("1", world.clock.now())
    assert len(run.terms_ip_hash) == 64
    (told,) = [e for e in world.events("onboarding_run") if e.data.get("step") == "terms_accepted"]
    assert (told.data["version"], told.data["ip_hash"]) == ("1", run.terms_ip_hash)
    assert ADDRESS not in str(told.data)


def test_another_version_than_the_one_in_force_is_not_accepted(paying: Paying) -> None:
    service, key = paying.browser.service, paying.browser.key
    with pytest.raises(InvalidInput):
        service.accept_terms(key, "0", ADDRESS)
    assert paying.view.pay_stage is PayStage.TERMS


def test_a_new_version_of_the_terms_is_asked_for_anew(
    database: Database, clock: FixedClock, world: OnboardingWorld, paying: Paying
) -> None:
    paying.to_credit().skip()
    world.onboarding.settings = given_settings(terms_version="2")
    again = world.browser()
    assert again.sign_up().pay_stage is PayStage.TERMS


def test_without_terms_the_partner_takes_no_clients(world: OnboardingWorld, paying: Paying) -> None:
    world.onboarding.settings = given_settings(mode="production")
    with pytest.raises(OnboardingRefused) as refused:
        world.browser()
    assert refused.value.code == "terms_missing"
    assert world.onboarding.link_state(world.owner).reasons == ("terms_missing",)


def test_who_has_agreed_and_has_a_card_goes_straight_to_meta_the_next_time(
    world: OnboardingWorld, paying: Paying
) -> None:
    paying.to_credit().buy()
    world.jobs.drain()
    again = world.browser()
    again.sign_up()
    assert again.view.step is RunStep.META


# --- details -------------------------------------------------------------------------------------


def test_wrong_details_are_named_all_at_once(paying: Paying) -> None:
    paying.accept()
    wrong = replace(FORM, legal_name="", city="", country="DE", vat_id="DE123456789")
    with pytest.raises(InvalidInput) as refused:
        paying.save(wrong)
    assert refused.value.about["faults"] == {
        "legal_name": "needed",
        "city": "needed",
        "vat_id": "vat_checksum",
    }
    assert paying.view.pay_stage is PayStage.DETAILS


def test_details_are_the_client_s_and_come_back_into_the_form(
    world: OnboardingWorld, paying: Paying
) -> None:
    paying.accept()
    first = paying.browser.service.billing_details(paying.browser.key)
    assert (first.legal_name, first.email, first.country) == (
        "Bäckerei Sonne",
        "anna@client.example",
        "US",
    )
    paying.save()
    assert paying.browser.service.billing_details(paying.browser.key) == FORM
    with world.database.reading(TEST) as session:
        kept = session.exec(select(BillingDetails)).one()
    assert (kept.client_id, kept.saved_by) == (paying.payer.client_id, "client")


def test_the_register_s_no_is_told(world: OnboardingWorld, paying: Paying) -> None:
    paying.accept()
    paying.save(replace(FORM, country="DE", vat_id="DE136695976"))
    assert not paying.view.has_bad_vat_id
    world.jobs.drain()
    assert paying.view.has_bad_vat_id


# --- card ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "key"),
    [("refused", "card_declined"), ("expired", "card_page_expired"), ("left", "card_cancelled")],
)
def test_each_way_without_a_card_is_told_and_another_card_goes_on(
    world: OnboardingWorld, paying: Paying, ends: str, key: str
) -> None:
    page = paying.to_card().open_page()
    provider = world.money.provider
    if ends == "refused":
        provider.refuse_on_card_page(page, "insufficient_funds")
    elif ends == "expired":
        provider.expire_card_page(page)
    view = paying.back(cancelled=ends != "expired")
    assert view.trouble is not None
    assert (view.trouble.key, view.trouble.turn, view.status) == (
        key,
        Turn.CLIENT,
        RunStatus.STOPPED,
    )
    assert view.trouble.decline_code == ("insufficient_funds" if ends == "refused" else "")
    assert view.pay_stage is PayStage.CARD
    assert client_of(world).status == ClientStatus.PENDING
    view = paying.add_card()
    assert (view.trouble, view.pay_stage) == (None, PayStage.CREDIT)


def test_the_webhook_takes_the_run_on_when_the_browser_never_comes_back(
    world: OnboardingWorld, paying: Paying
) -> None:
    provider = world.money.provider
    provider.fill_card_page(paying.to_card().open_page())
    for event in provider.events:
        world.money.billing.payments.take_webhook(*provider.signed(event))
    world.jobs.drain()
    assert paying.view.pay_stage is PayStage.CREDIT
    assert paying.steps().count("card_added") == 1
    paying.back()
    assert paying.steps().count("card_added") == 1


def test_the_step_goes_on_in_another_browser(world: OnboardingWorld, paying: Paying) -> None:
    provider = world.money.provider
    page = paying.to_card().open_page()
    resumed = world.onboarding.resume(world.mailer.token)
    other = Browser(
        world=world,
        secret=resumed.secret,
        key=replace(paying.browser.key, secret=resumed.secret),
    )
    provider.fill_card_page(page)
    assert other.service.came_back(other.key).pay_stage is PayStage.CREDIT


def test_a_provider_that_does_not_answer_loses_nothing(
    world: OnboardingWorld, paying: Paying
) -> None:
    world.money.provider.fill_card_page(paying.to_card().open_page())
    world.money.provider.fail_before_next()
    with pytest.raises(Unavailable):
        paying.back()
    assert paying.view.pay_stage is PayStage.CARD
    assert paying.back().pay_stage is PayStage.CREDIT


def test_a_card_that_expires_meanwhile_is_none(world: OnboardingWorld, paying: Paying) -> None:
    paying.to_credit().skip()
    world.clock.advance(timedelta(days=5 * 366))
    assert paying.view.pay_stage is PayStage.CARD


# --- first credit --------------------------------------------------------------------------------


def test_the_first_credit_is_charged_invoiced_and_lets_the_run_go_on(
    world: OnboardingWorld, paying: Paying
) -> None:
    view = paying.to_credit().buy("100", renews=False)
    assert (view.pay_stage, view.step) == (PayStage.CREDIT, RunStep.PAYMENT)
    world.jobs.drain()
    assert paying.view.step is RunStep.META
    assert paying.credit() == 100_00
    with world.database.reading(TEST) as session:
        invoice = session.exec(select(Invoice)).one()
    assert (invoice.client_id, invoice.gross_micros) == (
        paying.payer.client_id,
        Money.of(104, "USD").micros,
    )
    assert world.money.provider.charged == invoice.gross_micros
    assert paying.steps()[-2:] == ["credit_begun", "credit_bought"]


def test_a_declined_first_credit_can_be_paid_by_another_card_or_left(
    world: OnboardingWorld, paying: Paying
) -> None:
    paying.to_credit()
    world.money.provider.decline_next("insufficient_funds")
    paying.buy()
    world.jobs.drain()
    trouble = paying.view.trouble
    assert trouble is not None
    assert (trouble.key, trouble.decline_code) == ("credit_declined", "insufficient_funds")
    paying.add_card()
    assert (paying.view.pay_stage, paying.view.trouble) == (PayStage.CREDIT, None)
    paying.buy(renews=False)
    world.jobs.drain()
    assert (paying.view.step, paying.credit()) == (RunStep.META, 100_00)


def test_the_bank_s_check_of_the_first_credit_leads_back_to_the_run(
    world: OnboardingWorld, paying: Paying
) -> None:
    provider = world.money.provider
    paying.to_credit()
    provider.require_action_next()
    paying.buy(renews=False)
    world.jobs.drain()
    credit = paying.view.credit
    assert credit is not None
    assert credit.status is PaymentStatus.ACTION_REQUIRED
    assert paying.browser.service.confirm_credit(paying.browser.key)
    (charge,) = provider.charges.values()
    provider.approve(charge.id)
    paying.back()
    world.jobs.drain()
    assert (paying.view.step, paying.credit()) == (RunStep.META, 100_00)


def test_a_second_click_charges_once(world: OnboardingWorld, paying: Paying) -> None:
    service, key = paying.to_credit().browser.service, paying.browser.key
    quote = service.quote_credit(key, "100")
    first = service.buy_credit(key, "100", quote, renews=False)
    second = service.buy_credit(key, "100", quote, renews=False)
    world.jobs.drain()
    assert first.credit is not None
    assert second.credit is not None
    assert first.credit.id == second.credit.id
    assert paying.credit() == 100_00


def test_a_quote_that_is_not_ours_is_not_charged(paying: Paying) -> None:
    service, key = paying.to_credit().browser.service, paying.browser.key
    quote = service.quote_credit(key, "100")
    cheaper = replace(quote, fee=Money.of(0, "USD"))
    with pytest.raises(Conflict):
        service.buy_credit(key, "100", cheaper, renews=False)
    assert paying.view.credit is None


@pytest.mark.parametrize("renews", [True, False])
def test_auto_renewal_is_as_the_client_chose(
    world: OnboardingWorld, paying: Paying, renews: bool
) -> None:
    threshold, top_up = paying.to_credit().browser.service.renewal_figures(paying.browser.key)
    assert (threshold, top_up) == (Money.of(200, "USD"), Money.of(100, "USD"))
    paying.skip(renews=renews)
    world.jobs.drain()
    assert paying.renewal().is_paused is not renews
    # Nothing is charged for what was only chosen.
    assert paying.credit() == 0
    assert world.money.provider.charged == 0


def test_the_partner_sees_the_money_of_a_client_that_has_just_come_in(
    world: OnboardingWorld, paying: Paying
) -> None:
    billing = world.money.billing
    paying.to_card()
    assert billing.balance.client_credits(world.owner) == []
    paying.add_card()
    paying.skip()
    (seen,) = billing.balance.client_credits(world.owner)
    assert (seen.client, seen.available) == ("Bäckerei Sonne", Money.of(0, "USD"))
    assert billing.balance.credit(world.owner, seen.client_id).available == Money.of(0, "USD")
    (card,) = billing.payments.cards(world.owner, client_id=seen.client_id)
    assert card.is_primary
