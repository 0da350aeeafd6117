"""The key with which the partner sends messages over a number; one at a time, told once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, select

from core.access import Permission, Principal
from core.accounts.cancelling import held
from core.accounts.cursors import is_storable
from core.accounts.entities import Channel
from core.columns import new_id
from core.errors import NotFound
from core.events import EventType, record
from core.integration.api.key_rules import refusal, why_no_key
from core.integration.api.room import Room
from core.integration.api_entities import ChannelKey
from core.integration.credentials import secret_forms
from core.integration.shapes.channel import app_id
from core.secret_hash import hash_secret

_MAY = Permission.ACCOUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKeyRow:
    """A number's key; `address` is where it is used, `prefix` its first letters."""

    id: str
    channel_id: str
    address: str
    app_id: str
    prefix: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChannelKey:
    """A key just made; `api_key` is never told again."""

    row: ChannelKeyRow
    api_key: str = field(repr=False)


class ChannelKeys:
    """For the API and the number's page alike; members may, as with templates."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def create(self, who: Principal, channel_id: str) -> NewChannelKey:
        """A new key, in place of the one before, which is good for nothing from now on.

        Raises NotFound; Forbidden (`permission_not_granted`, `number_not_ready`) before the client
        has granted it and after it took that back; Conflict (`number_ended`, `number_gone`).
        """
        secret = secret_forms.new_secret(secret_forms.Kind.CHANNEL_KEY)
        with self._room.gate.writing(who, _MAY, fresh=True) as session:
            channel = _locked(session, channel_id)
            require_granted(channel)
            key = _key_of(session, channel.id)
            if key is not None:
                session.delete(key)
                session.flush()
            key = ChannelKey(
                id=new_id("AK", 8),
                partner_id=channel.partner_id,
                channel_id=channel.id,
                key_hash=hash_secret(secret),
                prefix=secret_forms.shown(secret),
                created_by=who.person_id,
                created_at=self._room.clock.now(),
            )
            session.add(key)
            self._tell(session, EventType.CHANNEL_KEY_MADE, channel, who, key)
            return NewChannelKey(row=self._row(key), api_key=secret)

    def all(self, who: Principal, channel_id: str) -> list[ChannelKeyRow]:
        """The number's key, or none. Raises NotFound."""
        with self._room.gate.reading(who, _MAY) as session:
            channel = session.get(Channel, channel_id) if is_storable(channel_id) else None
            if channel is None:
                raise NotFound("no such number", channel_id=channel_id)
            key = _key_of(session, channel_id)
            return [self._row(key)] if key else []

    def delete(self, who: Principal, channel_id: str) -> None:
        """The number has no key. Raises NotFound for an unknown number; without a key, nothing."""
        with self._room.gate.writing(who, _MAY) as session:
            channel = _locked(session, channel_id)
            key = _key_of(session, channel_id)
            if key is not None:
                self._tell(session, EventType.CHANNEL_KEY_REMOVED, channel, who, key)
                session.delete(key)

    def _row(self, key: ChannelKey) -> ChannelKeyRow:
        return ChannelKeyRow(
            id=key.id,
            channel_id=key.channel_id,
            address=self._room.settings.messaging_api_base,
            app_id=app_id(key.channel_id),
            prefix=key.prefix,
            created_at=key.created_at,
        )

    def _tell(
        self,
        session: Session,
        type_: EventType,
        channel: Channel,
        who: Principal,
        key: ChannelKey,
    ) -> None:
        record(
            session,
            self._room.clock,
            type_,
            partner_id=channel.partner_id,
            subject=("channel", channel.id),
            actor=who.person_id,
            data={"key_id": key.id, "prefix": key.prefix},
        )


def require_granted(channel: Channel) -> None:
    """Raises Forbidden or Conflict while no key may be made for the number."""
    why = why_no_key(
        status=channel.status,
        consent=channel.consent,
        state=channel.state,
        ended=channel.terminated_at is not None,
    )
    if why is not None:
        raise refusal(why, channel.id)


def _locked(session: Session, channel_id: str) -> Channel:
    if not is_storable(channel_id):
        raise NotFound("no such number")
    return held(session, channel_id)


def _key_of(session: Session, channel_id: str) -> ChannelKey | None:
    return session.exec(select(ChannelKey).where(ChannelKey.channel_id == channel_id)).one_or_none()
