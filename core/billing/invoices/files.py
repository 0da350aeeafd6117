"""The file of an invoice: made by durable work from the rows, kept by its hash, the same always."""

from __future__ import annotations

import structlog

from core.billing.invoices.documents import document_of
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import existing, lines_of, locked
from core.billing.invoices.ports import MAIL_JOB, PDF_JOB, Press
from core.billing.invoices.terms import Terms
from core.ports import Blobs, Database, Jobs, Steps, Tenant

log = structlog.get_logger()

MEDIA_TYPE = "application/pdf"
# Each holds a core while it draws (conventions.md); the pages keep the other one.
CONCURRENCY = 1


class Files:
    """Registers the durable work `invoice_pdf`."""

    def __init__(
        self, database: Database, jobs: Jobs, blobs: Blobs, press: Press, terms: Terms
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._blobs = blobs
        self._press = press
        self._terms = terms
        jobs.register(PDF_JOB, self.work, concurrency=CONCURRENCY)

    def work(self, steps: Steps, partner_id: str, invoice_id: str) -> None:
        """Drawn outside of any transaction, then noted; with it the mail is enqueued."""
        digest = steps.run("draw", self.draw, partner_id, invoice_id)
        steps.run("note", self._note, partner_id, invoice_id, digest)

    def draw(self, partner_id: str, invoice_id: str) -> str:
        """The hash of the stored file."""
        with self._database.reading(Tenant(partner_id)) as session:
            invoice = existing(session, invoice_id)
            document = document_of(invoice, lines_of(session, invoice_id), self._terms.brand)
        return self._blobs.put(self._press(document), MEDIA_TYPE)

    def _note(self, partner_id: str, invoice_id: str, digest: str) -> None:
        with self._database.transaction(Tenant(partner_id)) as session:
            invoice = locked(session, invoice_id)
            if invoice.pdf_hash and invoice.pdf_hash != digest:
                # Another release draws it differently: the first file is the invoice.
                log.warning("invoice_drawn_differently", invoice_id=invoice_id)
                return
            invoice.pdf_hash = digest
            kind = _mail_kind(invoice)
            key = f"{MAIL_JOB}:{invoice_id}:{kind}"
            self._jobs.enqueue(session, MAIL_JOB, partner_id, invoice_id, kind, 0, key=key)


def file_name(invoice: Invoice) -> str:
    """ASCII, safe in a header: numbers are made of letters, digits and dashes."""
    word = "credit-note" if invoice.credits_id else "invoice"
    return f"{word}-{invoice.number}.pdf"


def _mail_kind(invoice: Invoice) -> str:
    return "credit_note" if invoice.credits_id else "issued"
