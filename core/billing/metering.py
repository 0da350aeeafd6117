"""From Meta's statuses to money: read, rated, written as usage, posted to the ledger.

All of a batch is one transaction with the inbound queue's own mark, so a crash anywhere leaves
either nothing or everything. Money moves only for usage lines that the database says are new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlmodel import Session

from core.billing.balance.watch import Watch
from core.billing.card_store import RateCards
from core.billing.entities import AccountKind, EntryKind
from core.billing.ledger import Ledger, Movement, Payer
from core.billing.ports import DAY_KEY, MeteredNumber, UsageBook
from core.billing.prices import Prices
from core.billing.rating import (
    Classified,
    Delivered,
    Parked,
    ParkedReason,
    Rated,
    classify,
    priced,
)
from core.billing.statuses import Report, one_each, reports_in
from core.clock import Clock, FixedClock
from core.columns import new_key
from core.events import EventType, record
from core.money import Money

Json = dict[str, Any]
T = TypeVar("T")

# Rows per statement: larger ones gain nothing more (performance.md rule 9).
_BATCH = 500


Line = tuple[Report, MeteredNumber, Rated, str]  # with the counter it was counted on


@dataclass(slots=True)
class _Batch:
    """What became of the messages, by charge key; `key` names its entries in the ledger."""

    key: str
    lines: dict[str, Line] = field(default_factory=dict)
    parked: list[tuple[Report, MeteredNumber, ParkedReason]] = field(default_factory=list)


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
        found = self._book.parked(session, after, _BATCH)
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
        batch = self._rate(session, reports, numbers, self._cards.in_force(session))
        lines = self._write(session, batch)
        movements = _movements(batch.key, lines)
        # One moment for both: the sums of a day are those of the day's entries, to the micro.
        now = self._clock.now()
        self._book.add_days(session, _day_rows(lines, now.date()))
        Ledger(session, FixedClock(now)).post(movements)
        self._tell(session, movements)
        self._look(session, lines, movements)

    def _rate(
        self,
        session: Session,
        reports: Sequence[Report],
        numbers: dict[str, MeteredNumber],
        cards: Sequence[Prices],
    ) -> _Batch:
        batch = _Batch(key=new_key(12))
        found: dict[str, tuple[Report, MeteredNumber, Classified]] = {}
        for report in reports:
            number = numbers[report.phone_id]
            classified = _classified(report, number, cards)
            if isinstance(classified, Parked):
                batch.parked.append((report, number, classified.reason))
            else:
                found.setdefault(classified.charge_key, (report, number, classified))
        # Counts first: whoever holds them sees every line that was counted on them.
        counts = self._book.hold_counts(session, {c.counter for _, _, c in found.values()} - {""})
        keys = {*found, *(report.wamid for report, _, _ in batch.parked)}
        charged = self._book.charged(session, keys)
        batch.parked = [parked for parked in batch.parked if parked[0].wamid not in charged]
        for key, (report, number, classified) in found.items():
            if key not in charged:
                _price(batch, report, number, classified, counts)
        return batch

    def _write(self, session: Session, batch: _Batch) -> list[Line]:
        """The lines that were new, by slices; by charge key, so that two workers never deadlock."""
        lines: list[Line] = []
        for keys in _slices(sorted(batch.lines)):
            rows = [_usage_row(batch.key, *batch.lines[key]) for key in keys]
            new = self._book.write_usage(session, rows)
            lines += [batch.lines[key] for key in keys if key in new]
        counted = Counter(counter for _, _, _, counter in lines if counter)
        self._book.add_counts(session, counted)
        self._book.unpark(session, [report.wamid for report, _, _, _ in lines])
        now = self._clock.now()
        for some in _slices(batch.parked):
            self._book.park(session, [_parked_row(*parked, now) for parked in some])
        return lines

    def _look(self, session: Session, lines: Sequence[Line], movements: Sequence[Movement]) -> None:
        """Levels, caps and stops, while the balances are still locked."""
        if self._watch is None:
            return
        changes: dict[Payer, Money] = {}
        for movement in movements:
            known = changes.get(movement.payer, Money(0, movement.amount.currency))
            changes[movement.payer] = known - movement.amount
        self._watch.moved_all(session, changes)
        paid = [number for _, number, rated, _ in lines if rated.micros]
        self._watch.used(session, {(n.payer.partner_id, n.client_id) for n in paid})

    def _tell(self, session: Session, movements: Sequence[Movement]) -> None:
        """One event per partner, however many messages: open pages read the balance once."""
        spent: dict[str, Counter[str]] = defaultdict(Counter)
        for movement in movements:
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


def _slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _classified(
    report: Report, number: MeteredNumber, cards: Sequence[Prices]
) -> Classified | Parked:
    if not report.at:
        return Parked(ParkedReason.BAD_TIME)
    if not report.has_pricing:
        return Parked(ParkedReason.NO_PRICING)
    message = Delivered(
        wamid=report.wamid,
        at=report.time,
        recipient=report.recipient,
        category=report.category,
        type=report.type,
        pricing_model=report.pricing_model,
        conversation_id=report.conversation_id,
    )
    return classify(message, number.sender, cards)


def _price(
    batch: _Batch,
    report: Report,
    number: MeteredNumber,
    classified: Classified,
    counts: dict[str, int],
) -> None:
    position = counts.get(classified.counter, 0) + 1
    rated = priced(classified, position, number.sender.currency)
    if isinstance(rated, Parked):
        batch.parked.append((report, number, rated.reason))
        return
    batch.lines[rated.charge_key] = (report, number, rated, classified.counter)
    if classified.counter:
        counts[classified.counter] = position


def _movements(batch: str, lines: Sequence[Line]) -> list[Movement]:
    """One movement for all lines of the same payer, policy and card: they are one entry."""
    sums: dict[tuple[str, Payer, str, str, str], list[int]] = defaultdict(list)
    for _, number, rated, _ in lines:
        if rated.micros:
            key = _entry_key(batch, number, rated)
            sums[key, number.payer, rated.currency, rated.policy, rated.card].append(rated.micros)
    return [
        Movement(
            key=key,
            kind=EntryKind.USAGE,
            payer=payer,
            debit=AccountKind.CREDIT,
            credit=AccountKind.USAGE,
            amount=Money(sum(micros), currency),
            about={"policy": policy, "card": card, "messages": len(micros)},
        )
        for (key, payer, currency, policy, card), micros in sorted(
            sums.items(), key=lambda item: item[0][0]
        )
    ]


def _day_rows(lines: Sequence[Line], day: date) -> list[Json]:
    """What the batch adds to the sums of the day."""
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for _, number, rated, _ in lines:
        payer, place = number.payer, (number.channel_id, number.client_id)
        what = (rated.category.value, rated.market, rated.free.value, rated.currency)
        found = sums[payer.partner_id, payer.client_id, day.isoformat(), *place, *what]
        found[0] += 1
        found[1] += rated.micros
    return [
        dict(zip((*DAY_KEY, "messages", "micros"), (*key, *figures), strict=True))
        for key, figures in sorted(sums.items())
    ]


def _entry_key(batch: str, number: MeteredNumber, rated: Rated) -> str:
    payer = number.payer.client_id or number.payer.partner_id
    return f"usage:{batch}:{payer}:{rated.policy}:{rated.card}"


def _usage_row(
    batch: str, report: Report, number: MeteredNumber, rated: Rated, _counter: str
) -> Json:
    return {
        "partner_id": number.payer.partner_id,
        "charge_key": rated.charge_key,
        "wamid": report.wamid,
        "channel_id": number.channel_id,
        "client_id": number.client_id,
        "at": report.time,
        "month": rated.month,
        "market": rated.market,
        "category": rated.category.value,
        "free": rated.free.value,
        "policy": rated.policy,
        "card": rated.card,
        "tier": rated.tier,
        "markup": rated.markup,
        "currency": rated.currency,
        "micros": rated.micros,
        "entry_key": _entry_key(batch, number, rated) if rated.micros else "",
    }


def _parked_row(report: Report, number: MeteredNumber, reason: ParkedReason, now: datetime) -> Json:
    return {
        "partner_id": number.payer.partner_id,
        "wamid": report.wamid,
        "channel_id": number.channel_id,
        "reason": reason.value,
        "report": report.as_json(),
        "parked_at": now,
    }
