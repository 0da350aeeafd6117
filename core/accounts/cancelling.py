"""A number is cancelled: it works until the end of the month and can be kept until then.

`end_now` is the one place where a number ends, whoever ends it: the calendar, Support, or the end
of the partner's plan. What is left to do at Meta follows as durable work (`leaving`).
"""

from __future__ import annotations

from sqlmodel import Session, select

from core.accounts.entities import Channel
from core.accounts.leaving import have_left
from core.accounts.listing import refresh
from core.clock import Clock
from core.errors import NotFound
from core.events import EventType, record
from core.ports import Jobs


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
    tell(session, clock, channel, EventType.CANCELLATION_PROCESSED, by)
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


def tell(session: Session, clock: Clock, channel: Channel, type_: EventType, by: str) -> None:
    """Write the event about the number."""
    record(
        session,
        clock,
        type_,
        partner_id=channel.partner_id,
        subject=("channel", channel.id),
        actor=by,
        data={"phone_number": channel.phone_number},
    )
