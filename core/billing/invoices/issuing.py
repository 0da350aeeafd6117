"""Makes an invoice of a draft, in the caller's transaction: snapshot, tax, number, event, jobs.

The same key again is the same invoice. Buyer and seller stand in the row as they are now; what
follows (file, mail, charge) is enqueued with it, so nothing is lost between the two.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.billing.invoices import snapshots
from core.billing.invoices.details import buyer_of
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine, InvoiceDraft
from core.billing.invoices.entities import Invoice, InvoiceLine
from core.billing.invoices.figures import Buyer, Figures, figures_of
from core.billing.invoices.finding import find
from core.billing.invoices.numbering import hold, next_number
from core.billing.invoices.ports import COLLECT_JOB, PDF_JOB, PayerBook
from core.billing.invoices.statuses import InvoiceStatus, first_status
from core.billing.invoices.terms import Terms
from core.clock import Clock
from core.events import EventType, record
from core.ports import Jobs


class Issuing:
    """What payments, closing and subscriptions call; no principal, no transaction of its own."""

    def __init__(self, clock: Clock, jobs: Jobs, book: PayerBook, terms: Terms) -> None:
        self._clock = clock
        self._jobs = jobs
        self._book = book
        self.terms = terms

    def preview(self, session: Session, draft: InvoiceDraft) -> Figures:
        """The figures that `issue` would write now. Raises as `figures_of`, NotFound."""
        buyer = buyer_of(session, self._book, draft.payer, self.terms.seller.country)
        return self._figures(draft, buyer)

    def issue(self, session: Session, draft: InvoiceDraft) -> Invoice:
        """The draft's invoice, numbered and final; with the same key the one there is already.

        Post to the ledger before, never after (see `numbering`). Raises as `figures_of`.
        """
        if known := find(session, draft.key):
            return known
        buyer = buyer_of(session, self._book, draft.payer, self.terms.seller.country)
        figures = self._figures(draft, buyer)
        sequence = hold(session, self.terms.prefix, self._clock.now().year)
        # Whoever waited for the counter may have waited for its own invoice.
        if known := find(session, draft.key):
            return known
        invoice = self._row(draft, figures, buyer, next_number(sequence))
        rows = enumerate(draft.lines, start=1)
        lines = [line_row(invoice.partner_id, line, position) for position, line in rows]
        return self.write(session, invoice, lines)

    def take_number(self, session: Session) -> tuple[datetime, str]:
        """The time and the next number of its year; the counter stays locked."""
        now = self._clock.now()
        return now, next_number(hold(session, self.terms.prefix, now.year))

    def write(self, session: Session, invoice: Invoice, lines: list[InvoiceLine]) -> Invoice:
        """The rows, what is told of them, and what has to follow."""
        session.add(invoice)
        session.flush()
        for line in lines:
            line.invoice_id, line.partner_id = invoice.id, invoice.partner_id
        session.add_all(lines)
        is_credit_note = invoice.kind == InvoiceKind.CREDIT_NOTE
        issued = EventType.CREDIT_NOTE_ISSUED if is_credit_note else EventType.INVOICE_ISSUED
        self.tell(session, invoice, issued)
        if invoice.status == InvoiceStatus.PAID:
            self.tell(session, invoice, EventType.INVOICE_PAID)
        args = (invoice.partner_id, invoice.id)
        self._jobs.enqueue(session, PDF_JOB, *args, key=f"{PDF_JOB}:{invoice.id}")
        if invoice.status == InvoiceStatus.PENDING:
            self._jobs.enqueue(session, COLLECT_JOB, *args, key=f"{COLLECT_JOB}:{invoice.id}:0")
        session.flush()
        return invoice

    def tell(self, session: Session, invoice: Invoice, type_: EventType, **data: object) -> None:
        """Open pages and webhooks hear of it after the commit."""
        record(
            session,
            self._clock,
            type_,
            partner_id=invoice.partner_id,
            subject=("invoice", invoice.id),
            data={
                "number": invoice.number,
                "kind": invoice.kind,
                "client_id": invoice.client_id,
                "gross_micros": invoice.gross_micros,
                "currency": invoice.currency,
                **data,
            },
        )

    def _figures(self, draft: InvoiceDraft, buyer: Buyer) -> Figures:
        return figures_of(draft, self.terms.seller, buyer, self._clock.now().date())

    def _row(self, draft: InvoiceDraft, figures: Figures, buyer: Buyer, number: str) -> Invoice:
        now, totals = self._clock.now(), figures.totals
        status = first_status(is_credit_note=False, payable_micros=totals.payable.micros)
        is_paid = status is InvoiceStatus.PAID
        facts = dict(draft.facts)
        if draft.terms:
            facts["terms"] = draft.terms
        if draft.identity:
            facts["identity"] = snapshots.identity_json(draft.identity)
        return Invoice(
            partner_id=draft.payer.partner_id,
            client_id=draft.payer.client_id,
            number=number,
            key=draft.key,
            kind=draft.kind.value,
            issued_at=now,
            issued_on=now.date(),
            due_on=None if is_paid else (now + self.terms.due_after).date(),
            period_first=draft.period.first if draft.period else None,
            period_last=draft.period.last if draft.period else None,
            currency=draft.currency,
            net_micros=totals.net.micros,
            tax_micros=totals.tax.micros,
            gross_micros=totals.gross.micros,
            prepaid_micros=totals.prepaid.micros,
            payable_micros=totals.payable.micros,
            tax=snapshots.treatment_json(figures.tax.treatment),
            seller=snapshots.party_json(self.terms.seller),
            buyer=snapshots.party_json(figures.buyer),
            buyer_name=figures.buyer.legal_name,
            language=buyer.language,
            facts=facts,
            status=status.value,
            paid_at=now if is_paid else None,
            payment_id=draft.payment_id,
        )


def line_row(partner_id: str, drafted: DraftLine, position: int) -> InvoiceLine:
    """The row of a line; `write` puts in which invoice it is of."""
    line = drafted.numbered(position)
    return InvoiceLine(
        partner_id=partner_id,
        invoice_id="",
        position=position,
        kind=drafted.kind.value,
        description=line.description,
        detail=line.detail,
        quantity=str(line.quantity),
        unit=line.unit,
        unit_price=str(line.unit_price),
        price_base=str(line.price_base),
        net_micros=line.net.micros,
    )
