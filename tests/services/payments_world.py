"""A partner with an owner, a provider in memory and real invoices; webhooks as a test delivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Principal
from core.billing.entities import LedgerAccount
from core.billing.invoices.changing import Changing
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine, InvoiceDraft, LineKind
from core.billing.invoices.entities import Invoice
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.ports import MAIL_JOB, PDF_JOB, OutboundSwitch
from core.billing.invoices.terms import terms_of
from core.billing.ledger import Ledger, Payer
from core.billing.payments.documents import InvoiceDesk
from core.billing.payments.entities import Payment
from core.billing.payments.reconciling import Agreement
from core.billing.payments.service import Payments
from core.billing.payments.views import CardView, PaymentView
from core.billing.renewal.service import Renewals
from core.clock import Clock
from core.events import Event
from core.money import Money
from core.ports import Everything, Jobs, Tenant
from core.settings import Settings
from storage.contacts import SqlContacts
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.payers import SqlPayers
from tests.factories import make_partner, make_principal
from tests.support.payments_twin import FakePayments
from tests.support.twins import FakeMailer

ALL = Everything("test")
BACK = "https://hub.test/billing/cards"


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, base_url="https://hub.test", **values)


@dataclass(kw_only=True)
class World:
    """Everything a test of payments asks for."""

    database: SqlDatabase
    clock: Clock
    jobs: Any
    provider: FakePayments
    mailer: FakeMailer
    payments: Payments
    renewals: Renewals
    issuing: Issuing
    changing: Changing
    owner: Principal
    other_owner: Principal
    payer: Payer
    stopped: list[Payer] = field(default_factory=list)
    delivered: int = 0

    def card(self, **facts: Any) -> CardView:
        """The owner walks through the provider's page and back."""
        self.payments.add_card(self.owner, BACK)
        page = list(self.provider.pages)[-1]
        always, asks = facts.pop("always", ""), facts.pop("asks", False)
        made = self.provider.fill_card_page(page, always=always, asks=asks, **facts)
        _, back = self.provider._offered[page]
        card = self.payments.card_entered(self.owner, back.rpartition("visit=")[2])
        assert card is not None
        assert made.last4 == card.last4
        return card

    def top_up(self, amount: str = "100", card: CardView | None = None) -> PaymentView:
        """Quoted and begun with the card, the primary one if none is named."""
        used = card or self.payments.cards(self.owner)[0]
        quote = self.payments.quote_top_up(self.owner, amount)
        return self.payments.top_up(self.owner, amount, used.id, quote)

    def topped_up(self, amount: str = "100", card: CardView | None = None) -> PaymentView:
        """The same, after the durable work."""
        begun = self.top_up(amount, card)
        self.jobs.drain()
        return self.payments.payment(self.owner, begun.id)

    def deliver(self) -> None:
        """Every webhook that was not delivered yet, in order."""
        for event in self.provider.events[self.delivered :]:
            self.payments.take_webhook(*self.provider.signed(event))
        self.delivered = len(self.provider.events)
        self.jobs.drain()

    def invoice(self, kind: InvoiceKind = InvoiceKind.PLAN, amount: str = "500") -> Invoice:
        """An open invoice of the partner; its charge is not enqueued."""
        line = DraftLine(
            kind=LineKind.PLAN if kind is InvoiceKind.PLAN else LineKind.CREDIT,
            description="Growth",
            net=Money.of(amount, "EUR"),
        )
        with self.database.transaction(Tenant(self.payer.partner_id)) as session:
            return self.issuing.issue(
                session,
                InvoiceDraft(
                    key=f"test:{kind}:{amount}:{len(self.rows(Invoice))}",
                    kind=kind,
                    payer=self.payer,
                    currency="EUR",
                    lines=(line,),
                ),
            )

    def credit(self) -> tuple[int, int]:
        """Available and pending, in cents."""
        with self.database.reading(ALL) as session:
            credit = Ledger(session, self.clock).credit_of(self.payer, "EUR")
        return credit.available.minor, credit.pending.minor

    def agreement(self) -> Agreement:
        with self.database.reading(ALL) as session:
            return self.payments.agreement_of(session, self.payer.partner_id)

    def events(self, *types: str) -> list[Event]:
        with self.database.reading(ALL) as session:
            found = session.exec(select(Event).order_by(col(Event.id))).all()
        return [event for event in found if not types or event.type in types]

    def told(self, *types: str) -> list[str]:
        return [event.type for event in self.events(*types)]

    def rows(self, table: Any) -> list[Any]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(table)))

    def row(self, payment_id: str) -> Payment:
        with self.database.reading(ALL) as session:
            return session.get_one(Payment, payment_id)

    def subjects(self) -> list[str]:
        """Of the mails."""
        return [mail.subject for mail in self.mailer.mails]

    def balanced(self) -> bool:
        return sum(account.balance for account in self.rows(LedgerAccount)) == 0

    def spend(self, amount: str, key: str = "spent") -> None:
        with self.database.transaction(Tenant(self.payer.partner_id)) as session:
            ledger = Ledger(session, self.clock)
            ledger.correct(self.payer, -Money.of(amount, "EUR"), key, "messages, for a test")


def require_agreement(world: World) -> None:
    """Provider, invoices and ledger, to the cent; and the provider is not only believed."""
    agreement = world.agreement()
    assert agreement.holds, agreement
    assert world.balanced()


def build(database: SqlDatabase, clock: Clock, **values: Any) -> World:
    """One partner in Germany (VAT 19 %), one provider."""
    jobs = values.pop("jobs", None) or InlineJobs()
    provider = values.pop("provider", None) or FakePayments(clock)
    with database.transaction(ALL) as session:
        partner = make_partner(session, **values)
        owner = make_principal(session, partner, clock=clock)
        other = make_principal(session, partner, clock=clock)
    return assemble(database, clock, jobs, provider, owner=owner, other_owner=other)


def assemble(
    database: SqlDatabase,
    clock: Clock,
    jobs: Jobs,
    provider: FakePayments,
    *,
    owner: Principal,
    other_owner: Principal,
    mailer: FakeMailer | None = None,
) -> World:
    """Services on what there is, as another process would make them."""
    stopped: list[Payer] = []
    chosen, book = settings(), SqlPayers()
    issuing = Issuing(clock, jobs, book, terms_of(chosen))
    switch = OutboundSwitch(stop=lambda _s, who: stopped.append(who), resume=_resume(stopped))
    changing = Changing(clock, jobs, issuing, switch)
    posted = mailer or FakeMailer()
    for job in (PDF_JOB, MAIL_JOB):
        jobs.register(job, _nothing)  # their own tests are about them
    payments = Payments(
        gate=Gate(database, clock),
        database=database,
        clock=clock,
        jobs=jobs,
        provider=provider,
        invoices=InvoiceDesk(issuing, changing),
        payers=SqlContacts(),
        mailer=posted,
        settings=chosen,
    )
    renewals = Renewals(payments)
    return World(
        database=database,
        clock=clock,
        jobs=jobs,
        provider=provider,
        mailer=posted,
        payments=payments,
        renewals=renewals,
        issuing=issuing,
        changing=changing,
        owner=owner,
        other_owner=other_owner,
        payer=Payer(partner_id=owner.partner_id or ""),
        stopped=stopped,
    )


def _resume(stopped: list[Payer]) -> Any:
    def resume(_session: Session, payer: Payer) -> None:
        stopped.remove(payer)

    return resume


def _nothing(*_args: Any) -> None:
    """Durable work that others test."""
