"""A partner's invoices: one page by keyset, filtered, with totals; expenses by month and kind.

Newest first, by (issued_at, id). Credit notes count against what they give back.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import case, func, or_, tuple_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.entities import Invoice
from core.billing.invoices.statuses import InvoiceStatus
from core.money import Money

MAX_PAGE = 100
_LONGEST = 100  # characters of a search


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceQuery:
    """What the page asks for; empty filters let everything through.

    `client_id`: None for all, '' for the partner's own. `first` and `last` are days of issue,
    both included. `text` is looked for in numbers and buyers' names.
    """

    statuses: tuple[InvoiceStatus, ...] = ()
    kinds: tuple[InvoiceKind, ...] = ()
    client_id: str | None = None
    first: date | None = None
    last: date | None = None
    text: str = ""
    cursor: str = ""
    size: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many invoices of a status there are, and their gross."""

    status: InvoiceStatus
    number: int
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """Gross of a month's invoices of one kind, less its credit notes; `month` is `2026-11`."""

    month: str
    kind: InvoiceKind
    gross: Money


def page(session: Session, partner_id: str, query: InvoiceQuery) -> tuple[list[Invoice], str]:
    """Up to `size` invoices and the cursor of the next page, '' at the end."""
    size = max(1, min(query.size, MAX_PAGE))
    found = select(Invoice).where(*_conditions(partner_id, query))
    if (start := _decode(query.cursor)) is not None:
        found = found.where(tuple_(col(Invoice.issued_at), col(Invoice.id)) < tuple_(*start))
    order = (col(Invoice.issued_at).desc(), col(Invoice.id).desc())
    rows = list(session.exec(found.order_by(*order).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    return rows, _encode(rows[-1]) if more else ""


def totals(session: Session, partner_id: str, query: InvoiceQuery) -> list[Total]:
    """Of everything that the filters let through, by status and currency."""
    sums = (
        select(Invoice.status, Invoice.currency, func.count(), func.sum(Invoice.gross_micros))
        .where(*_conditions(partner_id, query))
        .group_by(col(Invoice.status), col(Invoice.currency))
    )
    told = {
        (status, currency): (number, int(sum_))
        for status, currency, number, sum_ in session.exec(sums)
    }
    order = list(InvoiceStatus)
    return [
        Total(status=InvoiceStatus(status), number=number, gross=Money(micros, currency))
        for (status, currency), (number, micros) in sorted(
            told.items(), key=lambda item: (order.index(InvoiceStatus(item[0][0])), item[0][1])
        )
    ]


def expenses(
    session: Session, partner_id: str, since: date, client_id: str | None = None
) -> list[Expense]:
    """From the first of a month on; a credit note counts to the kind of its invoice."""
    payer = InvoiceQuery(client_id=client_id, first=since)
    signed = case(
        (col(Invoice.kind) == InvoiceKind.CREDIT_NOTE.value, -col(Invoice.gross_micros)),
        else_=col(Invoice.gross_micros),
    )
    rows = (
        sa_select(
            col(Invoice.issued_on),
            col(Invoice.kind),
            col(Invoice.credits_id),
            col(Invoice.currency),
            func.sum(signed),
        )
        .where(*_conditions(partner_id, payer))
        .group_by(
            col(Invoice.issued_on),
            col(Invoice.kind),
            col(Invoice.credits_id),
            col(Invoice.currency),
        )
    )
    found = session.execute(rows).all()
    ids = sorted({credits_id for _, _, credits_id, _, _ in found if credits_id})
    credited = select(Invoice.id, Invoice.kind).where(col(Invoice.id).in_(ids))
    kinds = dict(session.exec(credited).all()) if ids else {}
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for day, kind, credits_id, currency, micros in found:
        sums[f"{day:%Y-%m}", kinds.get(credits_id or "", kind), currency] += int(micros)
    return [
        Expense(month=month, kind=InvoiceKind(kind), gross=Money(micros, currency))
        for (month, kind, currency), micros in sorted(sums.items())
    ]


def _conditions(partner_id: str, query: InvoiceQuery) -> list[Any]:
    conditions: list[Any] = [col(Invoice.partner_id) == partner_id]
    if query.statuses:
        conditions.append(col(Invoice.status).in_([status.value for status in query.statuses]))
    if query.kinds:
        conditions.append(col(Invoice.kind).in_([kind.value for kind in query.kinds]))
    if query.client_id is not None:
        conditions.append(col(Invoice.client_id) == _storable(query.client_id))
    if query.first:
        conditions.append(col(Invoice.issued_on) >= query.first)
    if query.last:
        conditions.append(col(Invoice.issued_on) <= query.last)
    if text := _storable(query.text).strip()[:_LONGEST]:
        places = (col(Invoice.number), func.lower(col(Invoice.buyer_name)))
        conditions.append(or_(*(place.contains(text.lower(), autoescape=True) for place in places)))
    return conditions


def _storable(text: str) -> str:
    """Without what PostgreSQL refuses in a text."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _encode(invoice: Invoice) -> str:
    raw = f"{invoice.issued_at.isoformat()} {invoice.id}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, str] | None:
    """None for what is no cursor; a forged one only moves inside the partner's own rows."""
    try:
        raw = base64.urlsafe_b64decode(cursor[:200] + "=" * (-len(cursor[:200]) % 4)).decode()
        at, _, invoice_id = raw.partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), _storable(invoice_id)
    except (binascii.Error, ValueError, OverflowError):
        return None
