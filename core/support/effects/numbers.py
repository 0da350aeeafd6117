"""Delete a number now, instead of at the end of the month."""

from __future__ import annotations

from pydantic import Field
from sqlmodel import Session, select

from core.accounts.cancelling import end_now
from core.accounts.entities import Channel
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.ports import Jobs
from core.support.effects.effect import Asked, Facts, Plan, Typed, read
from core.support.views import Change, Obstacle


class _Form(Typed):
    channel_id: str = Field(min_length=1, max_length=10, pattern=r"^[A-Za-z0-9]+$")


class DeleteNumber:
    """`core.support.effects.effect.Effect`."""

    def __init__(self, clock: Clock, jobs: Jobs) -> None:
        self._clock = clock
        self._jobs = jobs

    def asked(self, session: Session, partner_id: str, facts: Facts) -> Asked:
        """Raises NotFound, Conflict (`number_ended`)."""
        channel = _existing(session, read(_Form, facts)["channel_id"])
        if channel.terminated_at is not None:
            raise Conflict(code="number_ended", channel_id=channel.id)
        number = channel.phone_number
        told = {"phone_number": number, "name": channel.name, "client": channel.client_name}
        return Asked(
            about=channel.id,
            subject=f"+{number}" if number else channel.name,
            facts={"channel_id": channel.id, **told},
        )

    def planned(self, session: Session, partner_id: str, facts: Facts) -> Plan:
        """The number is taken off Meta; what is left of a client's credit stays the client's."""
        values = {name: facts[name] for name in ("phone_number", "name", "client")}
        channel = _existing(session, facts["channel_id"])
        if channel.terminated_at is not None:
            return Plan(values=values, against=(Obstacle(code="number_ended"),))
        change = Change(field="status", before=channel.status, after="terminated")
        return Plan(values=values, changes=(change,))

    def done(self, session: Session, partner_id: str, facts: Facts, by: str) -> dict[str, str]:
        if not end_now(session, self._clock, self._jobs, facts["channel_id"], by=by):
            raise Conflict(code="number_ended", channel_id=facts["channel_id"])
        return {"phone_number": facts["phone_number"]}


def _existing(session: Session, channel_id: str) -> Channel:
    channel = session.exec(select(Channel).where(Channel.id == channel_id)).one_or_none()
    if channel is None:
        raise NotFound(channel_id=channel_id)
    return channel
