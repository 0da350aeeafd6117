"""A number is cancelled: it works until the end of the month and can be kept until then.

`end_now` is the one place where a number ends, whoever ends it: the calendar, Support, or the end
of the partner's plan. What is left to do at Meta follows as durable work (`leaving`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts.entities import Channel
from core.accounts.leaving import have_left
from core.accounts.listing import refresh
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.events import EventType, record
from core.ports import Database, Everything, Jobs, Tenant

log = structlog.get_logger()

SWEEP = "cancellations"
_EVERY = timedelta(minutes=1)
_AT_ONCE = 500
_ALL = Everything("cancelling: what is due of every partner")
_MAY = Permission.ACCOUNTS


def end_of_month(now: datetime) -> datetime:
    """The first moment of the next calendar month, UTC; until then a cancelled number works."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


class Cancelling:
    """Cancel a number and keep it after all; registered as the scheduled job `cancellations`."""

    def __init__(self, gate: Gate, database: Database, clock: Clock, jobs: Jobs) -> None:
        self._gate = gate
        self._database = database
        self._clock = clock
        self._jobs = jobs
        jobs.schedule(SWEEP, _EVERY, self.end_due)

    def request_cancellation(self, who: Principal, channel_id: str) -> datetime:
        """The number ends with this calendar month; the moment, the same however often asked.

        Raises NotFound, Conflict (number_ended).
        """
        with self._gate.writing(who, _MAY) as session:
            channel, now = self._standing(session, channel_id), self._clock.now()
            if channel.ends_at is None:
                channel.cancelled_at, channel.ends_at = now, end_of_month(now)
                self._tell(session, channel, EventType.CANCELLATION_REQUESTED, who)
            return channel.ends_at

    def revoke_cancellation(self, who: Principal, channel_id: str) -> None:
        """The number goes on; nothing happens to one that is not cancelled.

        Raises NotFound, Conflict (number_ended) from the moment on at which it ends.
        """
        with self._gate.writing(who, _MAY) as session:
            channel = self._standing(session, channel_id)
            if channel.ends_at is None and channel.cancelled_at is None:
                return
            if channel.ends_at is not None and channel.ends_at <= self._clock.now():
                raise Conflict(code="number_ended", channel_id=channel_id)
            channel.cancelled_at = channel.ends_at = None
            self._tell(session, channel, EventType.CANCELLATION_REVOKED, who)

    def end_due(self) -> int:
        """Numbers whose time has come have ended; how many. Safe to run twice and anywhere."""
        ended = 0
        while due := self._due():
            ended += sum(self._end(*number) for number in due)
            if len(due) < _AT_ONCE:
                break
        return ended

    def _due(self) -> list[tuple[str, str]]:
        found = select(Channel.partner_id, Channel.id).where(
            col(Channel.ends_at) <= self._clock.now(), col(Channel.terminated_at).is_(None)
        )
        with self._database.reading(_ALL) as session:
            rows = session.exec(found.order_by(col(Channel.ends_at), Channel.id).limit(_AT_ONCE))
            return list(rows)

    def _end(self, partner_id: str, channel_id: str) -> bool:
        with self._database.transaction(Tenant(partner_id)) as session:
            channel = held(session, channel_id)
            # Kept after all, or ended, since it was looked for.
            if channel.ends_at is None or channel.ends_at > self._clock.now():
                return False
            return end_now(session, self._clock, self._jobs, channel_id, by="hub")

    def _standing(self, session: Session, channel_id: str) -> Channel:
        channel = held(session, channel_id)
        if channel.terminated_at is not None:
            raise Conflict(code="number_ended", channel_id=channel_id)
        return channel

    def _tell(self, session: Session, channel: Channel, type_: EventType, who: Principal) -> None:
        channel.modified_at = self._clock.now()
        refresh(session, channel, channel.modified_at)
        _record(session, self._clock, channel, type_, by=who.person_id)


def end_now(session: Session, clock: Clock, jobs: Jobs, channel_id: str, *, by: str) -> bool:
    """The number has ended, in the caller's transaction; True when it had not before.

    `by` is a person's id, "client" or "hub". Behind the commit the number is taken off Meta.
    Safe to repeat. Raises NotFound for a number outside the session's scope.
    """
    channel = held(session, channel_id)
    if channel.terminated_at is not None:
        return False
    now = clock.now()
    channel.cancelled_at = channel.cancelled_at or now
    channel.terminated_at = channel.modified_at = now
    refresh(session, channel, now)
    _record(session, clock, channel, EventType.CANCELLATION_PROCESSED, by=by)
    session.flush()
    have_left(jobs, session, channel.id, now.isoformat())
    return True


def held(session: Session, channel_id: str) -> Channel:
    """The number's row, locked and as it is now. Raises NotFound."""
    found = select(Channel).where(Channel.id == channel_id).with_for_update()
    fresh = found.execution_options(populate_existing=True)
    channel = session.exec(fresh).one_or_none()
    if channel is None:
        raise NotFound("no such number", channel_id=channel_id)
    return channel


def _record(session: Session, clock: Clock, channel: Channel, type_: EventType, *, by: str) -> None:
    data = {"phone_number": channel.phone_number}
    if channel.ends_at is not None:
        data["ends_at"] = channel.ends_at.isoformat()
    record(
        session,
        clock,
        type_,
        partner_id=channel.partner_id,
        subject=("channel", channel.id),
        actor=by,
        data=data,
    )
