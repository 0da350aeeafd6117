"""A direct-paid client's own page: the link, what it opens, and nothing beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from core.access import Principal
from core.accounts.entities import Client
from core.billing.client_page.service import ClientPages
from core.billing.client_page.views import PageKey
from core.billing.invoices.details import DetailsForm
from core.billing.ledger import Ledger, Payer
from core.billing.pay_links.entities import PayLink
from core.billing.pay_links.links import ExpiredLink, UnknownLink
from core.billing.payments.states import PaymentStatus
from core.clock import FixedClock
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, RateLimited
from core.money import Money
from core.ports import Everything, Mail
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests import factories
from tests.services.payments_world import settings
from tests.support.billing import BillingTwins, billing_on_twins
from tests.support.payments_twin import FakePayments
from tests.support.twins import FakeMailer

ALL = Everything("test")
FORM = DetailsForm(
    legal_name="Mill GmbH",
    email="books@mill.example",
    address="Am Bach 1",
    postal_code="10115",
    city="Berlin",
    country="DE",
)


@dataclass(kw_only=True)
class Desk:
    """A direct-paid partner with two clients, Mill (German) and Bakery."""

    database: SqlDatabase
    clock: FixedClock
    jobs: InlineJobs
    mailer: FakeMailer
    twins: BillingTwins
    owner: Principal
    member: Principal
    mill: Client
    bakery: Client

    @property
    def pages(self) -> ClientPages:
        return self.twins.billing.client_page

    @property
    def provider(self) -> FakePayments:
        return self.twins.provider

    def payer(self) -> Payer:
        return Payer(partner_id=self.mill.partner_id, client_id=self.mill.id)

    def link(self, client: Client | None = None) -> PageKey:
        """The partner sends the link, the client opens it."""
        self.pages.send_client_link(self.owner, (client or self.mill).id)
        self.jobs.drain()
        return self.pages.open_link(token_of(self.mailer.mails[-1]))

    def card(self, key: PageKey, **facts: Any) -> str:
        """The client enters a card on the provider's page and comes back."""
        self.pages.open_card_page(key)
        page = list(self.provider.pages)[-1]
        self.provider.fill_card_page(page, **facts)
        _, back = self.provider._offered[page]
        card = self.pages.came_back(key, back.rpartition("visit=")[2])
        assert card is not None
        return card.id

    def top_up(self, key: PageKey, card: str, amount: str = "100") -> str:
        quote = self.pages.quote(key, amount)
        payment = self.pages.top_up(key, amount, card, quote)
        self.jobs.drain()
        return payment.id

    def spend(self, amount: str) -> None:
        with self.database.transaction(ALL) as session:
            ledger = Ledger(session, self.clock)
            ledger.correct(self.payer(), -Money.of(amount, "EUR"), f"spent:{amount}", "a test")

    def rows(self, table: Any) -> list[Any]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(table)))


def token_of(mail: Mail) -> str:
    assert "/pay/" in mail.button_url
    return mail.button_url.rpartition("/pay/")[2]


@pytest.fixture
def desk(database: SqlDatabase, clock: FixedClock) -> Desk:
    return desk_on(database, clock)


def desk_on(database: SqlDatabase, clock: FixedClock, **values: Any) -> Desk:
    jobs, mailer = InlineJobs(), FakeMailer()
    with database.transaction(ALL) as session:
        made = _people(session, clock, **({"billing_model": "direct_paid"} | values))
    twins = billing_on_twins(
        database=database, clock=clock, jobs=jobs, mailer=mailer, settings=settings()
    )
    return Desk(database=database, clock=clock, jobs=jobs, mailer=mailer, twins=twins, **made)


def _people(session: Session, clock: FixedClock, **values: Any) -> dict[str, Any]:
    partner = factories.make_partner(session, **values)
    return {
        "owner": factories.make_principal(session, partner, clock=clock),
        "member": factories.make_principal(session, partner, "member", clock),
        "mill": factories.make_client(
            session, partner, organisation="Mill GmbH", email="ada@mill.example", language="de"
        ),
        "bakery": factories.make_client(session, partner),
    }


def test_the_partner_sends_the_link_and_only_the_client_gets_it(desk: Desk) -> None:
    key = desk.link()
    (mail,) = desk.mailer.mails
    assert (mail.to, mail.language) == ("ada@mill.example", "de")
    assert mail.subject.startswith("Ihre Zahlungen bei")
    money = desk.pages.see(key)
    assert (money.client_id, money.name, money.language) == (desk.mill.id, "Mill GmbH", "de")


def test_the_database_knows_the_token_by_its_hash_only(desk: Desk) -> None:
    desk.link()
    token = token_of(desk.mailer.mails[-1])
    for row in desk.rows(PayLink):
        assert token not in str(row.model_dump())
    assert token not in str([job.args for job in desk.jobs.done])


def test_a_mail_that_is_sent_again_has_the_same_link(desk: Desk) -> None:
    desk.mailer.down = True
    desk.pages.send_client_link(desk.owner, desk.mill.id)
    for _ in range(2):
        desk.jobs.drain()
    desk.mailer.down = False
    desk.jobs.drain()
    assert len(desk.rows(PayLink)) == 1


@pytest.mark.parametrize("change", ["secret", "link", "both"])
def test_nobody_else_gets_in(desk: Desk, change: str) -> None:
    key, other = desk.link(), desk.link(desk.bakery)
    wrong = {
        "secret": replace(key, secret=other.secret),
        "link": replace(key, link_id=other.link_id),
        "both": PageKey("x" * 16, "y" * 43),
    }[change]
    with pytest.raises(UnknownLink):
        desk.pages.see(wrong)
    with pytest.raises(UnknownLink):
        desk.pages.open_link("z" * 43)


def test_a_link_expires_and_the_pages_that_it_opened_with_it(desk: Desk) -> None:
    key = desk.link()
    desk.clock.advance(timedelta(days=14))
    for act in (lambda: desk.pages.see(key), lambda: desk.pages.open_link(key.secret)):
        with pytest.raises(ExpiredLink):
            act()
    with pytest.raises(ExpiredLink):
        desk.pages.renew(key, is_on=False)
    desk.pages.mail_again(key.secret)
    desk.jobs.drain()
    fresh = desk.pages.open_link(token_of(desk.mailer.mails[-1]))
    assert desk.mailer.mails[-1].to == "ada@mill.example"
    assert desk.pages.see(fresh).client_id == desk.mill.id


def test_a_second_click_sends_no_second_mail(desk: Desk) -> None:
    desk.pages.send_client_link(desk.owner, desk.mill.id)
    with pytest.raises(RateLimited):
        desk.pages.send_client_link(desk.owner, desk.mill.id)


def test_members_and_strangers_cannot_send_it(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.pages.send_client_link(desk.member, desk.mill.id)
    with desk.database.transaction(ALL) as session:
        stranger = factories.make_principal(session, factories.make_partner(session))
    with pytest.raises(NotFound):
        desk.pages.send_client_link(stranger, desk.mill.id)


def test_a_partner_that_pays_for_its_clients_has_no_such_pages(
    database: SqlDatabase, clock: FixedClock
) -> None:
    desk = desk_on(database, clock, billing_model="partner_paid")
    with pytest.raises(Conflict) as refusal:
        desk.pages.send_client_link(desk.owner, desk.mill.id)
    assert refusal.value.code == "not_direct_paid"


def test_a_client_adds_a_card_tops_up_and_gets_its_invoice(desk: Desk) -> None:
    key = desk.link()
    card = desk.card(key)
    desk.top_up(key, card, "300")
    money = desk.pages.see(key)
    assert (money.available.minor, money.under_way) == (30000, False)
    (invoice,) = money.invoices
    assert desk.pages.pdf(key, invoice.id).content.startswith(b"%PDF")
    with desk.database.reading(ALL) as session:
        assert desk.twins.billing.payments.agreement_of(session, desk.mill.partner_id).holds
    assert [mail.to for mail in desk.mailer.mails if "aufgeladen" in mail.subject] == [
        "ada@mill.example"
    ]


def test_the_amount_that_a_browser_changed_is_not_charged(desk: Desk) -> None:
    key = desk.link()
    card = desk.card(key)
    quote = desk.pages.quote(key, "100")
    for changed in (
        replace(quote, net=Money.of("1", "EUR")),
        replace(quote, fee=Money(0, "EUR")),
        replace(quote, tax=Money(0, "USD")),
    ):
        with pytest.raises(Conflict) as refusal:
            desk.pages.top_up(key, "100", card, changed)
        assert refusal.value.code == "quote_changed"
    assert desk.provider.charged == 0


def test_a_payment_that_the_bank_asks_about_is_confirmed_from_the_mail(desk: Desk) -> None:
    key = desk.link()
    card = desk.card(key, asks=True)
    payment = desk.top_up(key, card)
    mail = desk.mailer.mails[-1]
    assert mail.subject.startswith("Bitte bestätigen")
    desk.clock.advance(timedelta(minutes=5))
    key = desk.pages.open_link(token_of(mail))
    (waiting,) = desk.pages.see(key).waiting
    assert waiting.id == payment
    assert desk.pages.confirm(key, payment).startswith("https://")
    desk.provider.approve(next(iter(desk.provider.charges)))
    assert desk.pages.look(key, payment).status is PaymentStatus.SUCCEEDED
    assert desk.pages.see(key).available.minor == 10000
    assert key.secret not in str(desk.provider._keys)


def test_another_clients_things_are_not_found(desk: Desk) -> None:
    key, other = desk.link(), desk.link(desk.bakery)
    card = desk.card(key)
    payment = desk.top_up(key, card, "300")
    (invoice,) = desk.pages.see(key).invoices
    _, back = list(desk.provider._offered.values())[-1]
    quote = desk.pages.quote(other, "100")
    acts = (
        lambda: desk.pages.pdf(other, invoice.id),
        lambda: desk.pages.confirm(other, payment),
        lambda: desk.pages.look(other, payment),
        lambda: desk.pages.pay_invoice(other, invoice.id, card),
        lambda: desk.pages.top_up(other, "100", card, quote),
        lambda: desk.pages.make_primary(other, card),
        lambda: desk.pages.remove_card(other, card),
        lambda: desk.pages.came_back(other, back.rpartition("visit=")[2]),
    )
    for act in acts:
        with pytest.raises((NotFound, Conflict)):
            act()
    money = desk.pages.see(other)
    assert (money.cards, money.invoices, money.available.micros) == ((), (), 0)


def test_a_card_is_replaced_and_the_last_one_stays_while_it_is_needed(desk: Desk) -> None:
    key = desk.link()
    first, second = desk.card(key), desk.card(key)
    desk.top_up(key, first)
    desk.pages.make_primary(key, second)
    desk.pages.remove_card(key, first)
    desk.jobs.drain()
    assert [card.id for card in desk.pages.see(key).cards] == [second]
    with pytest.raises(Conflict) as refusal:
        desk.pages.remove_card(key, second)
    assert refusal.value.code == "last_card_needed"
    desk.pages.renew(key, is_on=False)
    desk.pages.remove_card(key, second)


def test_automatic_top_ups_go_off_and_on(desk: Desk) -> None:
    key = desk.link()
    card = desk.card(key)
    desk.pages.renew(key, is_on=False)
    assert not desk.pages.see(key).renewal.is_on
    desk.top_up(key, card)
    assert desk.pages.see(key).available.minor == 10000
    desk.pages.renew(key, is_on=True)
    desk.jobs.drain()
    money = desk.pages.see(key)
    assert money.renewal.is_on
    assert money.available == Money.of("100", "EUR") + money.renewal.top_up


def test_billing_details_are_kept_for_the_next_invoice(desk: Desk) -> None:
    key = desk.link()
    with pytest.raises(InvalidInput) as refusal:
        desk.pages.save_details(key, replace(FORM, city="", country="XX"))
    assert set(refusal.value.about["faults"]) == {"city", "country"}
    desk.pages.save_details(key, FORM)
    assert desk.pages.see(key).details == FORM
    desk.top_up(key, desk.card(key), "300")
    (invoice,) = desk.pages.see(key).invoices
    assert invoice.buyer_name == "Mill GmbH"


def test_a_client_hears_of_low_credit_itself_and_its_partner_too(desk: Desk) -> None:
    balances = desk.twins.billing.balance
    balances.set_levels(desk.owner, ["50.00"], client_id=desk.mill.id)
    key = desk.link()
    desk.pages.renew(key, is_on=False)
    desk.top_up(key, desk.card(key))
    before = len(desk.mailer.mails)
    with desk.database.transaction(ALL) as session:
        change = -Money.of("60", "EUR")
        ledger = Ledger(session, desk.clock)
        ledger.correct(desk.payer(), change, "spent", "a test")
        desk.twins.billing.payments.room.moved(session, desk.payer(), change)
    desk.jobs.drain()
    told = {mail.to: mail for mail in desk.mailer.mails[before:]}
    assert set(told) == {"ada@mill.example", desk.owner.email}
    assert told["ada@mill.example"].subject.startswith("Wenig Guthaben")
    assert desk.pages.open_link(token_of(told["ada@mill.example"])).link_id
    assert told[desk.owner.email].subject.startswith("Credit is low")
    assert "/pay/" not in told[desk.owner.email].button_url
