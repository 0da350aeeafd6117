"""The credit at a glance: what is there, how long it lasts, and what to do about it."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, col, select

from core.billing.balance import sums
from core.billing.balance.entities import AlertLevel, OutboundStop, StopReason
from core.billing.balance.results import CreditView, NextStep
from core.billing.balance.rules import Runway, runway
from core.billing.balance.sums import Book
from core.billing.balance.watch import Watch
from core.billing.entities import ParkedMessage
from core.billing.ledger import Ledger
from core.clock import Clock
from core.money import Money

_LOOKED_AT = timedelta(days=30)
# A payment by card takes minutes, but a weekend may pass until somebody looks; *days*.
_SOON = 5


def credit(session: Session, book: Book, clock: Clock, watch: Watch) -> CreditView:
    """Everything about one payer's credit, in a handful of reads by index."""
    held = Ledger(session, clock).credit_of(book.payer, book.currency)
    lasts = _runway(session, book, clock, held.available.micros)
    stops = watch.stops.reasons(session, book.payer)
    levels = tuple(Money(level.micros, book.currency) for level in levels_of(session, book))
    return CreditView(
        client_id=book.payer.client_id,
        available=held.available,
        pending=held.pending,
        runway=lasts,
        levels=levels,
        stops=frozenset(stops),
        steps=_steps(session, book, held.available.micros, lasts=lasts, stops=stops, levels=levels),
    )


def levels_of(session: Session, book: Book) -> list[AlertLevel]:
    """The payer's alert levels, the highest first."""
    found = select(AlertLevel).where(
        AlertLevel.partner_id == book.payer.partner_id,
        AlertLevel.payer_client == book.payer.client_id,
    )
    return list(session.exec(found.order_by(col(AlertLevel.micros).desc())))


def _runway(session: Session, book: Book, clock: Clock, available: int) -> Runway | None:
    today = clock.now().date()  # not complete, so it does not count
    start = today - _LOOKED_AT
    used = sums.used_by_day(session, book, start, today)
    return runway(available, [used[start + timedelta(days=n)] for n in range(_LOOKED_AT.days)])


def _steps(
    session: Session,
    book: Book,
    available: int,
    *,
    lasts: Runway | None,
    stops: set[StopReason],
    levels: tuple[Money, ...],
) -> tuple[NextStep, ...]:
    partner_id = book.payer.partner_id
    capped = select(OutboundStop.id).where(
        OutboundStop.partner_id == partner_id, OutboundStop.reason == StopReason.CAP.value
    )
    parked = select(ParkedMessage.id).where(ParkedMessage.partner_id == partner_id)
    is_empty = available <= 0
    wanted = {
        NextStep.TOP_UP_NOW: is_empty,
        NextStep.TOP_UP_SOON: not is_empty and lasts is not None and lasts.days < _SOON,
        NextStep.PAY_INVOICES: StopReason.DUNNING in stops,
        NextStep.LOOK_AT_CAPS: session.exec(capped.limit(1)).first() is not None,
        NextStep.LOOK_AT_PARKED: session.exec(parked.limit(1)).first() is not None,
        NextStep.SET_LEVELS: not levels,
    }
    return tuple(step for step in NextStep if wanted[step])
