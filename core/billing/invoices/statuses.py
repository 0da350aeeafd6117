"""How an invoice stands, and which moves are allowed; pure.

Only the status of an issued invoice ever changes. What was wrong with it is answered by a credit
note, which makes it void, and a new invoice.
"""

from __future__ import annotations

from enum import StrEnum

from core.errors import Conflict


class InvoiceStatus(StrEnum):
    """The partner's words for it; a credit note has nothing to be paid and keeps its own."""

    PENDING = "pending"  # being charged
    UNPAID = "unpaid"  # a charge failed, or nobody tried yet
    PAID = "paid"
    VOID = "void"  # taken back by a credit note
    CREDIT_NOTE = "credit_note"


class VatState(StrEnum):
    """What is known of a VAT ID; only `valid` is good for reverse charge."""

    NONE = "none"
    UNKNOWN = "unknown"  # well-formed, but the register has not answered yet
    VALID = "valid"
    INVALID = "invalid"


ALLOWED: dict[InvoiceStatus, frozenset[InvoiceStatus]] = {
    InvoiceStatus.PENDING: frozenset(
        {InvoiceStatus.UNPAID, InvoiceStatus.PAID, InvoiceStatus.VOID}
    ),
    InvoiceStatus.UNPAID: frozenset(
        {InvoiceStatus.PENDING, InvoiceStatus.PAID, InvoiceStatus.VOID}
    ),
    # Back to unpaid: the bank took the money back (a lost dispute).
    InvoiceStatus.PAID: frozenset({InvoiceStatus.UNPAID, InvoiceStatus.VOID}),
    InvoiceStatus.VOID: frozenset(),
    InvoiceStatus.CREDIT_NOTE: frozenset(),
}

# What is still to be paid, for totals, dunning and "Pay now".
OPEN = frozenset({InvoiceStatus.PENDING, InvoiceStatus.UNPAID})


def require_move(number: str, old: InvoiceStatus, new: InvoiceStatus) -> None:
    """Raises Conflict (`invoice_status`) for a move that the table does not allow."""
    if new not in ALLOWED[old]:
        raise Conflict(code="invoice_status", number=number, status=old.value, wanted=new.value)


def first_status(*, is_credit_note: bool, payable_micros: int) -> InvoiceStatus:
    """How a fresh invoice stands: nothing left to pay is paid."""
    if is_credit_note:
        return InvoiceStatus.CREDIT_NOTE
    return InvoiceStatus.PENDING if payable_micros > 0 else InvoiceStatus.PAID
