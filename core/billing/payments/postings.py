"""Which ledger movements a payment, a refund and a lost dispute make; pure.

Everything the provider has charged leaves the clearing account, everything that goes back returns
to it: minus its balance is what the provider holds for the hub, and the paid invoices' gross.
"""

from __future__ import annotations

from core.billing.entities import AccountKind, EntryKind
from core.billing.ledger import Movement
from core.billing.payments.entities import Payment, PaymentRefund
from core.billing.payments.states import Purpose


def of_payment(payment: Payment, *, is_usage: bool = False) -> list[Movement]:
    """Beside the top-up itself, which the ledger settles: fee and VAT; of a sale, all three."""
    found = []
    if payment.purpose in (Purpose.INVOICE, Purpose.PLAN):
        to = AccountKind.CREDIT if is_usage else AccountKind.SALES
        found.append(_movement(payment, "net", EntryKind.PAYMENT, payment.net, _IN, to))
    found.append(_movement(payment, "fee", EntryKind.FEE, payment.fee, _IN, AccountKind.FEES))
    found.append(_movement(payment, "tax", EntryKind.VAT, payment.tax, _IN, AccountKind.VAT))
    return [movement for movement in found if movement.amount.micros]


def of_refund(refund: PaymentRefund, waits: AccountKind = AccountKind.REFUNDS) -> list[Movement]:
    """The net of a credit has left it already and `waits` on the refunds' account."""
    paid, vat = EntryKind.REFUND_PAID, AccountKind.VAT
    found = [
        _movement(refund, "net", paid, refund.net, waits, _IN),
        _movement(refund, "fee", paid, refund.fee, AccountKind.FEES, _IN),
        _movement(refund, "tax", paid, refund.tax, vat, _IN),
    ]
    return [movement for movement in found if movement.amount.micros]


def of_foreign_refund(refund: PaymentRefund, holds: AccountKind) -> list[Movement]:
    """What the credit loses by a refund that nobody asked the hub for; nothing of a sale's."""
    if holds is not AccountKind.CREDIT or not refund.net:
        return []
    out = AccountKind.REFUNDS
    return [_movement(refund, "left", EntryKind.REFUND, refund.net, holds, out)]


def of_returned_refund(refund: PaymentRefund, holds: AccountKind) -> list[Movement]:
    """It had been paid out, and came back to the provider: everything is where it was before."""
    kind, waits = EntryKind.REFUND_RETURNED, _waits(holds)
    found = [
        _movement(refund, "net_back", kind, refund.net, _IN, waits),
        _movement(refund, "fee_back", kind, refund.fee, _IN, AccountKind.FEES),
        _movement(refund, "tax_back", kind, refund.tax, _IN, AccountKind.VAT),
    ]
    if waits is AccountKind.REFUNDS:
        found += of_failed_refund(refund)
    return [movement for movement in found if movement.amount.micros]


def of_failed_refund(refund: PaymentRefund) -> list[Movement]:
    """What waited on the refunds' account is credit again."""
    kind, to = EntryKind.REFUND_RETURNED, AccountKind.CREDIT
    return [_movement(refund, "back", kind, refund.net, AccountKind.REFUNDS, to)]


def of_lost_dispute(refund: PaymentRefund, holds: AccountKind) -> list[Movement]:
    """The bank took the rest of a payment from whichever accounts it went to.

    `holds`: where the net went. The credit may fall below zero: it was spent on messages, maybe.
    """
    kind = EntryKind.DISPUTE
    found = [
        _movement(refund, "net", kind, refund.net, holds, _IN),
        _movement(refund, "fee", kind, refund.fee, AccountKind.FEES, _IN),
        _movement(refund, "tax", kind, refund.tax, AccountKind.VAT, _IN),
    ]
    return [movement for movement in found if movement.amount.micros]


_IN = AccountKind.CLEARING


def _waits(holds: AccountKind) -> AccountKind:
    return AccountKind.REFUNDS if holds is AccountKind.CREDIT else holds


def _movement(  # noqa: PLR0917  a table's columns
    row: Payment | PaymentRefund,
    part: str,
    kind: EntryKind,
    micros: int,
    debit: AccountKind,
    credit: AccountKind,
) -> Movement:
    word = "payment" if isinstance(row, Payment) else "refund"
    return Movement(
        key=f"{word}:{row.id}:{part}",
        kind=kind,
        payer=row.payer,
        debit=debit,
        credit=credit,
        amount=row.money(micros),
        about={word: row.id},
    )
