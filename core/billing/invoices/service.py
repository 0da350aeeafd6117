"""Invoices as a partner works with them, and what the rest of billing calls inside transactions.

Verbs with a principal pass the gate (owners only); an unknown id and another partner's give the
same NotFound. `issuing` and `changing` write in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from core.access import Gate, Permission, Principal
from core.billing.invoices import listing, snapshots
from core.billing.invoices.alarm import ClosingAlarm
from core.billing.invoices.changing import Changing
from core.billing.invoices.collecting import Collecting
from core.billing.invoices.details import DetailsForm, buyer_of, cleaned, newest, version_of
from core.billing.invoices.document import Identity
from core.billing.invoices.dunning import planned
from core.billing.invoices.entities import BillingDetails, Invoice, InvoiceLine
from core.billing.invoices.files import Files, file_name
from core.billing.invoices.finding import credits_of, existing, lines_of
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.listing import Expense, InvoiceQuery, Total
from core.billing.invoices.mailing import Mailing
from core.billing.invoices.month_end import MonthEnd, Moved
from core.billing.invoices.number_search import numbered
from core.billing.invoices.parties import Brand, Party
from core.billing.invoices.ports import VAT_JOB, OutboundSwitch, PayerBook, Press, VatRegister
from core.billing.invoices.statuses import InvoiceStatus, VatState
from core.billing.invoices.tax import EU
from core.billing.invoices.terms import terms_of
from core.billing.invoices.vat_checks import VatChecks
from core.billing.ledger import Payer
from core.billing.pay_links.links import PayLinks
from core.clock import Clock
from core.errors import Conflict
from core.events import EventType, record
from core.ports import Blobs, Database, Jobs, Mailer
from core.settings import Settings

_MAY = Permission.BILLING
# Months end by the sandbox's clock too, and a person waits for it.
_LOOK_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The ports that only invoices need."""

    mailer: Mailer
    blobs: Blobs
    press: Press
    register: VatRegister
    book: PayerBook


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """Invoices, detached; `client_names` by id, for those that clients pay."""

    rows: tuple[Invoice, ...]
    totals: tuple[Total, ...]
    client_names: dict[str, str]
    next_cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """One invoice with all that belongs to it; `tries` are the charges still planned."""

    invoice: Invoice
    lines: tuple[InvoiceLine, ...]
    credit_notes: tuple[Invoice, ...]
    identity: Identity | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFile:
    """A file to hand to a browser."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Both sides of a letter, and how it looks."""

    seller: Party
    buyer: Party
    brand: Brand


class Invoices:
    """All verbs of the invoices page, with the durable work behind them."""

    def __init__(
        self,
        *,
        gate: Gate,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        settings: Settings,
        outside: Outside,
        outbound: OutboundSwitch,
        moved: Moved | None = None,
    ) -> None:
        """`moved` is told of credits that a closing's rounding changes."""
        terms = terms_of(settings)
        blobs, book = outside.blobs, outside.book
        self._gate = gate
        self._clock = clock
        self._jobs = jobs
        self._blobs = blobs
        self._book = book
        self._terms = terms
        self.issuing = Issuing(clock, jobs, book, terms)
        self.changing = Changing(clock, jobs, self.issuing, outbound)
        alarm = ClosingAlarm(database, clock, jobs, outside.mailer, terms)
        self.month_end = MonthEnd(database, clock, self.issuing, moved, alarm.tell)
        self.collecting = Collecting(database, clock, self.changing)
        self.files = Files(database, jobs, blobs, outside.press, terms)
        self.mailing = Mailing(
            database=database,
            jobs=jobs,
            blobs=blobs,
            mailer=outside.mailer,
            book=book,
            terms=terms,
            links=PayLinks(clock, settings),
            page_url=f"{settings.base_url}/billing/invoices",
        )
        self.vat_checks = VatChecks(database, clock, jobs, outside.register)
        jobs.schedule("month_end", _LOOK_EVERY, self.month_end.close_due)
        jobs.schedule("dunning", _LOOK_EVERY, self.collecting.charge_due)

    def invoices(self, who: Principal, query: InvoiceQuery) -> InvoicePage:
        """The partner's invoices and, direct-paid, its clients'."""
        partner_id = who.tenant.partner_id
        with self._reading(who) as session:
            rows, cursor = listing.page(session, partner_id, query)
            clients = sorted({row.client_id for row in rows} - {""})
            return InvoicePage(
                rows=tuple(rows),
                totals=tuple(listing.totals(session, partner_id, query)),
                client_names=self._book.client_names(session, clients) if clients else {},
                next_cursor=cursor,
            )

    def search(self, who: Principal, text: str, limit: int = 5) -> list[Invoice]:
        """Those with this number, the end or a part of it, or this id; the newest first."""
        with self._reading(who) as session:
            return numbered(
                session,
                who.tenant.partner_id,
                text,
                min(limit, listing.MAX_PAGE),
                prefix=self._terms.prefix,
                year=self._clock.now().year,
            )

    def expenses(
        self, who: Principal, months: int = 12, client_id: str | None = None
    ) -> list[Expense]:
        """By month and kind, this month and the ones before; months without any are missing.

        Of all payers, or ('' the partner itself) of one.
        """
        first = self._clock.now().date().replace(day=1)
        for _ in range(min(months, 120) - 1):
            first = (first - timedelta(days=1)).replace(day=1)
        with self._reading(who) as session:
            return listing.expenses(session, who.tenant.partner_id, first, client_id)

    def invoice(self, who: Principal, invoice_id: str) -> InvoiceView:
        """Raises NotFound."""
        with self._reading(who) as session:
            invoice = existing(session, invoice_id)
            told = invoice.facts.get("identity")
            return InvoiceView(
                invoice=invoice,
                lines=tuple(lines_of(session, invoice_id)),
                credit_notes=tuple(credits_of(session, invoice_id)),
                identity=snapshots.identity_of(told, invoice.currency) if told else None,
                tries=self._tries(invoice),
            )

    def pdf(self, who: Principal, invoice_id: str) -> InvoiceFile:
        """Raises NotFound, Conflict (`invoice_file_pending`) until the worker has drawn it."""
        with self._reading(who) as session:
            invoice = existing(session, invoice_id)
        return self.file_of(invoice)

    def file_of(self, invoice: Invoice) -> InvoiceFile:
        """As `pdf`, for whoever was let in already."""
        if not invoice.pdf_hash:
            raise Conflict(code="invoice_file_pending", number=invoice.number)
        content, _ = self._blobs.get(invoice.pdf_hash)
        return InvoiceFile(name=file_name(invoice), content=content)

    def parties(self, who: Principal, client_id: str = "") -> Parties:
        """Who writes to whom now, as the next invoice would say it. Raises NotFound."""
        seller = self._terms.seller
        with self._reading(who) as session:
            payer = Payer(partner_id=who.tenant.partner_id, client_id=client_id)
            buyer = buyer_of(session, self._book, payer, seller.country).party
        return Parties(seller=seller, buyer=buyer, brand=self._terms.brand)

    def details(self, who: Principal) -> BillingDetails | None:
        """The version in force; None until the first is saved."""
        with self._reading(who) as session:
            return newest(session, Payer(partner_id=who.tenant.partner_id))

    def save_details(self, who: Principal, form: DetailsForm) -> BillingDetails:
        """Used from the next invoice on. Raises InvalidInput (`billing_details`, with `faults`)."""
        kept = cleaned(form)
        payer = Payer(partner_id=who.tenant.partner_id)
        with self._gate.writing(who, _MAY) as session:
            return self.keep_details(session, payer, kept, by=who.person_id)

    def keep_details(
        self, session: Session, payer: Payer, form: DetailsForm, *, by: str = "client"
    ) -> BillingDetails:
        """In the caller's transaction, as for a client that pays itself.

        Raises InvalidInput. An unchanged form makes no new version, but asks again for a VAT ID
        that nobody could check yet.
        """
        kept = cleaned(form)
        before = newest(session, payer)
        version = version_of(kept, before, payer, now=self._clock.now(), by=by)
        if before is None or not _is_same(before, version):
            session.add(version)
            session.flush()
            self._tell_details(session, version, by)
        else:
            version = before
        if version.country in EU and version.vat_state == VatState.UNKNOWN:
            args = (payer.partner_id, version.id, 0)
            key = f"{VAT_JOB}:{version.id}:{self._clock.now().isoformat()}"
            self._jobs.enqueue(session, VAT_JOB, *args, key=key)
        return version

    def _tell_details(self, session: Session, version: BillingDetails, by: str) -> None:
        record(
            session,
            self._clock,
            EventType.BILLING_DETAILS_CHANGED,
            partner_id=version.partner_id,
            subject=("billing_details", version.client_id or version.partner_id),
            actor=by,
            data={"vat_state": version.vat_state},
        )

    def _tries(self, invoice: Invoice) -> int:
        if invoice.status != InvoiceStatus.UNPAID or invoice.next_attempt_at is None:
            return 0
        plan = planned(invoice.issued_at, self._terms.dunning)
        return sum(at >= invoice.next_attempt_at for at in plan)

    @contextmanager
    def _reading(self, who: Principal) -> Iterator[Session]:
        with self._gate.reading(who, _MAY) as session:
            yield session


_WHEN = {"id", "saved_at", "saved_by"}


def _is_same(before: BillingDetails, version: BillingDetails) -> bool:
    return before.model_dump(exclude=_WHEN) == version.model_dump(exclude=_WHEN)
