"""Mails about invoices, as durable work: issued (with the file), not paid, last try, credit note.

Sent to the billing address that the details name, in the payer's language.
"""

from __future__ import annotations

import structlog
from sqlmodel import Session

from core.billing.invoices.details import buyer_of
from core.billing.invoices.entities import Invoice
from core.billing.invoices.files import MEDIA_TYPE, file_name
from core.billing.invoices.finding import existing, payer_of
from core.billing.invoices.mail_texts import day_of, money_of, text_of
from core.billing.invoices.ports import MAIL_JOB, PayerBook
from core.billing.invoices.statuses import InvoiceStatus
from core.billing.invoices.terms import Terms
from core.billing.pay_links.links import PayLinks
from core.errors import GatewayError, InvalidInput, NotFound, Unavailable
from core.ports import Attachment, Blobs, Database, Jobs, Mail, Mailer, Steps, Tenant

log = structlog.get_logger()

# *Seconds*; money mails are worth waiting a day for a mail server.
_WAITS = (30, 300, 1800, 7200, 28800, 43200)
_WITH_FILE = frozenset({"issued", "credit_note"})


class Mailing:
    """Registers the durable work `invoice_mail`."""

    def __init__(
        self,
        *,
        database: Database,
        jobs: Jobs,
        blobs: Blobs,
        mailer: Mailer,
        book: PayerBook,
        terms: Terms,
        links: PayLinks,
        page_url: str,
    ) -> None:
        """`page_url`: where a partner sees its invoices; `links`: where a client does."""
        self._database = database
        self._jobs = jobs
        self._blobs = blobs
        self._mailer = mailer
        self._book = book
        self._terms = terms
        self._links = links
        self._page_url = page_url
        jobs.register(MAIL_JOB, self.work)

    def work(self, steps: Steps, partner_id: str, invoice_id: str, kind: str, tries: int) -> None:
        """Hand the mail over; later again while the mail server does not take it."""
        steps.run("send", self._send_or_later, partner_id, invoice_id, kind, tries)

    def _send_or_later(self, partner_id: str, invoice_id: str, kind: str, tries: int) -> bool:
        try:
            self.send(partner_id, invoice_id, kind)
        except Unavailable:
            if tries >= len(_WAITS):
                log.error("invoice_mail_given_up", invoice_id=invoice_id, kind=kind)
                return False
            key = f"{MAIL_JOB}:{invoice_id}:{kind}:again:{tries + 1}"
            args = (partner_id, invoice_id, kind, tries + 1)
            with self._database.transaction(Tenant(partner_id)) as session:
                self._jobs.enqueue(session, MAIL_JOB, *args, key=key, delay=_WAITS[tries])
            return False
        except (GatewayError, InvalidInput) as error:
            # The address is wrong: the invoice stays on the page, where a person sees it.
            log.warning("invoice_mail_refused", invoice_id=invoice_id, error=error.code)
        return True

    def send(self, partner_id: str, invoice_id: str, kind: str) -> None:
        """The same mail has the same Message-ID. Raises Unavailable, GatewayError, InvalidInput."""
        with self._database.reading(Tenant(partner_id)) as session:
            invoice = existing(session, invoice_id)
            to = self._address(session, invoice)
        if _is_stale(invoice, kind):
            return
        if not to:
            log.warning("invoice_without_address", invoice_id=invoice_id)
            return
        text, key = (
            text_of(kind, invoice.language),
            f"invoice-{invoice.id}-{kind}-{invoice.attempts}",
        )
        self._mailer.send(
            Mail(
                to=to,
                subject=text.subject.format(**self._values(invoice)),
                text=text.body.format(**self._values(invoice)),
                sender_name=self._terms.brand.name,
                button_label=text.button,
                button_url=self._url(invoice, key),
                language=invoice.language,
                key=key,
                attachments=self._attachments(invoice, kind),
            )
        )

    def _url(self, invoice: Invoice, key: str) -> str:
        """A client has no dashboard: it is led to its own page."""
        if not invoice.client_id:
            return self._page_url
        with self._database.transaction(Tenant(invoice.partner_id)) as session:
            return self._links.url(session, payer_of(invoice), key)

    def _address(self, session: Session, invoice: Invoice) -> str:
        """Of the details as they are now: a mail bounces at the address that was corrected."""
        payer, country = payer_of(invoice), self._terms.seller.country
        return buyer_of(session, self._book, payer, country).email

    def _values(self, invoice: Invoice) -> dict[str, str]:
        language = invoice.language
        again = invoice.next_attempt_at
        return {
            "number": invoice.number,
            "brand": self._terms.brand.name,
            "gross": money_of(invoice.gross_micros, invoice.currency, language),
            "day": day_of(again.date(), language) if again else "",
        }

    def _attachments(self, invoice: Invoice, kind: str) -> tuple[Attachment, ...]:
        if kind not in _WITH_FILE or not invoice.pdf_hash:
            return ()
        try:
            content, _ = self._blobs.get(invoice.pdf_hash)
        except NotFound as error:
            raise Unavailable("the invoice's file is not there yet") from error
        file = Attachment(name=file_name(invoice), media_type=MEDIA_TYPE, content=content)
        return (file,)


def _is_stale(invoice: Invoice, kind: str) -> bool:
    """A reminder that waited for the mail server until it was not true any more."""
    is_unpaid = invoice.status == InvoiceStatus.UNPAID
    if kind == "payment_failed":
        return not is_unpaid or invoice.next_attempt_at is None
    return kind == "stopped" and not is_unpaid
