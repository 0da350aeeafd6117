"""Who works for a partner: listed, given another role, removed; there is always an owner.

Functions on the caller's session, whose scope is the partner's and whose gate has been passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from core.clock import Clock
from core.errors import Conflict, NotFound
from core.events import EventType, record
from core.partners.entities import Membership, Partner, Person, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """Somebody who works for the partner."""

    id: str  # of the person
    name: str
    email: str
    role: Role
    since: datetime
    last_seen_at: datetime | None
    is_last_owner: bool  # can be neither removed nor demoted


def members(session: Session, partner_id: str) -> list[MemberView]:
    """Owners first, then by name."""
    rows = session.exec(
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(*_live(partner_id))
    ).all()
    owners = sum(membership.role == Role.OWNER.value for membership, _ in rows)
    views = [_view(membership, person, owners) for membership, person in rows]
    return sorted(views, key=lambda m: (m.role is not Role.OWNER, m.name.lower(), m.id))


def member(session: Session, partner_id: str, person_id: str) -> MemberView:
    """One of them; raises NotFound."""
    for view in members(session, partner_id):
        if view.id == person_id:
            return view
    raise NotFound(person_id=person_id)


def owner_languages(session: Session, partner_id: str) -> dict[str, str]:
    """For mails to the owners: each one's language by address, as the owner prefers it."""
    found = (
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(*_live(partner_id), Membership.role == Role.OWNER.value)
    )
    told = {p.email: str(p.preferences.get("language", "en")) for p in session.exec(found)}
    return {email: told[email] for email in sorted(told) if email}


def remove_member(
    session: Session, clock: Clock, partner_id: str, person_id: str, *, by: str
) -> None:
    """The person works there no more, and their open pages stop. Raises NotFound, Conflict
    (`last_owner`)."""
    membership = _held(session, partner_id, person_id)
    if membership.role == Role.OWNER.value:
        _require_another_owner(session, partner_id, person_id)
    membership.removed_at = clock.now()
    session.add(membership)
    session.flush()
    role = membership.role
    _tell(session, clock, EventType.MEMBER_REMOVED, membership, by=by, role=role)


def change_member_role(
    session: Session, clock: Clock, partner_id: str, person_id: str, role: Role, *, by: str
) -> None:
    """The person has the role, and their open pages start again. Raises NotFound, Conflict
    (`last_owner`)."""
    membership = _held(session, partner_id, person_id)
    before = membership.role
    if before == role.value:
        return
    if before == Role.OWNER.value:
        _require_another_owner(session, partner_id, person_id)
    membership.role = role.value
    session.add(membership)
    session.flush()
    change = {"role": {"previous": before, "current": role.value}}
    _tell(session, clock, EventType.ROLE_CHANGED, membership, by=by, change=change)


def _held(session: Session, partner_id: str, person_id: str) -> Membership:
    """The live membership. The partner's row is locked first: of two owners who are removed at
    the same time, one stays."""
    session.exec(select(Partner.id).where(Partner.id == partner_id).with_for_update()).one()
    found = select(Membership).where(*_live(partner_id), Membership.person_id == person_id)
    membership = session.exec(found.execution_options(populate_existing=True)).one_or_none()
    if membership is None:
        raise NotFound(person_id=person_id)
    return membership


def _require_another_owner(session: Session, partner_id: str, person_id: str) -> None:
    others = select(Membership.id).where(
        *_live(partner_id),
        Membership.role == Role.OWNER.value,
        Membership.person_id != person_id,
    )
    if session.exec(others.limit(1)).first() is None:
        raise Conflict(code="last_owner", person_id=person_id)


def _tell(
    session: Session, clock: Clock, type_: EventType, of: Membership, *, by: str, **data: object
) -> None:
    subject = ("person", of.person_id)
    record(session, clock, type_, partner_id=of.partner_id, subject=subject, actor=by, data=data)


def _live(partner_id: str) -> tuple[ColumnElement[bool], ...]:
    return (col(Membership.partner_id) == partner_id, col(Membership.removed_at).is_(None))


def _view(membership: Membership, person: Person, owners: int) -> MemberView:
    role = Role(membership.role)
    return MemberView(
        id=person.id,
        name=person.name,
        email=person.email,
        role=role,
        since=membership.created_at,
        last_seen_at=membership.last_seen_at,
        is_last_owner=role is Role.OWNER and owners == 1,
    )
