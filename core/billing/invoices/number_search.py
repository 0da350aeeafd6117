"""Finds invoices by their number, or what a person remembers of it, at a bounded cost."""

from __future__ import annotations

import re

from sqlalchemy import or_
from sqlmodel import Session, col, select

from core.billing.invoices.entities import Invoice

_NEWEST = 500  # of which a part of the number is enough; older ones are found by all of it
_YEARS = 10  # as long as invoices are kept
_DIGITS = 6
_FORM = re.compile(r"[A-Za-z0-9-]{3,32}")  # nothing else is in a number or an id


def numbered(
    session: Session, partner_id: str, text: str, limit: int, *, prefix: str, year: int
) -> list[Invoice]:
    """At most `limit`, the newest first; the digits behind the year are enough, and an id is."""
    asked = text.strip()
    if not _FORM.fullmatch(asked):
        return []
    own = select(Invoice).where(Invoice.partner_id == partner_id)
    order = (col(Invoice.issued_at).desc(), col(Invoice.id).desc())
    exactly = or_(
        col(Invoice.number).in_(numbers_meant(asked, prefix=prefix, year=year)),
        col(Invoice.id) == asked,
    )
    found = list(session.exec(own.where(exactly).order_by(*order).limit(limit)))
    newest = select(Invoice.id).where(Invoice.partner_id == partner_id)
    some = newest.order_by(*order).limit(_NEWEST).subquery()
    partly = own.where(
        col(Invoice.id).in_(select(some.c.id)),
        col(Invoice.number).contains(asked.upper()),
    )
    rows = {row.id: row for row in (*found, *session.exec(partly.order_by(*order).limit(limit)))}
    return list(rows.values())[:limit]


def numbers_meant(text: str, *, prefix: str, year: int) -> list[str]:
    """Whole numbers that a text may stand for: itself, or its digits in each of the last years."""
    if not (text.isdigit() and len(text) <= _DIGITS):
        return [text.upper()]
    return [f"{prefix}{each}-{int(text):0{_DIGITS}}" for each in range(year, year - _YEARS, -1)]
