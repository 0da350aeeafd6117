"""What actors and subjects are called today; rows keep names, events keep ids.

A person who was erased is called by the pseudonym that took the name's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, Client, Template, WabaAccount
from core.billing.invoices.entities import Invoice
from core.events import Event
from core.integration.outbound.entities import WebhookEndpoint
from core.onboarding.entities import OnboardingRun
from core.partners.api_entities import ApiKey, SystemUser
from core.partners.entities import Invitation, Membership, Person
from core.support.entities import Conversation

_KEY, _USER = "key:", "user:"
_PROGRAMS: dict[str, Any] = {_KEY: ApiKey, _USER: SystemUser}
# By the word that events use: the table, and the column that people know a row by.
_SUBJECTS: dict[str, tuple[Any, str]] = {
    "channel": (Channel, "name"),
    "licence": (Channel, "phone_number"),
    "client": (Client, "name"),
    "waba": (WabaAccount, "name"),
    "template": (Template, "name"),
    "person": (Person, "name"),
    "invitation": (Invitation, "email"),
    "invoice": (Invoice, "number"),
    "conversation": (Conversation, "subject"),  # '' where the kind of the request says all
    "onboarding_run": (OnboardingRun, "company"),
    "webhook_endpoint": (WebhookEndpoint, "name"),
    "api_key": (ApiKey, "name"),
    "system_user": (SystemUser, "name"),
}
# People are found by their memberships, and numbers however they are typed (`finding`).
_FOUND_OTHERWISE = frozenset({"person", "licence"})
_MOST = 200
_PERSON_ID = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """By id; who or what is not there any more is missing."""

    actors: Mapping[str, str]
    people: Mapping[str, str]  # whom the events' data mention
    subjects: Mapping[tuple[str, str], str]
    staff: frozenset[str]


def names_of(session: Session, partner_id: str, events: Sequence[Event]) -> Names:
    """Of everybody and everything in these events, in a few statements."""
    names = names_of_actors(session, {event.actor for event in events})
    return Names(
        actors=names,
        people=called(session, Person, "name", _mentioned([event.data for event in events])),
        subjects=_subjects(session, events),
        staff=frozenset(_strangers(session, partner_id, names.keys())),
    )


def names_of_actors(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Of people, API keys and system users among them, by actor."""
    wanted = set(actors)
    names = called(session, Person, "name", wanted)
    for prefix, table in _PROGRAMS.items():
        own = {each.removeprefix(prefix) for each in wanted if each.startswith(prefix)}
        found = called(session, table, "name", own)
        names |= {f"{prefix}{id_}": name for id_, name in found.items()}
    return names


def called(session: Session, table: Any, column: str, ids: Iterable[str]) -> dict[str, str]:
    """What the column says of the rows with these ids, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = select(table.id, getattr(table, column)).where(col(table.id).in_(wanted))
    return {str(id_): str(name or "") for id_, name in session.exec(found)}


def actors_called(session: Session, partner_id: str, text: str) -> list[str]:
    """Actors at the partner whose name or e-mail has the text in it."""
    people = (
        select(Person.id)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            Membership.partner_id == partner_id,
            col(Person.name).icontains(text, autoescape=True)
            | col(Person.email).icontains(text, autoescape=True),
        )
    )
    found = list(session.exec(people.limit(_MOST)).all())
    for prefix, table in _PROGRAMS.items():
        named = select(table.id).where(
            table.partner_id == partner_id, col(table.name).icontains(text, autoescape=True)
        )
        found += [f"{prefix}{id_}" for id_ in session.exec(named.limit(_MOST)).all()]
    return found


def subjects_called(session: Session, partner_id: str, text: str) -> list[str]:
    """Ids of the partner's things that are called something with the text in it."""
    found: list[str] = []
    for type_, (table, column) in _SUBJECTS.items():
        if type_ in _FOUND_OTHERWISE:
            continue
        named = select(table.id).where(
            table.partner_id == partner_id,
            col(getattr(table, column)).icontains(text, autoescape=True),
        )
        found += session.exec(named.limit(_MOST)).all()
    return found


def actors_at(session: Session, partner_id: str) -> dict[str, str]:
    """Who may have acted for the partner, by actor: people who work or worked there, programs."""
    people = (
        select(Person.id, Person.name)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.partner_id == partner_id)
        .order_by(col(Person.name))
    )
    found = dict(session.exec(people.limit(_MOST)).all())
    for prefix, table in _PROGRAMS.items():
        own = select(table.id, table.name).where(table.partner_id == partner_id)
        rows = session.exec(own.order_by(col(table.name)).limit(_MOST)).all()
        found |= {f"{prefix}{id_}": name for id_, name in rows}
    return found


def _subjects(session: Session, events: Iterable[Event]) -> dict[tuple[str, str], str]:
    by_type: dict[str, set[str]] = {}
    for event in events:
        by_type.setdefault(event.subject_type, set()).add(event.subject_id)
    return {
        (type_, id_): name
        for type_, ids in by_type.items()
        if type_ in _SUBJECTS
        for id_, name in called(session, *_SUBJECTS[type_], ids).items()
    }


def _mentioned(told: Any) -> set[str]:
    """Every text in it that may be a person's id."""
    if isinstance(told, dict | list):
        parts = told.values() if isinstance(told, dict) else told
        return set().union(*map(_mentioned, parts))
    is_one = isinstance(told, str) and len(told) == _PERSON_ID and told.isalnum()
    return {told} if is_one else set()


def _strangers(session: Session, partner_id: str, actors: Iterable[str]) -> set[str]:
    """People among them who never worked for the partner: the operator's own."""
    people = {each for each in actors if not each.startswith((_KEY, _USER))}
    found = select(Membership.person_id).where(
        Membership.partner_id == partner_id, col(Membership.person_id).in_(sorted(people))
    )
    return people - set(session.exec(found).all()) if people else set()
