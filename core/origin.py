"""Where an act comes from: the address and the browser or program behind it.

Set at the edge that took the request, read by `core.events.record`; what runs by itself has none.
The values lie in a table of their own, because events are for ever and an address is personal: an
event names its origin by a salted hash, and whoever erases the values and the salt leaves nothing
that could be guessed back, while nobody can put other values in their place.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Index
from sqlmodel import Field

from core.columns import PartnerOwned, utc_field

_ADDRESS, _AGENT = 45, 300
_ID = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Whence:
    """What is known of whoever sent the request at hand."""

    address: str = ""
    agent: str = ""  # the browser or program, as it names itself


class EventOrigin(PartnerOwned, table=True):
    """An address and an agent that somebody acted with for one partner; empty when erased."""

    __tablename__ = "event_origin"
    __table_args__ = (Index("ix_event_origin_partner", "partner_id"),)

    id: str = Field(primary_key=True, max_length=_ID)
    actor: str = Field(max_length=64, index=True)
    address: str = Field(default="", max_length=_ADDRESS)
    agent: str = Field(default="", max_length=_AGENT)
    salt: str = Field(default="", max_length=_ID)
    at: datetime = utc_field()  # first acted with
    erased_at: datetime | None = utc_field(nullable=True)

    @property
    def is_true(self) -> bool:
        """Whether the values are those that the id was made of; erased ones cannot be false."""
        if self.erased_at is not None:
            return not (self.address or self.agent or self.salt)
        return self.id == _id_of(self.salt, self.partner_id, self.actor, self.address, self.agent)


_here: ContextVar[Whence | None] = ContextVar("hub_whence", default=None)


def here() -> Whence | None:
    """The request that is being answered; None for what the hub does by itself."""
    return _here.get()


@contextmanager
def coming_from(whence: Whence) -> Iterator[None]:
    """What is recorded inside comes from there, also in tasks that are started inside."""
    token = _here.set(whence)
    try:
        yield
    finally:
        _here.reset(token)


def origin_of(partner_id: str, actor: str, at: datetime) -> EventOrigin | None:
    """Where the actor acts from now; None where nobody asked from outside."""
    whence = _here.get()
    if whence is None or not (whence.address or whence.agent):
        return None
    told = (partner_id, actor, whence.address[:_ADDRESS], whence.agent[:_AGENT])
    # A day's: an origin that was erased by another process is not filled again for longer.
    salt = _salt(at.date().isoformat(), *told)
    return EventOrigin(
        id=_id_of(salt, *told),
        partner_id=partner_id,
        actor=actor,
        address=told[2],
        agent=told[3],
        salt=salt,
        at=at,
    )


@lru_cache(maxsize=10_000)
def _salt(*_told: str) -> str:
    """One for each origin, day and process, so that a person's acts share a row."""
    return secrets.token_hex(_ID // 2)


def _id_of(salt: str, *told: str) -> str:
    return hashlib.sha256("\0".join((salt, *told)).encode()).hexdigest()[:_ID]
