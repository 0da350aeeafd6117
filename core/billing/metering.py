"""From Meta's statuses to money: read, rated, written as usage, posted to the ledger.

All of a batch is one transaction with the inbound queue's own mark, so a crash anywhere leaves
either nothing or everything. Money moves only for usage lines that the database says are new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from core.billing.balance.watch import Watch
from core.billing.batches import Batch
from core.billing.card_store import RateCards
from core.billing.ledger import Ledger, Movement, Payer
from core.billing.ports import MeteredNumber, UsageBook
from core.billing.rating import ParkedReason
from core.billing.statuses import Report, one_each, reports_in
from core.billing.usage_sums import Group, counted, day_rows, movements
from core.clock import Clock, FixedClock
from core.columns import new_key
from core.events import EventType, record
from core.money import Money

Json = dict[str, Any]

# Parked messages rated anew in one transaction.
_AT_ONCE = 500


class Metering:
    """Called in the inbound queue's transaction, whose scope is everything."""

    def __init__(
        self, clock: Clock, book: UsageBook, cards: RateCards, watch: Watch | None = None
    ) -> None:
        """Without `watch` nobody looks at levels and caps, and nothing is stopped."""
        self._clock = clock
        self._book = book
        self._cards = cards
        self._watch = watch

    def take(self, session: Session, bodies: Sequence[Json]) -> list[int]:
        """Charge what arrived; per body, how many of its messages are of unknown numbers.

        Those are to be told again later; the others are charged once, however often they come.
        """
        told = [list(reports_in(body)) for body in bodies]
        reports = [report for some in told for report in some]
        if not reports:
            return [0] * len(bodies)
        numbers = self._book.numbers(session, {report.phone_id for report in reports})
        known = [report for report in reports if report.phone_id in numbers]
        self._charge(session, one_each(known), numbers)
        return [sum(report.phone_id not in numbers for report in some) for some in told]

    def retry_parked(self, session: Session, after: int = 0) -> int | None:
        """Rate up to 500 parked messages anew, as after a card's import.

        Returns the `after` of the next call, None at the end.
        """
        found = self._book.parked(session, after, _AT_ONCE)
        reports = [Report(**report) for _, report in found]
        numbers = self._book.numbers(session, {report.phone_id for report in reports})
        known = [report for report in reports if report.phone_id in numbers]
        self._charge(session, one_each(known), numbers)
        return found[-1][0] if found else None

    def _charge(
        self, session: Session, reports: Sequence[Report], numbers: dict[str, MeteredNumber]
    ) -> None:
        if not reports:
            return
        batch = Batch(new_key(12), numbers, self._cards.in_force(session))
        batch.read(reports)
        # Counts first: whoever holds them sees every line that was counted on them.
        counts = self._book.hold_counts(session, batch.counters)
        batch.price(counts, self._book.charged(session, batch.keys))
        self._write(session, batch)
        posted = movements(batch.key, batch.groups)
        # One moment for both: the sums of a day are those of the day's entries, to the micro.
        now = self._clock.now()
        self._book.add_days(session, day_rows(batch.groups, now.date()))
        Ledger(session, FixedClock(now)).post(posted)
        self._tell(session, posted)
        self._look(session, batch.groups, posted)

    def _write(self, session: Session, batch: Batch) -> None:
        """Leaves in the batch what was new."""
        if batch.groups:
            batch.keep(self._book.write_usage(session, batch.lines()))
        self._book.add_counts(session, counted(batch.groups))
        self._book.unpark(session, batch.wamids)
        if batch.parked:
            now = self._clock.now()
            self._book.park(session, [_parked_row(*parked, now) for parked in batch.parked])

    def _look(self, session: Session, groups: Sequence[Group], posted: Sequence[Movement]) -> None:
        """Levels, caps and stops, while the balances are still locked."""
        if self._watch is None:
            return
        changes: dict[Payer, Money] = {}
        for movement in posted:
            known = changes.get(movement.payer, Money(0, movement.amount.currency))
            changes[movement.payer] = known - movement.amount
        self._watch.moved_all(session, changes)
        paid = [group.number for group in groups if group.rated.micros]
        self._watch.used(session, {(n.payer.partner_id, n.client_id) for n in paid})

    def _tell(self, session: Session, posted: Sequence[Movement]) -> None:
        """One event per partner, however many messages: open pages read the balance once."""
        spent: dict[str, Counter[str]] = defaultdict(Counter)
        for movement in posted:
            amount = movement.amount
            spent[movement.payer.partner_id][amount.currency] += amount.micros
        for partner_id, micros in sorted(spent.items()):
            record(
                session,
                self._clock,
                EventType.BALANCE_CHANGED,
                partner_id=partner_id,
                subject=("credit", partner_id),
                actor="meta",
                data={"spent_micros": dict(micros)},
            )


def _parked_row(report: Report, number: MeteredNumber, reason: ParkedReason, now: datetime) -> Json:
    return {
        "partner_id": number.payer.partner_id,
        "wamid": report.wamid,
        "channel_id": number.channel_id,
        "reason": reason.value,
        "report": report.as_json(),
        "parked_at": now,
    }
