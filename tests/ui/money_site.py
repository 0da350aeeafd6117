"""The money pages on real storage and the real services; the card provider is a twin.

Durable work waits for `work`, in a thread as everywhere: tests run on the event loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from nicegui import ui
from sqlmodel import Session, select

from core.access import Gate, Principal
from core.billing.balance.watch import Watch
from core.billing.card_store import RateCards, example_draft
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine, InvoiceDraft, LineKind
from core.billing.invoices.entities import Invoice
from core.billing.ledger import Ledger, Payer
from core.billing.metering import Metering
from core.billing.payments.views import CardView, PaymentView
from core.billing.service import Billing, BillingPorts, put_together
from core.clock import FixedClock
from core.events import Event
from core.money import Money
from core.partners.entities import Partner, Role
from core.partners.service import Partners
from core.ports import Everything, Tenant
from storage.changes import LocalFeed
from storage.contacts import SqlContacts
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.metering import SqlUsageBook
from storage.numbers import SqlNumbers
from storage.payers import SqlPayers
from tests import factories
from tests.services.invoices_world import FakeBlobs, FakeRegister, press
from tests.support.payments_twin import FakePayments
from tests.support.statuses import messages
from tests.support.twins import FakeMailer
from tests.ui.accounts_site import _migrated, _summary
from tests.ui.conftest import Browser
from tests.ui.fake_hub import FakeSignIn, fake_hub
from ui.elements.data_table import DataTable
from ui.sections import all_sections

T = TypeVar("T")
TEST = Everything("test")
PLACES = all_sections()
BACK = "http://test/billing/cards"
PHONE = "300000000000001"
_POLL = 0.01  # seconds; a loop that spins would keep the worker threads waiting
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class MoneySite:
    """Cookies `owner`, `member` (of `partner`) and `stranger` (owner of another) are signed in."""

    hub: Any
    database: SqlDatabase
    clock: FixedClock
    jobs: InlineJobs
    provider: FakePayments
    register: FakeRegister
    mailer: FakeMailer
    metering: Metering
    watch: Watch
    partner: Partner
    people: dict[str, Principal]
    count: list[int] = field(default_factory=lambda: [0])

    @property
    def billing(self) -> Billing:
        return self.hub.billing  # type: ignore[no-any-return]

    @property
    def owner(self) -> Principal:
        return self.people["owner"]

    def payer(self, client_id: str = "") -> Payer:
        return Payer(partner_id=self.partner.id, client_id=client_id)

    def work(self) -> None:
        """Everything durable is done."""
        _in_thread(self.jobs.drain)

    def deliver(self) -> None:
        """Every webhook of the card provider has come, and what follows is done."""
        provider, payments = self.provider, self.billing.payments
        told = [provider.signed(event) for event in provider.events]
        _in_thread(lambda: [payments.take_webhook(*signed) for signed in told])
        self.work()

    def tick(self, name: str) -> None:
        """A schedule fires, and what follows is done."""
        _in_thread(lambda: self.jobs.tick(name))
        self.work()

    def do(self, verb: Callable[..., T], *args: Any, who: str = "owner", **values: Any) -> T:
        """A verb in a thread, as another open page would."""
        return _in_thread(lambda: verb(self.people[who], *args, **values))

    def card(self, who: str = "owner", *, client_id: str = "", **facts: Any) -> CardView:
        """The owner has walked through the provider's page and back."""

        def add() -> CardView:
            principal, payments = self.people[who], self.billing.payments
            payments.add_card(principal, BACK, client_id=client_id)
            page = list(self.provider.pages)[-1]
            self.provider.fill_card_page(page, **facts)
            _, back = self.provider._offered[page]
            card = payments.card_entered(principal, back.rpartition("visit=")[2])
            assert card is not None
            return card

        return _in_thread(add)

    def top_up(self, amount: str, client_id: str = "") -> PaymentView:
        """Begun with a new card; `work` charges it."""
        card, payments = self.card(client_id=client_id), self.billing.payments
        quote = self.do(payments.quote_top_up, amount, client_id=client_id)
        return self.do(payments.top_up, amount, card.id, quote, client_id=client_id)

    def pay_in(self, amount: str, client_id: str = "", partner: Partner | None = None) -> None:
        """Credit that somebody has given, without a card."""
        owner = partner or self.partner
        payer = Payer(partner_id=owner.id, client_id=client_id)
        self._move(payer, Money.of(amount, owner.currency), "top_up")

    def spend(self, amount: str, client_id: str = "") -> None:
        """Credit is gone, for no message in particular."""
        self._move(self.payer(client_id), -Money.of(amount, self.partner.currency), "correct")

    def _move(self, payer: Payer, amount: Money, how: str) -> None:
        self.count[0] += 1
        key = f"test:{self.count[0]}"

        def move(session: Session) -> None:
            ledger = Ledger(session, self.clock)
            if how == "top_up":
                ledger.top_up(payer, amount, key)
            else:
                ledger.correct(payer, amount, key, "for a test")
            self.watch.moved(session, payer, amount)

        self.write(move)

    def send(self, *statuses: dict[str, Any]) -> None:
        """Meta tells of delivered messages of the number `PHONE`."""
        self.write(lambda session: self.metering.take(session, [messages(PHONE, statuses)]))

    def open_invoice(self, amount: str = "500", partner: Partner | None = None) -> Invoice:
        """A plan's invoice that nobody has paid."""
        self.count[0] += 1
        owner = partner or self.partner
        line = DraftLine(
            kind=LineKind.PLAN, description="Growth", net=Money.of(amount, owner.currency)
        )
        draft = InvoiceDraft(
            key=f"test:{self.count[0]}",
            kind=InvoiceKind.PLAN,
            payer=Payer(partner_id=owner.id),
            currency=owner.currency,
            lines=(line,),
        )
        issuing = self.billing.invoices.issuing
        return self.write(lambda session: issuing.issue(session, draft), owner)

    def told(self) -> list[str]:
        """Types of all events, oldest first."""
        return self.write(lambda session: [e.type for e in session.exec(select(Event))])

    def write(self, work: Callable[[Session], T], partner: Partner | None = None) -> T:
        """In another thread, as everybody who writes."""
        scope = Tenant(partner.id) if partner else TEST

        def write() -> T:
            with self.database.transaction(scope) as session:
                return work(session)

        return _in_thread(write)


@contextmanager
def money_site(folder: Path, **values: Any) -> Iterator[MoneySite]:
    """`values` are the partner's; it has the number `PHONE` and an example rate card."""
    path = folder / "hub.sqlite3"
    path.write_bytes(_migrated())
    clock, feed = FixedClock(NOON), LocalFeed()
    database = SqlDatabase(f"sqlite:///{path}", feed, threads=4)
    with database.transaction(TEST) as session:
        partner, other = (
            factories.make_partner(session, **values),
            factories.make_partner(session),
        )
        client = factories.make_client(session, partner, name="Mill")
        waba = factories.make_waba(session, client)
        factories.make_channel(session, waba, external_id=PHONE)
        people = {
            "owner": factories.make_principal(session, partner, clock=clock),
            "member": factories.make_principal(session, partner, Role.MEMBER, clock=clock),
            "stranger": factories.make_principal(session, other, clock=clock),
        }
        draft = example_draft(partner.currency)
        RateCards(clock).import_card(session, draft, "example", is_example=True)
        session.flush()
        partner_of = {"stranger": other}
        summaries = {
            name: (who, [_summary(partner_of.get(name, partner))]) for name, who in people.items()
        }
    hub = fake_hub()
    hub.clock, hub.feed, hub.sign_in = clock, feed, FakeSignIn(summaries)
    gate, jobs, provider = Gate(database, clock), InlineJobs(), FakePayments(clock)
    mailer, register = FakeMailer(), FakeRegister()
    room = put_together(
        BillingPorts(
            gate=gate,
            database=database,
            clock=clock,
            jobs=jobs,
            settings=hub.settings,
            mailer=mailer,
            blobs=FakeBlobs(),
            provider=provider,
            press=press,
            statement_press=lambda statement: f"%PDF {statement.period.first}".encode(),
            register=register,
            usage=SqlUsageBook(),
            numbers=SqlNumbers(),
            payers=SqlPayers(),
            contacts=SqlContacts(),
        )
    )
    hub.billing = room.billing
    hub.partners = Partners(gate, database, clock, invitation_lifetime=timedelta(days=7))
    yield MoneySite(
        hub=hub,
        database=database,
        clock=clock,
        jobs=jobs,
        provider=provider,
        register=register,
        mailer=mailer,
        metering=room.metering,
        watch=room.watch,
        partner=partner,
        people=people,
    )
    database.close()


async def until(is_true: Callable[[], bool], seconds: float = 20) -> None:
    """Let the loop and the worker threads run until it is so; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_true():
            await asyncio.to_thread(threading.Event().wait, _POLL)  # worker threads need the turn


def table(user: Browser, label: str) -> DataTable:
    """The table of that name on the open page."""
    (found,) = [each for each in user.page.elements.values() if _is_table(each, label)]
    return found


def _is_table(element: Any, label: str) -> bool:
    return isinstance(element, DataTable) and element.props["label"] == label


def column(user: Browser, label: str, key: str) -> list[str]:
    """The texts of one column; none while the table is not there."""
    tables = [each for each in user.page.elements.values() if _is_table(each, label)]
    return [text_of(row.get(key, "")) for each in tables for row in each.rows]


def text_of(cell: Any) -> str:
    """What a cell shows, with its second line."""
    if isinstance(cell, dict):
        return " / ".join(filter(None, (cell["text"], cell.get("second", ""))))
    return str(cell)


def field_of(user: Browser, label: str) -> Any:
    """The input below this label."""
    labels = [e for e in user.page.elements.values() if getattr(e, "text", "") == label]
    (name,) = {str(e.props["for"]) for e in labels if e.tag == "label"}
    (found,) = [
        e
        for e in user.page.elements.values()
        if isinstance(e, ui.input | ui.select) and e.props.get("for") == name
    ]
    return found


def button_of(user: Browser, text: str) -> ui.button:
    """The newest button with this text."""
    found = [
        e
        for e in user.page.elements.values()
        if isinstance(e, ui.button) and e.text == text and e.visible
    ]
    return found[-1]


def _in_thread(work: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
