"""Invoices as payments see them (`ports.Documents`), on the verbs of `core.billing.invoices`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from sqlmodel import Session, col, select

from core.billing.invoices.changing import Changing
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import (
    DraftLine,
    InvoiceDraft,
    LineKind,
    fee_line,
    fee_on,
    top_up_lines,
)
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import locked
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.snapshots import treatment_of
from core.billing.invoices.statuses import OPEN, InvoiceStatus
from core.billing.ledger import Payer
from core.billing.payments.entities import Card, Payment, PaymentRefund, RefundKind
from core.billing.payments.parting import odd_cent
from core.billing.payments.ports import Due, Priced
from core.billing.payments.states import Purpose, RefundStatus
from core.errors import Conflict
from core.money import Money, to_minor


class InvoiceDesk:
    """One per process."""

    def __init__(self, issuing: Issuing, changing: Changing) -> None:
        self._issuing = issuing
        self._invoices = changing
        self._fee_percent = issuing.terms.fee_percent

    def price(self, session: Session, payer: Payer, net: Money) -> Priced:
        """By the very draft that becomes the invoice."""
        fee = fee_on(net, self._fee_percent)
        figures = self._issuing.preview(session, self._draft(payer, net, fee))
        return Priced(fee=fee, tax=figures.totals.tax, fixed=figures.fixed)

    def due(self, session: Session, invoice_id: str) -> Due:
        """Raises NotFound, or Conflict (`invoice_not_open`) when nothing is to be paid."""
        # Whoever takes the invoice back waits for the charge that begins here, or was first.
        invoice = locked(session, invoice_id)
        parts = self._invoices.parts(session, invoice_id)
        if invoice.status not in OPEN or parts.payable != parts.gross or not parts.gross.micros:
            raise Conflict(code="invoice_not_open", invoice_id=invoice_id, status=invoice.status)
        return Due(
            invoice_id=invoice_id,
            number=invoice.number,
            payer=parts.payer,
            net=parts.net,
            fee=parts.fee,
            tax=parts.tax,
            is_usage=parts.kind is InvoiceKind.CLOSING,
        )

    def is_usage(self, session: Session, invoice_id: str) -> bool:
        """Whether what the invoice asks for is credit that was overdrawn."""
        return self._invoices.parts(session, invoice_id).kind is InvoiceKind.CLOSING

    def ask_before_credit(self, is_under_way: Callable[[Session, str], bool]) -> None:
        """An invoice for which this is true is not taken back."""
        self._invoices.charged_by.append(is_under_way)

    def open_of(self, session: Session, payer: Payer) -> Sequence[str]:
        """Ids of the payer's invoices that are still to be paid."""
        found = select(Invoice.id).where(
            Invoice.partner_id == payer.partner_id,
            Invoice.client_id == payer.client_id,
            col(Invoice.status).in_([status.value for status in OPEN]),
        )
        return list(session.exec(found))

    def paid_gross(self, session: Session, partner_id: str) -> int:
        """Micros of all paid invoices less what their credit notes gave back."""
        rows = session.exec(
            select(Invoice.id, Invoice.status, Invoice.gross_micros, Invoice.credits_id).where(
                Invoice.partner_id == partner_id,
                col(Invoice.status).in_([InvoiceStatus.PAID, InvoiceStatus.CREDIT_NOTE]),
            )
        ).all()
        paid = {row[0]: row[2] for row in rows if row[1] == InvoiceStatus.PAID}
        back = sum(gross for _, _, gross, credited in rows if credited in paid)
        return sum(paid.values()) - back

    def top_up_charged(self, session: Session, payment: Payment) -> str:
        """A paid invoice over the top-up has been issued; its id."""
        draft = self._draft(
            payment.payer, payment.money(payment.net), payment.money(payment.fee), payment
        )
        card = session.get(Card, payment.card_id)
        terms = f"Charged to {card.brand.title()} ending in {card.last4}." if card else ""
        return self._issuing.issue(session, replace(draft, terms=terms)).id

    def invoice_charged(self, session: Session, payment: Payment) -> None:
        """The payment's invoice is paid."""
        self._invoices.mark_paid(session, payment.invoice_id, payment.id)

    def invoice_not_charged(self, session: Session, payment: Payment) -> None:
        """The payment's invoice is unpaid, and that was one more failed attempt."""
        self._invoices.payment_failed(session, payment.invoice_id, payment.decline_code)

    def no_card(self, session: Session, invoice_id: str) -> None:
        """The invoice is unpaid because there was nothing to charge."""
        self._invoices.payment_failed(session, invoice_id, "no_card")

    def tax_back(self, payment: Payment, net: Money) -> Money:
        """The tax of a part of a payment, by the rate of its invoice."""
        return to_minor(net.times(treatment_of(payment.fixed["tax"]).rate))

    def went_back(self, session: Session, payment: Payment, refund: PaymentRefund) -> str:
        """A top-up's credit note, its id; a disputed invoice is to be paid again instead."""
        if payment.purpose == Purpose.INVOICE and refund.kind == RefundKind.DISPUTE:
            self._invoices.payment_failed(session, payment.invoice_id, "disputed")
            return ""
        restored, note_id = _restored(session, payment), ""
        for key, lines, gross in self._slips(session, payment, refund):
            note = self._invoices.credit_part(
                session,
                payment.invoice_id,
                key,
                lines,
                refund.why,
                gross=gross,
                restored=restored,
            )
            note_id = note_id or note.id
        return note_id

    def came_back(self, session: Session, payment: Payment, refund: PaymentRefund) -> None:
        """What a credit note took back is invoiced anew, as paid: the money is here again."""
        invoice = session.get_one(Invoice, payment.invoice_id)
        is_closing = invoice.kind == InvoiceKind.CLOSING
        for key, lines, gross in self._slips(session, payment, refund):
            draft = InvoiceDraft(
                key=f"{key}:returned",
                # A closing stands for a month, of which there is one.
                kind=InvoiceKind.TOP_UP if is_closing else InvoiceKind(invoice.kind),
                payer=payment.payer,
                currency=payment.currency,
                lines=tuple(lines),
                prepaid=True,
                payment_id=payment.id,
                facts={"why": "A refund could not be paid out; its credit note is taken back."},
                fixed={"buyer": invoice.buyer, "tax": invoice.tax},
                gross=gross,
            )
            self._issuing.issue(session, draft)

    def tax_rate(self, session: Session, payment: Payment) -> Fraction:
        """Of the payment's invoice."""
        return treatment_of(session.get_one(Invoice, payment.invoice_id).tax).rate

    def _slips(
        self, session: Session, payment: Payment, refund: PaymentRefund
    ) -> list[tuple[str, list[DraftLine], Money]]:
        """Key, lines and gross of each note: one, or two where a cent has no tax."""
        net, fee = refund.money(refund.net), refund.money(refund.fee)
        odd = odd_cent(net + fee, refund.money(refund.tax), self.tax_rate(session, payment))
        if net.micros >= odd.micros:
            net = net - odd
        else:
            fee = fee - odd
        is_sale = payment.purpose in (Purpose.INVOICE, Purpose.PLAN)
        kind = LineKind.CORRECTION if is_sale else LineKind.CREDIT
        word = "Refund" if is_sale else "Credit"
        lines = [
            DraftLine(kind=kind, description=word, net=net),
            fee_line(fee, self._fee_percent),
        ]
        key, gross = f"refund:{refund.id}", refund.money(refund.gross)
        found = [(key, [line for line in lines if line.net.micros], gross - odd)]
        if odd.micros:
            cent = [DraftLine(kind=kind, description=word, net=odd)]
            found.append((f"{key}:cent", cent, odd))
        return [slip for slip in found if slip[2].micros]

    def _draft(
        self, payer: Payer, net: Money, fee: Money, payment: Payment | None = None
    ) -> InvoiceDraft:
        return InvoiceDraft(
            key=f"payment:{payment.id}" if payment else "preview",
            kind=InvoiceKind.TOP_UP,
            payer=payer,
            currency=net.currency,
            lines=top_up_lines(net, fee, self._fee_percent),
            prepaid=True,
            payment_id=payment.id if payment else "",
            fixed=payment.fixed if payment else None,
            gross=payment.money(payment.gross) if payment else None,
        )


def _restored(session: Session, payment: Payment) -> Money:
    """Gross of credit notes that were taken back, since their refunds came back."""
    found = select(PaymentRefund.gross).where(
        PaymentRefund.payment_id == payment.id,
        PaymentRefund.status == RefundStatus.FAILED.value,
        PaymentRefund.credit_note_id != "",
    )
    return payment.money(sum(session.exec(found)))
