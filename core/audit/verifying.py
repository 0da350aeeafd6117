"""Works the whole chain out again and tells the first place where it does not hold.

It reads in batches and changes nothing. A hub whose database was rewritten as a whole, links and
all, looks well in here: only a head that was noted elsewhere shows that (`head`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_
from sqlmodel import Session, col, select

from core.audit.chain import GENESIS, Link, event_hash, holds
from core.audit.entities import AuditLink
from core.audit.sealing import EVENT_COLUMNS, link_of, next_stretch
from core.clock import Clock
from core.events import Event
from core.origin import EventOrigin
from core.partners.entities import Membership
from core.ports import Database, Everything

BATCH = 2_000
# The sealing runs every half minute; a worker that is restarted takes a few.
UNSEALED_FOR = timedelta(minutes=10)
_LAST = 1_000
_SCOPE = Everything("audit: the chain is over all partners' events")


class Fault(StrEnum):
    """What is wrong at a place."""

    CHANGED_EVENT = "changed_event"
    DELETED_EVENT = "deleted_event"
    CHANGED_ORIGIN = "changed_origin"
    UNSEALED_EVENT = "unsealed_event"  # put in behind the hub's back, or nobody seals
    CHANGED_LINK = "changed_link"
    REMOVED_LINK = "removed_link"
    CUT_OFF = "cut_off"  # it ends before something that is always told, or is empty
    LOST_HEAD = "lost_head"  # a head that was noted elsewhere is not in the chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first place; `seq` or `event_id` is 0 where there is none."""

    fault: Fault
    seq: int = 0
    event_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found; `head` is the hash to note elsewhere, '' for an empty chain."""

    links: int
    head: str
    sealed_at: datetime | None
    waiting: int  # events that are not sealed yet
    broken: Broken | None


class Verifying:
    """`verify` is the operator's command."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def verify(self, head: str = "") -> Verdict:
        """The chain from its first link to its last; `head` is one that was noted earlier."""
        last, broken, is_known = None, None, not head
        for some in self._batches():
            broken = broken or _judge(last, some)
            last = some[-1].link
            is_known = is_known or any(each.link.hash == head for each in some)
        waiting, overdue = self._unsealed()
        with self._database.reading(_SCOPE) as session:
            broken = broken or overdue or _cut_off(session)
        if broken is None and not is_known:
            broken = Broken(fault=Fault.LOST_HEAD)
        return Verdict(
            links=last.seq if last else 0,
            head=last.hash if last else "",
            sealed_at=last.sealed_at if last else None,
            waiting=waiting,
            broken=broken,
        )

    def _batches(self) -> Iterator[list[_Place]]:
        after = 0
        while True:
            with self._database.reading(_SCOPE) as session:
                some = _read(session, after)
            if not some:
                return
            yield some
            after = some[-1].link.seq

    def _unsealed(self) -> tuple[int, Broken | None]:
        """How many wait, and the first that should not: by its own time, or by its place."""
        waiting, overdue = 0, None
        limit = self._clock.now() - UNSEALED_FOR
        with self._database.reading(_SCOPE) as session:
            is_old = or_(col(Event.at) < limit, col(Event.id) < _sealed_before(session, limit))
        for some, first in self._stretches(is_old):
            waiting += some
            overdue = first if overdue is None else overdue
        if overdue is None:
            return waiting, None
        return waiting, Broken(fault=Fault.UNSEALED_EVENT, event_id=overdue)

    def _stretches(self, is_old: ColumnElement[bool]) -> Iterator[tuple[int, int | None]]:
        """For each stretch of events: how many wait, and the first of those that are old."""
        after = None
        while True:
            with self._database.reading(_SCOPE) as session:
                stretch = next_stretch(session, after)
                if stretch is None:
                    return
                asked = select(func.count(), func.min(case((is_old, col(Event.id)))))
                found = session.exec(asked.select_from(Event).where(*stretch.unsealed())).one()
            yield found
            after = stretch.last


def _sealed_before(session: Session, limit: datetime) -> int:
    """The event that was sealed last before then; 0 for none."""
    sealed = select(AuditLink.event_id).where(AuditLink.sealed_at < limit)
    return session.exec(sealed.order_by(col(AuditLink.seq).desc()).limit(1)).first() or 0


def _cut_off(session: Session) -> Broken | None:
    """Whoever joins a partner is told of in the same transaction, so the record reaches as far."""
    joined = select(Membership.created_at).order_by(col(Membership.created_at).desc()).limit(1)
    # Ids follow commits only roughly: among the last ones another may tell of a later moment.
    last = select(Event.at).order_by(col(Event.id).desc()).limit(_LAST).subquery()
    newest, end = session.exec(joined).first(), session.exec(select(func.max(last.c.at))).one()
    if newest is None or (end is not None and end >= newest):
        return None
    return Broken(fault=Fault.CUT_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A link with its event as it is now, and where that came from."""

    link: Link
    event: Mapping[str, Any] | None
    origin: EventOrigin | None


def _judge(before: Link | None, some: Sequence[_Place]) -> Broken | None:
    for place in some:
        link = place.link
        fault = _fault(before, place)
        if fault is not None:
            seq = before.seq + 1 if before and fault is Fault.REMOVED_LINK else link.seq
            return Broken(fault=fault, seq=seq, event_id=link.event_id)
        before = link
    return None


def _fault(before: Link | None, place: _Place) -> Fault | None:
    link, event = place.link, place.event
    if link.seq != (before.seq + 1 if before else 1):
        return Fault.REMOVED_LINK
    if not holds(before.hash if before else GENESIS, link):
        return Fault.CHANGED_LINK
    if event is None:
        return Fault.DELETED_EVENT
    if event_hash(event) != link.event_hash:
        return Fault.CHANGED_EVENT
    if event["origin"] and not (place.origin and place.origin.is_true):
        return Fault.CHANGED_ORIGIN
    return None


def _read(session: Session, after: int) -> list[_Place]:
    asked = select(AuditLink).where(col(AuditLink.seq) > after).order_by(col(AuditLink.seq))
    links = [link_of(row) for row in session.exec(asked.limit(BATCH))]
    ids = [link.event_id for link in links]
    told = session.execute(select(*EVENT_COLUMNS).where(col(Event.id).in_(ids))).mappings()
    events = {row["id"]: dict(row) for row in told}
    named = {row["origin"] for row in events.values() if row["origin"]}
    origins = {
        row.id: row
        for row in session.exec(select(EventOrigin).where(col(EventOrigin.id).in_(sorted(named))))
    }
    session.expunge_all()
    return [
        _Place(
            link=link,
            event=(event := events.get(link.event_id)),
            origin=origins.get(event["origin"]) if event else None,
        )
        for link in links
    ]
