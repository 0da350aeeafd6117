"""What a partner sets about its credit: levels to be told at, and caps per client and month."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from sqlmodel import Session, col, select

from core.access import Principal
from core.billing.balance.entities import AlertLevel, ClientCap, StopReason
from core.billing.balance.overview import levels_of
from core.billing.balance.ports import Numbers
from core.billing.balance.results import CapView
from core.billing.balance.sums import Book
from core.billing.balance.watch import Watch
from core.billing.ledger import Payer
from core.clock import Clock
from core.errors import InvalidInput
from core.events import EventType, record
from core.money import Money
from core.partners.entities import Partner
from core.ports import Database, Everything

_MOST_LEVELS = 5
_MOST = Decimal(10_000_000)  # currency units; more is a slip of the finger
_EVERYBODY = Everything("caps of all partners begin anew with the month")


def amount_of(text: str, currency: str, field: str) -> Money:
    """A positive amount with at most two decimals; raises InvalidInput."""
    try:
        value = Decimal(text.strip()) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 < value <= _MOST or value != round(value, 2):
        raise InvalidInput(code="amount_invalid", field=field, value=text[:40])
    return Money.of(value, currency)


def set_levels(
    session: Session, clock: Clock, who: Principal, book: Book, levels: Sequence[str]
) -> None:
    """Exactly these levels are set."""
    wanted = {amount_of(level, book.currency, "levels").micros for level in levels}
    if len(wanted) > _MOST_LEVELS:
        raise InvalidInput(code="too_many_levels", field="levels", most=_MOST_LEVELS)
    known = {level.micros: level for level in levels_of(session, book)}
    for micros in known.keys() - wanted:
        session.delete(known[micros])
    payer = book.payer
    session.add_all(
        AlertLevel(partner_id=payer.partner_id, payer_client=payer.client_id, micros=micros)
        for micros in sorted(wanted - known.keys())
    )
    if wanted != known.keys():
        record(
            session,
            clock,
            EventType.ALERT_LEVELS_CHANGED,
            partner_id=payer.partner_id,
            subject=("client", payer.client_id)
            if payer.client_id
            else ("credit", payer.partner_id),
            actor=who.person_id,
            data={"levels_micros": sorted(wanted), "before_micros": sorted(known)},
        )


def caps(session: Session, partner: Partner, numbers: Numbers, watch: Watch) -> list[CapView]:
    """Every cap of the partner, by the client's name."""
    rows = session.exec(select(ClientCap).where(ClientCap.partner_id == partner.id)).all()
    names = numbers.clients(session, partner.id, [row.client_id for row in rows])
    views = [
        CapView(
            client_id=row.client_id,
            client=names.get(row.client_id, row.client_id),
            cap=Money(row.micros, partner.currency),
            spent=Money(watch.spent_this_month(session, row), partner.currency),
            is_reached=bool(row.reached_month),
        )
        for row in rows
    ]
    return sorted(views, key=lambda view: (view.client.casefold(), view.client_id))


def set_cap(
    session: Session,
    clock: Clock,
    who: Principal,
    watch: Watch,
    *,
    partner: Partner,
    client_id: str,
    amount: str | None,
) -> None:
    """The cap holds from now on, for what was used this month already."""
    found = select(ClientCap).where(
        ClientCap.partner_id == partner.id, ClientCap.client_id == client_id
    )
    cap = session.exec(found.with_for_update()).first()
    before = cap.micros if cap else None
    after = None if amount is None else amount_of(amount, partner.currency, "cap").micros
    if after is None:
        if cap is not None:
            session.delete(cap)
            payer = Payer(partner_id=partner.id, client_id=client_id)
            watch.stops.resume_outbound(session, payer, StopReason.CAP)
    else:
        cap = cap or ClientCap(partner_id=partner.id, client_id=client_id, micros=after)
        cap.micros = after
        session.add(cap)
        session.flush()
        watch.look_at_cap(session, cap)
    if before != after:
        record(
            session,
            clock,
            EventType.CAP_CHANGED,
            partner_id=partner.id,
            subject=("client", client_id),
            actor=who.person_id,
            data={"before_micros": before, "micros": after},
        )


def begin_month(database: Database, clock: Clock, watch: Watch) -> int:
    """Clients that were stopped at last month's cap go on; run by schedule. How many there were."""
    month = f"{clock.now():%Y-%m}"
    with database.transaction(_EVERYBODY) as session:
        old = select(ClientCap).where(col(ClientCap.reached_month).not_in(["", month]))
        caps = session.exec(old.order_by(col(ClientCap.id)).with_for_update()).all()
        for cap in caps:
            watch.look_at_cap(session, cap)
        return len(caps)
