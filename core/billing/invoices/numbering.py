"""Gapless numbers: the counter's row is locked until the invoice is committed or was never there.

A rollback, a crash and a refused invoice all give the number back, because it was taken in the
invoice's own transaction. Take the ledger's accounts before the counter, never after: one order
everywhere, so that nobody deadlocks.
"""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from core.billing.invoices.entities import NumberSequence


def hold(session: Session, prefix: str, year: int) -> NumberSequence:
    """The counter of an issuer's year, locked until the transaction ends."""
    key = f"{prefix}{year}"
    opened = {"key": key, "last": 0}
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(NumberSequence).values(opened).on_conflict_do_nothing())
    else:
        session.execute(postgresql.insert(NumberSequence).values(opened).on_conflict_do_nothing())
    locked = select(NumberSequence).where(col(NumberSequence.key) == key).with_for_update()
    # What the session remembers of the row is from before the lock.
    return session.exec(locked.execution_options(populate_existing=True)).one()


def next_number(sequence: NumberSequence) -> str:
    """Such as `2026-000123`; the sequence is held."""
    sequence.last += 1
    return f"{sequence.key}-{sequence.last:06}"
