"""What the ledger says of a payer's month: reads for the closing, in the caller's transaction.

A month is a calendar month in UTC by the time at which entries were booked, whatever the zone of
the message's WABA: a closing must agree with the ledger, and a message that Meta told late belongs
to the month in which it was charged.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session, case, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from core.billing.entities import AccountKind, LedgerAccount, LedgerEntry, MessageUsage
from core.billing.invoices.closing import Month
from core.billing.invoices.document import InvoiceKind, Period
from core.billing.invoices.entities import Invoice
from core.billing.invoices.ports import UsageSum
from core.billing.invoices.statuses import OPEN
from core.billing.ledger import Payer

# Which figure of the month a movement between the credit and this kind of account counts to.
_ADDED = frozenset({AccountKind.CLEARING, AccountKind.PENDING})
_REFUNDED = frozenset({AccountKind.REFUNDS})
_CORRECTED = frozenset({AccountKind.CORRECTIONS})


class Span:
    """A calendar month in UTC, such as `2026-10`: half-open."""

    def __init__(self, year: int, month: int) -> None:
        self.name = f"{year}-{month:02}"
        self.start = datetime(year, month, 1, tzinfo=UTC)
        self.end = (self.start + timedelta(days=32)).replace(day=1)

    @property
    def before(self) -> Span:
        last = self.start - timedelta(days=1)
        return Span(last.year, last.month)

    @property
    def period(self) -> Period:
        last: date = (self.end - timedelta(days=1)).date()
        return Period(first=self.start.date(), last=last)

    @property
    def last_moment(self) -> datetime:
        return self.end - timedelta(microseconds=1)


def month_facts(session: Session, payer: Payer, currency: str, span: Span) -> Month:
    """The payer's month, all of it; the month has ended."""
    account = payer.account(AccountKind.CREDIT, currency)
    moved = _moved(session, payer, account, span)
    change = sum(moved.values())
    previous = last_closing(session, payer, currency, span.start.date())
    return Month(
        currency=currency,
        # From one side the last closing (or the entries before), from the other today's balance
        # and the entries since: the month's movements have to bridge them.
        start=(
            previous.facts["identity"]["end"]
            if previous
            else _booked_before(session, account, span)
        ),
        added=_sum(moved, _ADDED),
        used=-(change - _sum(moved, _ADDED | _REFUNDED | _CORRECTED)),
        refunded=-_sum(moved, _REFUNDED),
        corrections=_sum(moved, _CORRECTED),
        end=_balance_at(session, account, span.end),
        usage=_usage(session, payer, account, span),
        outstanding=_outstanding(session, payer, currency),
    )


def payers_with_movements(session: Session, span: Span) -> list[tuple[Payer, str]]:
    """Payers whose credit moved in the month, with the currency; the scope is everything."""
    found: set[tuple[str, str]] = set()
    for column in (LedgerEntry.debit_account, LedgerEntry.credit_account):
        rows = select(column, LedgerEntry.currency).where(*_in(span)).distinct()
        found |= set(session.exec(rows))
    payers = set()
    for account, currency in found:
        partner_id, client_id, kind, _ = account.split(":")
        if kind == AccountKind.CREDIT:
            payers.add((partner_id, client_id, currency))
    return [
        (Payer(partner_id=partner_id, client_id=client_id), currency)
        for partner_id, client_id, currency in sorted(payers)
    ]


def last_closing(session: Session, payer: Payer, currency: str, before: date) -> Invoice | None:
    """The newest month closing of a month that ended before this day."""
    found = _closings(payer, currency).where(col(Invoice.period_last) < before)
    return session.exec(found.order_by(col(Invoice.period_last).desc()).limit(1)).first()


def _closings(payer: Payer, currency: str) -> SelectOfScalar[Invoice]:
    return select(Invoice).where(
        col(Invoice.partner_id) == payer.partner_id,
        col(Invoice.client_id) == payer.client_id,
        col(Invoice.currency) == currency,
        col(Invoice.kind) == InvoiceKind.CLOSING.value,
    )


def _outstanding(session: Session, payer: Payer, currency: str) -> int:
    unpaid = [status.value for status in OPEN]
    found = _closings(payer, currency).where(col(Invoice.status).in_(unpaid))
    return sum(invoice.facts["overdraft_micros"] for invoice in session.exec(found))


def _moved(session: Session, payer: Payer, account: str, span: Span) -> Counter[AccountKind]:
    """Changes of the credit by the kind of the account on the other side."""
    rows = (
        select(LedgerEntry.debit_account, LedgerEntry.credit_account, func.sum(LedgerEntry.micros))
        .where(col(LedgerEntry.partner_id) == payer.partner_id, *_in(span), _touches(account))
        .group_by(col(LedgerEntry.debit_account), col(LedgerEntry.credit_account))
    )
    moved: Counter[AccountKind] = Counter()
    for debit, credit, micros in session.exec(rows):
        is_in = credit == account
        other = AccountKind((debit if is_in else credit).split(":")[2])
        moved[other] += int(micros) if is_in else -int(micros)
    return moved


def _balance_at(session: Session, account: str, at: datetime) -> int:
    """One statement, so that no spending slips in between the balance and what came after."""
    since = _change(account, col(LedgerEntry.at) >= at).scalar_subquery()
    found = select(col(LedgerAccount.balance) - since).where(col(LedgerAccount.id) == account)
    return int(session.exec(found).first() or 0)


def _booked_before(session: Session, account: str, span: Span) -> int:
    return int(session.exec(_change(account, col(LedgerEntry.at) < span.start)).one())


def _change(account: str, when: Any) -> Any:
    """Sum of what entries did to the account."""
    signed = case(
        (col(LedgerEntry.credit_account) == account, col(LedgerEntry.micros)),
        else_=-col(LedgerEntry.micros),
    )
    owner = col(LedgerEntry.partner_id) == account.split(":", maxsplit=1)[0]
    return select(func.coalesce(func.sum(signed), 0)).where(owner, when, _touches(account))


def _usage(session: Session, payer: Payer, account: str, span: Span) -> tuple[UsageSum, ...]:
    rows = (
        select(
            MessageUsage.category,
            MessageUsage.market,
            func.count(),
            func.sum(MessageUsage.micros),
        )
        .join(LedgerEntry, col(LedgerEntry.key) == col(MessageUsage.entry_key))
        .where(
            col(LedgerEntry.partner_id) == payer.partner_id,
            col(MessageUsage.partner_id) == payer.partner_id,
            *_in(span),
            col(LedgerEntry.debit_account) == account,
        )
        .group_by(col(MessageUsage.category), col(MessageUsage.market))
        .order_by(col(MessageUsage.category), col(MessageUsage.market))
    )
    return tuple(
        UsageSum(category=category, market=market, messages=int(messages), micros=int(micros))
        for category, market, messages, micros in session.exec(rows)
    )


def _in(span: Span) -> tuple[Any, Any]:
    return col(LedgerEntry.at) >= span.start, col(LedgerEntry.at) < span.end


def _touches(account: str) -> Any:
    return or_(
        col(LedgerEntry.debit_account) == account, col(LedgerEntry.credit_account) == account
    )


def _sum(moved: Counter[AccountKind], kinds: frozenset[AccountKind]) -> int:
    return sum(micros for kind, micros in moved.items() if kind in kinds)
