"""Looks at every change of a balance in its own transaction: levels, exhaustion, caps, stops.

Whoever posts to the ledger calls `moved` behind it: the account's row is locked by then, so what
was before is exact, and nobody else can tell the same crossing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, func, select

from core.billing.balance.entities import (
    AlertLevel,
    ClientCap,
    OutboundStop,
    StopReason,
    UsageDay,
)
from core.billing.balance.ports import Numbers
from core.billing.balance.rules import Turn, crossed, is_cap_reached, outbound_turn
from core.billing.balance.stops import Stops, is_prepaid
from core.billing.entities import AccountKind, LedgerAccount
from core.billing.ledger import Payer
from core.clock import Clock
from core.columns import new_key
from core.events import EventType, record
from core.money import Money
from core.partners.entities import Partner
from core.ports import Jobs

# Registered by `balance.mails`; arguments: the partner, and what the mail is about.
MAIL_JOB = "balance_mail"


class Watch:
    """In the caller's transaction, whose scope covers the payers."""

    def __init__(self, clock: Clock, numbers: Numbers, jobs: Jobs | None = None) -> None:
        """Without `jobs` nobody is mailed; events are recorded all the same."""
        self._clock = clock
        self._jobs = jobs
        self.stops = Stops(clock, numbers)
        # Told of every change after it was looked at here (auto-renewal).
        self.followers: list[Callable[[Session, Collection[Payer]], None]] = []

    def moved(self, session: Session, payer: Payer, change: Money) -> None:
        """The payer's credit has just been changed by `change`, in this transaction."""
        self.moved_all(session, {payer: change})

    def moved_all(self, session: Session, changes: Mapping[Payer, Money]) -> None:
        """Several payers at once: three small reads, whatever their number."""
        if not changes:
            return
        balances = _balances(session, changes)
        levels = _levels(session, changes)
        stopped = _stopped(session, changes)
        for payer in sorted(changes, key=lambda payer: (payer.partner_id, payer.client_id)):
            after = Money(balances.get(payer, 0), changes[payer].currency)
            before = after - changes[payer]
            for level in crossed(levels.get(payer, ()), before.micros, after.micros):
                self._tell_low(session, payer, Money(level, after.currency), after)
            turn = outbound_turn(after.micros, is_stopped=payer in stopped)
            if turn is not Turn.NONE:
                self._turn(session, payer, turn, after)
        for follower in self.followers:
            follower(session, changes)

    def used(self, session: Session, clients: Iterable[tuple[str, str]]) -> None:
        """These (partner, client) have just used credit; stops those at their month's cap."""
        keys = sorted(set(clients))
        if not keys:
            return
        caps = select(ClientCap).where(
            col(ClientCap.partner_id).in_({partner for partner, _ in keys}),
            col(ClientCap.client_id).in_({client for _, client in keys}),
        )
        for cap in session.exec(caps):
            self.look_at_cap(session, cap)

    def look_at_cap(self, session: Session, cap: ClientCap) -> None:
        """Stops the client at its cap, once a month, or lets it go on below a higher one."""
        month = f"{self._clock.now():%Y-%m}"
        is_known = cap.reached_month == month
        is_reached = is_cap_reached(cap.micros, self.spent_this_month(session, cap))
        payer = Payer(partner_id=cap.partner_id, client_id=cap.client_id)
        if is_reached and not is_known:
            cap.reached_month = month
            currency = session.get_one(Partner, cap.partner_id).currency
            self._tell(session, EventType.CAP_REACHED, payer, Money(cap.micros, currency), {})
            self.stops.stop_outbound(session, payer, StopReason.CAP)
        elif not is_reached and cap.reached_month:
            cap.reached_month = ""
            self.stops.resume_outbound(session, payer, StopReason.CAP)

    def spent_this_month(self, session: Session, cap: ClientCap) -> int:
        """Micros that the client has used up since the first of the month (UTC)."""
        first = self._clock.now().date().replace(day=1)
        found = select(func.sum(UsageDay.micros)).where(
            UsageDay.partner_id == cap.partner_id,
            UsageDay.client_id == cap.client_id,
            col(UsageDay.day) >= first,
        )
        return int(session.exec(found).one() or 0)

    def _turn(self, session: Session, payer: Payer, turn: Turn, after: Money) -> None:
        partner = session.get_one(Partner, payer.partner_id)
        if not is_prepaid(partner, payer):
            return
        if turn is Turn.RESUME:
            self.stops.resume_outbound(session, payer, StopReason.BALANCE)
            return
        self._tell(session, EventType.BALANCE_EXHAUSTED, payer, after, {})
        self.stops.stop_outbound(session, payer, StopReason.BALANCE)

    def _tell_low(self, session: Session, payer: Payer, level: Money, after: Money) -> None:
        about = {"level_micros": level.micros}
        self._tell(session, EventType.BALANCE_LOW, payer, after, about)

    def _tell(
        self, session: Session, type_: EventType, payer: Payer, amount: Money, about: dict[str, int]
    ) -> None:
        subject = ("client", payer.client_id) if payer.client_id else ("credit", payer.partner_id)
        told: dict[str, Any] = {"micros": amount.micros, "currency": amount.currency} | about
        record(
            session,
            self._clock,
            type_,
            partner_id=payer.partner_id,
            subject=subject,
            data=told | {"client_id": payer.client_id},
        )
        if self._jobs is not None:
            key = new_key()
            told |= {"client_id": payer.client_id, "kind": type_.value, "key": key}
            self._jobs.enqueue(session, MAIL_JOB, payer.partner_id, told, key=f"{MAIL_JOB}:{key}")


def _balances(session: Session, changes: Mapping[Payer, Money]) -> dict[Payer, int]:
    ids = {p.account(AccountKind.CREDIT, c.currency): p for p, c in changes.items()}
    # Columns, not the entity: a session remembers entities, and balances move under it.
    found = select(LedgerAccount.id, LedgerAccount.balance).where(col(LedgerAccount.id).in_(ids))
    return {ids[account]: balance for account, balance in session.exec(found)}


def _levels(session: Session, payers: Collection[Payer]) -> dict[Payer, list[int]]:
    found = select(AlertLevel.partner_id, AlertLevel.payer_client, AlertLevel.micros)
    found = found.where(col(AlertLevel.partner_id).in_({p.partner_id for p in payers}))
    levels: dict[Payer, list[int]] = {}
    for partner_id, client_id, micros in session.exec(found):
        payer = Payer(partner_id=partner_id, client_id=client_id)
        levels.setdefault(payer, []).append(micros)
    return levels


def _stopped(session: Session, payers: Collection[Payer]) -> set[Payer]:
    found = select(OutboundStop.partner_id, OutboundStop.client_id).where(
        col(OutboundStop.partner_id).in_({p.partner_id for p in payers}),
        OutboundStop.reason == StopReason.BALANCE.value,
    )
    return {Payer(partner_id=partner, client_id=client) for partner, client in session.exec(found)}
