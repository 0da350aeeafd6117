"""Closes months on the 1st: one invoice per payer whose credit moved, once, whatever happens.

Each payer is one transaction: the rounding is posted, the invoice issued. A run that was killed
is made up for by the next; a payer whose figures do not agree gets no invoice and raises an alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlmodel import Session

from core.billing.invoices.closing import Closing, ClosingMismatch, Month, close
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.drafts import InvoiceDraft
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import find
from core.billing.invoices.issuing import Issuing
from core.billing.invoices.month_facts import Span, month_facts, payers_with_movements
from core.billing.ledger import Ledger, Payer
from core.clock import Clock, FixedClock
from core.errors import Conflict
from core.money import Money
from core.ports import Database, Everything, Tenant

log = structlog.get_logger()

_ALL = Everything("month end: every payer whose credit moved")
# A hub that stood still over a month's turn makes up for so many months.
_MONTHS_BACK = 3

Moved = Callable[[Session, Payer, Money], object]
Refused = Callable[[Payer, str, Conflict], object]


class MonthEnd:
    """`moved` is told of each change of a credit, in its transaction; `refused` of each month that
    could not be closed, behind it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        issuing: Issuing,
        moved: Moved | None = None,
        refused: Refused | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._issuing = issuing
        self._moved = moved
        self._refused = refused
        # Months without anything left to close: only this process's memory.
        self._done: set[str] = set()

    def close_due(self) -> int:
        """Close what is over and not closed yet, the oldest month first; how many invoices."""
        now = self._clock.now()
        spans = [Span(now.year, now.month).before]
        while len(spans) < _MONTHS_BACK:
            spans.append(spans[-1].before)
        due = [span for span in reversed(spans) if self._is_due(span, now)]
        return sum(self._close_all(span) for span in due)

    def close_month(self, payer: Payer, currency: str, span: Span) -> Invoice | None:
        """The payer's closing; None when it exists. Raises ClosingMismatch, Conflict."""
        with self._database.transaction(Tenant(payer.partner_id)) as session:
            return self.close_in(session, payer, currency, span)

    def close_in(self, session: Session, payer: Payer, currency: str, span: Span) -> Invoice | None:
        """As `close_month`, in the caller's transaction."""
        key = f"closing:{payer.partner_id}:{payer.client_id}:{currency}:{span.name}"
        if find(session, key):
            return None
        month = month_facts(session, payer, currency, span)
        closing = close(month, self._issuing.terms.fee_percent)
        self._post_rounding(session, payer, closing, span)
        return self._issuing.issue(session, _draft(key, payer, month, closing, span))

    def _close_all(self, span: Span) -> int:
        with self._database.reading(_ALL) as session:
            payers = payers_with_movements(session, span)
        closed, refused = 0, 0
        for payer, currency in payers:
            try:
                closed += self.close_month(payer, currency, span) is not None
            except Conflict as error:
                refused += 1
                # The others' invoices must not wait for a person to look at this one.
                log.error(
                    "month_not_closed",
                    partner_id=payer.partner_id,
                    client_id=payer.client_id,
                    month=span.name,
                    error=error.code,
                    is_mismatch=isinstance(error, ClosingMismatch),
                    about=error.about,
                )
                if self._refused is not None:
                    self._refused(payer, span.name, error)
        if not refused:
            self._done.add(span.name)
        return closed

    def _is_due(self, span: Span, now: datetime) -> bool:
        is_over = now >= span.end + self._issuing.terms.closing_grace
        return is_over and span.name not in self._done

    def _post_rounding(self, session: Session, payer: Payer, closing: Closing, span: Span) -> None:
        """Booked in the month that it belongs to, so that its end is the invoice's end."""
        if not closing.rounding.micros:
            return
        ledger = Ledger(session, FixedClock(span.last_moment))
        currency = closing.rounding.currency
        key = f"rounding:{payer.partner_id}:{payer.client_id}:{currency}:{span.name}"
        is_new = ledger.correct(payer, closing.rounding, key, why=f"Rounding of {span.name}")
        if is_new and self._moved is not None:
            self._moved(session, payer, closing.rounding)


def _draft(key: str, payer: Payer, month: Month, closing: Closing, span: Span) -> InvoiceDraft:
    return InvoiceDraft(
        key=key,
        kind=InvoiceKind.CLOSING,
        payer=payer,
        currency=month.currency,
        lines=closing.lines,
        period=span.period,
        identity=closing.identity,
        facts={
            "overdraft_micros": closing.overdraft.micros,
            "fee_micros": closing.fee.micros,
            "rounding_micros": closing.rounding.micros,
            "usage": [
                [some.category, some.market, some.messages, some.micros] for some in month.usage
            ],
        },
    )
