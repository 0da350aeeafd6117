"""Reads for one number: its facts, its templates and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from core.accounts.cursors import is_storable
from core.accounts.entities import Channel, Client, Template, WabaAccount
from core.accounts.queries import shown
from core.accounts.results import (
    ChannelDetails,
    ClientFacts,
    TemplateRow,
    TimelineEntry,
    WabaFacts,
)
from core.accounts.returning import as_meta_calls_it
from core.errors import NotFound
from core.events import Event
from core.partners.api_entities import ApiKey, SystemUser
from core.partners.entities import Person

Value = TypeVar("Value", ClientFacts, TemplateRow)

GONE = "DELETED"
_NOT_PEOPLE = ("client", "meta", "hub")
# How an actor's id begins, and whose it is; people, without a beginning, come last.
_ACTORS: dict[str, Any] = {"key:": ApiKey, "user:": SystemUser, "": Person}


def find(session: Session, partner_id: str, channel_id: str) -> tuple[Channel, WabaAccount]:
    """The channel and its WABA; raises NotFound, the same for an unknown and a foreign id."""
    channel = None
    if is_storable(channel_id):
        query = select(Channel).where(Channel.id == channel_id, Channel.partner_id == partner_id)
        channel = session.exec(query).one_or_none()
    waba = session.get(WabaAccount, channel.waba_account_id) if channel else None
    if channel is None or waba is None:
        raise NotFound("no such number", channel_id=channel_id)
    return channel, waba


def details(session: Session, partner_id: str, channel_id: str, now: datetime) -> ChannelDetails:
    """Everything but the timeline; raises NotFound."""
    channel, waba = find(session, partner_id, channel_id)
    client = session.get(Client, channel.client_id)
    if client is None:
        raise NotFound("no such number", channel_id=channel_id)
    return ChannelDetails(
        row=shown(channel, waba, now),
        client=_copied(ClientFacts, client),
        waba=_waba_facts(waba, now),
        templates=tuple(templates(session, waba.id)),
        **_values(channel, _CHANNEL_VALUES),
    )


def templates(session: Session, waba_id: str) -> list[TemplateRow]:
    """The WABA's templates by name, those that are gone left out."""
    query = select(Template).where(
        Template.waba_account_id == waba_id, col(Template.status) != GONE
    )
    ordered = query.order_by(Template.name, Template.language, Template.id)
    return [_copied(TemplateRow, row) for row in session.exec(ordered)]


def timeline(
    session: Session, partner_id: str, channel_id: str, before_id: int | None, limit: int
) -> list[TimelineEntry]:
    """Events of the number, its WABA and its templates, newest first; raises NotFound."""
    channel, waba = find(session, partner_id, channel_id)
    named = select(Template.id, Template.name).where(Template.waba_account_id == waba.id)
    names = dict(session.exec(named).all())
    # One seek per subject and a merge: a single OR would make the database sort all of them.
    events = [
        *_events(session, partner_id, ("channel", [channel.id]), before_id, limit),
        *_events(session, partner_id, ("waba", [waba.id]), before_id, limit),
        *_events(session, partner_id, ("template", list(names)), before_id, limit),
    ]
    newest = sorted(events, key=lambda event: -(event.id or 0))[:limit]
    people = _people(session, newest)
    return [_entry(event, names, people) for event in newest]


def _events(
    session: Session,
    partner_id: str,
    subject: tuple[str, list[str]],
    before: int | None,
    limit: int,
) -> Iterable[Event]:
    kind, ids = subject
    if not ids:
        return []
    query = select(Event).where(
        Event.partner_id == partner_id,
        Event.subject_type == kind,
        Event.subject_id == ids[0] if len(ids) == 1 else col(Event.subject_id).in_(ids),
    )
    if before is not None:
        query = query.where(col(Event.id) < before)
    return session.exec(query.order_by(col(Event.id).desc()).limit(limit))


def _people(session: Session, events: list[Event]) -> dict[str, str]:
    """Names by actor: people, and programs by the name of their key or system user."""
    ids = {event.actor for event in events} - set(_NOT_PEOPLE)
    names: dict[str, str] = {}
    for prefix, table in _ACTORS.items():
        own = {id_.removeprefix(prefix) for id_ in ids if id_.startswith(prefix)}
        if own:
            found = session.exec(select(table.id, table.name).where(col(table.id).in_(own)))
            names |= {f"{prefix}{id_}": name for id_, name in found}
        ids -= {f"{prefix}{id_}" for id_ in own}
    return names


def _entry(event: Event, names: dict[str, str], people: dict[str, str]) -> TimelineEntry:
    return TimelineEntry(
        id=event.id or 0,
        type=event.type,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        subject_name=names.get(event.subject_id, ""),
        at=event.at,
        actor=event.actor,
        actor_name=people.get(event.actor, ""),
        data=event.data,
    )


_CHANNEL_VALUES = (
    "external_id status meta_status account_mode name_status requested_name code_verification "
    "platform_type throughput is_oba created_at live_at cancelled_at ends_at terminated_at "
    "facts"
).split()


def _waba_facts(waba: WabaAccount, now: datetime) -> WabaFacts:
    expires = waba.token_expires_at
    own = _values(waba, [f.name for f in fields(WabaFacts) if f.name not in _WABA_MADE])
    return WabaFacts(
        external_id=as_meta_calls_it(waba.external_id),
        restrictions=tuple(waba.restrictions),
        can_call_meta=bool(waba.token) and not waba.removed and (expires is None or expires > now),
        **own,
    )


_WABA_MADE = ("external_id", "restrictions", "can_call_meta")


def _copied(kind: type[Value], row: Any) -> Value:
    return kind(**_values(row, (field.name for field in fields(kind))))


def _values(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
