"""A partner with owners, a card and numbers, real billing below and a clock that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlmodel import Session, col, select

from core.access import Gate, Principal
from core.accounts.entities import Channel
from core.accounts.leaving import LEAVE_JOB
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import lines_of
from core.billing.payments.views import CardView
from core.billing.service import Billing, BillingPorts, put_together
from core.clock import Clock
from core.events import Event
from core.partners.entities import Partner, Role
from core.ports import Blobs, Everything, Tenant
from core.settings import Settings
from core.subscriptions.entities import Licence, Subscription
from core.subscriptions.service import Subscriptions
from core.subscriptions.states import PlanName
from core.subscriptions.views import UpgradeQuote, UpgradeView
from storage.contacts import SqlContacts
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from tests.factories import (
    make_login,
    make_membership,
    make_number,
    make_partner,
    make_person,
    make_principal,
)
from tests.services.invoices_world import FakeBlobs, FakeRegister, press
from tests.support.payments_twin import FakePayments
from tests.support.twins import FakeMailer

ALL = Everything("test")
BACK = "https://hub.test/billing/cards"
T = TypeVar("T")


@dataclass(kw_only=True)
class World:
    """Everything a test of subscriptions asks for."""

    database: SqlDatabase
    clock: Any
    jobs: Any
    provider: Any
    mailer: Any
    register: FakeRegister
    billing: Billing
    subscriptions: Subscriptions
    owner: Principal
    other_owner: Principal
    stranger: Principal
    partner_id: str
    cards: list[CardView] = field(default_factory=list)

    def card(self, who: Principal | None = None, **facts: Any) -> CardView:
        """The owner walks through the provider's page and back."""
        whose, payments = who or self.owner, self.billing.payments
        payments.add_card(whose, BACK)
        page = list(self.provider.pages)[-1]
        self.provider.fill_card_page(page, **facts)
        _, back = self.provider._offered[page]
        card = payments.card_entered(whose, back.rpartition("visit=")[2])
        assert card is not None
        return card

    def quote(self) -> UpgradeQuote:
        return self.subscriptions.quote_upgrade(self.owner, PlanName.PREMIUM)

    def upgrade(
        self, quote: UpgradeQuote | None = None, card: CardView | None = None
    ) -> UpgradeView:
        """Confirmed and charged, as far as the card lets it."""
        shown = quote or self.quote()
        chosen = card or shown.card
        assert chosen is not None
        begun = self.subscriptions.upgrade(self.owner, shown.token, chosen.id)
        self.jobs.drain()
        return self.subscriptions.upgrade_state(self.owner, begun.id)

    def deliver(self) -> None:
        """Every webhook of the provider, in order, and what follows."""
        for told in self.provider.events:
            self.billing.payments.take_webhook(*self.provider.signed(told))
        self.jobs.drain()

    def tick(self) -> None:
        """The schedule fires, and what follows is done."""
        self.jobs.tick("subscriptions")
        self.jobs.drain()

    def go_to(self, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> None:
        """To this moment (UTC), and the schedule fires."""
        then = datetime(year, month, day, hour, minute, tzinfo=UTC)
        self.clock.advance(then - self.clock.now())
        self.tick()

    def pass_time(self, **by: int) -> None:
        self.clock.advance(timedelta(**by))

    def number(self, **values: Any) -> Channel:
        """A number that is live from now on."""
        values = {"live_at": self.clock.now()} | values
        return self.write(
            lambda session: make_number(
                session, session.get_one(Partner, self.partner_id), **values
            )
        )

    def end_number(self, channel_id: str) -> None:
        def end(session: Session) -> None:
            session.get_one(Channel, channel_id).terminated_at = self.clock.now()

        self.write(end)

    def write(self, work: Callable[[Session], T]) -> T:
        with self.database.transaction(ALL) as session:
            return work(session)

    def rows(self, table: Any) -> list[Any]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(table)))

    def row(self) -> Subscription:
        found: list[Subscription] = self.rows(Subscription)
        (mine,) = [it for it in found if it.partner_id == self.partner_id]
        return mine

    def licences(self) -> list[Licence]:
        return [it for it in self.rows(Licence) if it.until is None]

    def invoices(self, kind: str = "") -> list[Invoice]:
        with self.database.reading(Tenant(self.partner_id)) as session:
            found = session.exec(select(Invoice).order_by(Invoice.number)).all()
        return [it for it in found if not kind or it.kind == kind]

    def all_invoices(self) -> list[Invoice]:
        """Of every partner: numbers are the seller's."""
        with self.database.reading(ALL) as session:
            return list(session.exec(select(Invoice).order_by(Invoice.number)))

    def bill(self, kind: str = "") -> list[tuple[str, int]]:
        """Kind and net cents of all invoices, in the order of their numbers."""
        return [(it.kind, it.net_micros // 10_000) for it in self.invoices(kind)]

    def lines(self, invoice_id: str) -> list[tuple[str, str, int]]:
        with self.database.reading(ALL) as session:
            return [
                (it.description, it.detail, it.net_micros // 10_000)
                for it in lines_of(session, invoice_id)
            ]

    def told(self) -> list[str]:
        with self.database.reading(ALL) as session:
            found = session.exec(select(Event).order_by(col(Event.id)))
            return [it.type for it in found if it.partner_id == self.partner_id]

    def member(self) -> Principal:
        """Somebody of the partner's who is no owner."""
        return self.write(
            lambda session: make_principal(
                session, session.get_one(Partner, self.partner_id), Role.MEMBER, self.clock
            )
        )

    def partner(self) -> Partner:
        with self.database.reading(ALL) as session:
            return session.get_one(Partner, self.partner_id)

    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.mailer.mails]


def require_agreement(world: World) -> None:
    """Provider, invoices and ledger, to the cent."""
    with world.database.reading(ALL) as session:
        agreement = world.billing.payments.agreement_of(session, world.partner_id)
    assert agreement.holds, agreement
    assert agreement.provider == world.provider.charged


def build(database: SqlDatabase, clock: Clock, **values: Any) -> World:
    """A German partner on Growth from today on, with two owners; `settings` are the hub's."""
    chosen, jobs = values.pop("settings", {}), values.pop("jobs", None)
    provider = values.pop("provider", None)
    with database.transaction(ALL) as session:
        partner = make_partner(session, brand_name="Acme", **values)
        other = make_partner(session)
        people = [_owner(session, whose, clock) for whose in (partner, partner, other)]
    return assemble(
        database,
        clock,
        jobs or InlineJobs(),
        provider or FakePayments(clock),
        people=people,
        chosen=chosen,
    )


def assemble(
    database: SqlDatabase,
    clock: Clock,
    jobs: Any,
    provider: Any,
    *,
    people: Sequence[Principal],
    chosen: dict[str, Any] | None = None,
    mailer: Any = None,
    blobs: Blobs | None = None,
) -> World:
    """Services on what there is, as another process would make them."""
    settings = Settings(
        _env_file=None,
        base_url="https://hub.test",
        secret_key=SecretStr("a secret of tests, which is long enough"),
        **(chosen or {}),
    )
    posted, register = mailer or FakeMailer(), FakeRegister()
    # Only where a test is about it: months pass here without anybody signing in again.
    gate = Gate(database, clock, fresh_for=(chosen or {}).get("fresh_sign_in"))
    jobs.register(LEAVE_JOB, lambda *_: None)  # its own tests are about it
    billing = put_together(
        BillingPorts(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            settings=settings,
            mailer=posted,
            blobs=blobs or FakeBlobs(),
            provider=provider,
            press=press,
            statement_press=lambda statement: b"%PDF",
            register=register,
            usage=SqlUsageBook(),
            numbers=SqlNumbers(),
            payers=SqlPayers(),
            contacts=SqlContacts(),
        )
    ).billing
    subscriptions = Subscriptions(
        gate=gate,
        database=database,
        clock=clock,
        jobs=jobs,
        settings=settings,
        issuing=billing.invoices.issuing,
        payments=billing.payments,
    )
    owner, other_owner, stranger = people
    return World(
        database=database,
        clock=clock,
        jobs=jobs,
        provider=provider,
        mailer=posted,
        register=register,
        billing=billing,
        subscriptions=subscriptions,
        owner=owner,
        other_owner=other_owner,
        stranger=stranger,
        partner_id=owner.partner_id or "",
    )


def _owner(session: Session, partner: Partner, clock: Clock) -> Principal:
    person = make_person(session)
    make_membership(session, partner, person)
    # Outlives the months that tests let pass.
    until = clock.now() + timedelta(days=3_000)
    return make_login(session, partner, person, clock=clock, expires_at=until)
