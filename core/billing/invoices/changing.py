"""What may happen to an issued invoice: it is paid, not paid, charged again, or taken back.

In the caller's transaction, the row locked. The figures never change: a mistake is answered by a
credit note, of which an invoice has at most one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.billing.invoices.credit_notes import part_rows, write_note
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import DraftLine
from core.billing.invoices.dunning import next_attempt
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import credits_of, existing, find, lines_of, locked, payer_of
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.ports import COLLECT_JOB, MAIL_JOB, OutboundSwitch
from core.billing.invoices.statuses import OPEN, InvoiceStatus, require_move
from core.billing.ledger import Payer
from core.clock import Clock
from core.errors import Conflict
from core.events import EventType
from core.money import Money
from core.partners.entities import Partner
from core.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a payment of the invoice is made of; `net` is without the fee."""

    kind: InvoiceKind
    payer: Payer
    net: Money
    fee: Money
    tax: Money
    gross: Money
    payable: Money


class Changing:
    """What payments and staff do to invoices."""

    def __init__(
        self, clock: Clock, jobs: Jobs, issuing: Issuing, outbound: OutboundSwitch
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._issuing = issuing
        self._outbound = outbound
        # Payments tell here whether a charge of the invoice is under way.
        self.charged_by: list[Callable[[Session, str], bool]] = []

    def mark_paid(self, session: Session, invoice_id: str, payment_id: str) -> bool:
        """False: it was paid by this payment already. Raises NotFound, Conflict."""
        invoice = locked(session, invoice_id)
        if invoice.status == InvoiceStatus.PAID and invoice.payment_id == payment_id:
            return False
        self._move(invoice, InvoiceStatus.PAID)
        invoice.paid_at = self._clock.now()
        invoice.payment_id = payment_id
        self._issuing.tell(session, invoice, EventType.INVOICE_PAID)
        session.flush()
        self._bring_back(session, invoice)
        return True

    def payment_failed(self, session: Session, invoice_id: str, why: str) -> None:
        """Unpaid; charged again by schedule and mailed about. After the last charge outbound stops.

        `why` is the provider's word, such as insufficient_funds. An invoice that was taken back
        meanwhile stays void. Raises NotFound, Conflict.
        """
        invoice = locked(session, invoice_id)
        if invoice.status == InvoiceStatus.VOID:
            return
        if invoice.status != InvoiceStatus.UNPAID:
            self._move(invoice, InvoiceStatus.UNPAID)
        now = self._clock.now()
        invoice.attempts += 1
        invoice.paid_at, invoice.payment_id = None, ""
        invoice.next_attempt_at = next_attempt(invoice.issued_at, self._issuing.terms.dunning, now)
        self._issuing.tell(session, invoice, EventType.INVOICE_PAYMENT_FAILED, why=why)
        is_last = invoice.next_attempt_at is None
        if is_last and not invoice.stopped_outbound:
            invoice.stopped_outbound = True
            self._outbound.stop(session, payer_of(invoice))
        if invoice.kind == InvoiceKind.PLAN:
            _set_plan_unpaid(session, invoice.partner_id, is_unpaid=True)
        kind = "stopped" if is_last else "payment_failed"
        key = f"{MAIL_JOB}:{invoice.id}:{kind}:{invoice.attempts}"
        self._jobs.enqueue(session, MAIL_JOB, invoice.partner_id, invoice.id, kind, 0, key=key)
        session.flush()

    def charge_again(self, session: Session, invoice_id: str) -> bool:
        """The charge that is due now is enqueued; False when none is."""
        invoice, now = locked(session, invoice_id), self._clock.now()
        due = invoice.next_attempt_at
        if invoice.status != InvoiceStatus.UNPAID or due is None or due > now:
            return False
        invoice.status, invoice.next_attempt_at = InvoiceStatus.PENDING.value, None
        key = f"{COLLECT_JOB}:{invoice.id}:{invoice.attempts}"
        self._jobs.enqueue(session, COLLECT_JOB, invoice.partner_id, invoice.id, key=key)
        session.flush()
        return True

    def credit(self, session: Session, invoice_id: str, key: str, why: str) -> Invoice:
        """A credit note over the whole invoice, which is void from now on.

        Money that was paid goes back by a refund, not by this. The same key is the same note.
        Raises NotFound, Conflict (`invoice_status` for one that is void, `credited_in_part`,
        `invoice_payment_under_way`: a charge that succeeds later would pay for nothing).
        """
        credited = locked(session, invoice_id)
        if known := find(session, key):
            return known
        if any(is_under_way(session, invoice_id) for is_under_way in self.charged_by):
            raise Conflict(code="invoice_payment_under_way", number=credited.number)
        self._move(credited, InvoiceStatus.VOID)
        if credits_of(session, credited.id):
            raise Conflict(code="credited_in_part", number=credited.number)
        rows = lines_of(session, credited.id)
        note = write_note(self._issuing, session, credited, rows, key=key, why=why)
        self._bring_back(session, credited)
        return note

    def credit_part(
        self,
        session: Session,
        invoice_id: str,
        key: str,
        lines: Sequence[DraftLine],
        why: str,
        *,
        gross: Money | None = None,
        restored: Money | None = None,
    ) -> Invoice:
        """A credit note over `lines` and their tax; the invoice stays as it is.

        `restored`: gross of earlier notes that newer invoices have taken back.

        Raises NotFound, Conflict: `credited_too_much` when all its notes come to more than the
        invoice, `amount_changed` when the note does not come to `gross`.
        """
        credited = locked(session, invoice_id)
        if known := find(session, key):
            return known
        rows = part_rows(credited, lines)
        note = write_note(self._issuing, session, credited, rows, key=key, why=why)
        if gross is not None and note.gross_micros != gross.micros:
            raise Conflict(code="amount_changed", was=gross.micros, now=note.gross_micros)
        given = sum(some.gross_micros for some in credits_of(session, credited.id))
        if given > credited.gross_micros + (restored.micros if restored else 0):
            raise Conflict(code="credited_too_much", number=credited.number)
        return note

    def parts(self, session: Session, invoice_id: str) -> Parts:
        """Raises NotFound."""
        invoice = existing(session, invoice_id)
        fee = sum(x.net_micros for x in lines_of(session, invoice.id) if x.kind == "fee")
        return Parts(
            kind=InvoiceKind(invoice.kind),
            payer=payer_of(invoice),
            net=Money(invoice.net_micros - fee, invoice.currency),
            fee=Money(fee, invoice.currency),
            tax=Money(invoice.tax_micros, invoice.currency),
            gross=Money(invoice.gross_micros, invoice.currency),
            payable=Money(invoice.payable_micros, invoice.currency),
        )

    def _move(self, invoice: Invoice, to: InvoiceStatus) -> None:
        require_move(invoice.number, InvoiceStatus(invoice.status), to)
        invoice.status = to.value
        invoice.next_attempt_at = None

    def _bring_back(self, session: Session, invoice: Invoice) -> None:
        """What this invoice's dunning had stopped goes on, unless another invoice stops it too."""
        if invoice.kind == InvoiceKind.PLAN and not _others(session, invoice, kind=invoice.kind):
            _set_plan_unpaid(session, invoice.partner_id, is_unpaid=False)
        if invoice.stopped_outbound:
            invoice.stopped_outbound = False
            session.flush()
            if not _others(session, invoice, stopped_outbound=True, client_id=invoice.client_id):
                self._outbound.resume(session, payer_of(invoice))


def _others(session: Session, invoice: Invoice, **values: object) -> bool:
    """Whether another invoice of the partner has these values and is still to be paid."""
    found = select(Invoice.id).where(
        col(Invoice.partner_id) == invoice.partner_id,
        col(Invoice.id) != invoice.id,
        col(Invoice.status).in_([status.value for status in OPEN]),
        *(getattr(Invoice, name) == value for name, value in values.items()),
    )
    return session.exec(found.limit(1)).first() is not None


def _set_plan_unpaid(session: Session, partner_id: str, *, is_unpaid: bool) -> None:
    partner = session.get(Partner, partner_id)
    if partner is None:
        raise Conflict(code="no_partner", partner_id=partner_id)
    partner.plan_unpaid = is_unpaid
