"""A process for the tests: `python -m tests.services.invoices_program URL PARTNER`.

Issues an invoice, says its number and never commits: it waits to be killed.
"""

from __future__ import annotations

import sys

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine, InvoiceDraft, LineKind
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.ports import PDF_JOB
from core.billing.invoices.terms import terms_of
from core.billing.ledger import Payer
from core.clock import SystemClock
from core.money import Money
from core.ports import Everything
from core.settings import Settings
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.payers import SqlPayers


def main() -> None:
    url, partner_id = sys.argv[1:]
    database, jobs = SqlDatabase(url, LocalFeed(), threads=2), InlineJobs()
    jobs.register(PDF_JOB, lambda *_: None)
    clock = SystemClock()
    terms = terms_of(Settings(_env_file=None))
    line = DraftLine(kind=LineKind.CREDIT, description="Credit", net=Money.of(1, "EUR"))
    draft = InvoiceDraft(
        key="killed",
        kind=InvoiceKind.TOP_UP,
        payer=Payer(partner_id=partner_id),
        currency="EUR",
        lines=(line,),
        prepaid=True,
    )
    with database.transaction(Everything("test")) as session:
        invoice = Issuing(clock, jobs, SqlPayers(), terms).issue(session, draft)
        sys.stdout.write(f"number {invoice.number}\n")  # the log is there, too
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
