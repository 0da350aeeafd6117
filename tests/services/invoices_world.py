"""A payer, the sandboxed seller and everything that invoices need, on twins; `collected` is the
journal of charges that were asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from core.access import Gate, Principal
from core.billing.invoices.document import InvoiceDocument, InvoiceKind
from core.billing.invoices.drafts import DraftLine, InvoiceDraft, LineKind, fee_on, top_up_lines
from core.billing.invoices.entities import Invoice
from core.billing.invoices.ports import COLLECT_JOB, OutboundSwitch
from core.billing.invoices.service import Invoices, Outside
from core.billing.ledger import Payer
from core.clock import FixedClock
from core.errors import NotFound, Unavailable
from core.events import Event
from core.money import Money
from core.ports import Everything, Tenant
from core.settings import Settings
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.payers import SqlPayers
from tests.factories import make_client, make_login, make_membership, make_partner, make_person
from tests.support.twins import FakeMailer

ALL = Everything("test")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@dataclass
class FakeBlobs:
    """Files in memory, by a count instead of a hash."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes, media_type: str) -> str:
        digest = f"{hash(content) & 0xFFFFFFFF:08x}"
        self.kept[digest] = content
        return digest

    def get(self, digest: str) -> tuple[bytes, str]:
        if digest not in self.kept:
            raise NotFound(digest=digest)
        return self.kept[digest], "application/pdf"


@dataclass
class FakeRegister:
    """Knows the VAT IDs of `registered`; asked while `down` it does not answer."""

    registered: set[str] = field(default_factory=set)
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def is_registered(self, vat_id: str) -> bool:
        self.asked.append(vat_id)
        if self.down:
            raise Unavailable(code="vat_register")
        return vat_id in self.registered


def press(document: InvoiceDocument) -> bytes:
    """Enough of a file to see what it was made of."""
    return f"%PDF {document.number} {document.totals.gross.minor}".encode()


@dataclass
class World:
    """Everything a test of invoices asks for."""

    database: SqlDatabase
    clock: FixedClock
    jobs: InlineJobs
    mailer: FakeMailer
    blobs: FakeBlobs
    register: FakeRegister
    invoices: Invoices
    payer: Payer
    client: Payer
    who: Principal
    outbound: list[tuple[str, Payer]]
    collected: list[str]

    def act(self, work: Callable[[Session], Any]) -> Any:
        with self.database.transaction(Tenant(self.payer.partner_id)) as session:
            return work(session)

    def issue(self, draft: InvoiceDraft) -> Invoice:
        invoice: Invoice = self.act(lambda session: self.invoices.issuing.issue(session, draft))
        return invoice

    def top_up(self, amount: str, key: str, **values: Any) -> Invoice:
        return self.issue(self.top_up_draft(amount, key, **values))

    def top_up_draft(self, amount: str, key: str, **values: Any) -> InvoiceDraft:
        percent = self.invoices.issuing.terms.fee_percent
        net = eur(amount)
        given: dict[str, Any] = {
            "key": key,
            "kind": InvoiceKind.TOP_UP,
            "payer": self.payer,
            "currency": "EUR",
            "lines": top_up_lines(net, fee_on(net, percent), percent),
            "prepaid": True,
            "payment_id": f"pay-{key}",
        }
        return InvoiceDraft(**given | values)

    def plan(self, key: str = "plan:1", **values: Any) -> Invoice:
        line = DraftLine(kind=LineKind.PLAN, description="Growth", net=eur("500"))
        given: dict[str, Any] = {
            "key": key,
            "kind": InvoiceKind.PLAN,
            "payer": self.payer,
            "currency": "EUR",
            "lines": (line,),
        }
        return self.issue(InvoiceDraft(**given | values))

    def now(self, invoice: Invoice) -> Invoice:
        """The row as it stands."""
        with self.database.reading(ALL) as session:
            return session.exec(select(Invoice).where(Invoice.id == invoice.id)).one()

    def all(self) -> list[Invoice]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(Invoice).order_by(Invoice.number)))

    def told(self) -> list[str]:
        with self.database.reading(ALL) as session:
            return list(session.exec(select(Event.type).order_by(Event.id)))

    def pass_days(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))


def build(database: SqlDatabase, clock: FixedClock, **settings: Any) -> World:
    """A German partner with one client and one owner; charges are only noted."""
    with database.transaction(ALL) as session:
        partner = make_partner(session, brand_name="Acme", country="DE", currency="EUR")
        client = make_client(session, partner, language="de")
        person = make_person(session)
        make_membership(session, partner, person)
        # Outlives the months that tests let pass.
        until = clock.now() + timedelta(days=1_000)
        who = make_login(session, partner, person, clock=clock, expires_at=until)
    jobs, mailer, blobs, register = InlineJobs(), FakeMailer(), FakeBlobs(), FakeRegister()
    outbound: list[tuple[str, Payer]] = []
    collected: list[str] = []
    jobs.register(COLLECT_JOB, lambda _steps, _partner, invoice_id: collected.append(invoice_id))
    invoices = Invoices(
        gate=Gate(database, clock),
        database=database,
        clock=clock,
        jobs=jobs,
        settings=Settings(_env_file=None, **settings),
        outside=Outside(
            mailer=mailer, blobs=blobs, press=press, register=register, book=SqlPayers()
        ),
        outbound=OutboundSwitch(
            stop=lambda _session, payer: outbound.append(("stop", payer)),
            resume=lambda _session, payer: outbound.append(("resume", payer)),
        ),
    )
    return World(
        database=database,
        clock=clock,
        jobs=jobs,
        mailer=mailer,
        blobs=blobs,
        register=register,
        invoices=invoices,
        payer=Payer(partner_id=partner.id),
        client=Payer(partner_id=partner.id, client_id=client.id),
        who=who,
        outbound=outbound,
        collected=collected,
    )
