"""Who was asked to work for a partner: invited, asked again, taken back.

Functions on the caller's session, whose scope is the partner's and whose gate has been passed. An
address lies in the row alone, never in an event: a person can be erased, an event cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from core.clock import Clock
from core.errors import Conflict, InvalidInput, NotFound
from core.events import EventType, record
from core.partners.entities import Invitation, Partner, Person, Role
from core.partners.invitation_links import InvitationLinks
from core.partners.invitation_rules import (
    MOST_MAILS,
    MOST_WAITING,
    InvitationState,
    require_move,
    state_of,
)
from core.partners.members import members
from core.partners.rules import normalise_email


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """An invitation that waits for its person, or has waited too long."""

    id: str
    name: str
    email: str
    role: Role
    state: InvitationState
    sent_at: datetime
    expires_at: datetime
    times_sent: int
    invited_by: str  # a name; empty: the operator, or somebody who was erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is invited as what, with values that `invitation_rules` has looked at."""

    name: str
    email: str
    role: Role


def waiting(session: Session, partner_id: str, now: datetime) -> list[InvitationView]:
    """Open and expired ones, the newest first."""
    rows = session.exec(
        select(Invitation, Person.name)
        .join(Person, col(Person.id) == col(Invitation.invited_by), isouter=True)
        .where(*_waiting(partner_id))
        .order_by(col(Invitation.created_at).desc(), col(Invitation.id))
    ).all()
    return [view_of(invitation, name or "", now) for invitation, name in rows]


def invite(
    session: Session,
    clock: Clock,
    links: InvitationLinks,
    *,
    partner_id: str,
    asked: Asked,
    by: str,
    lifetime: timedelta,
) -> Invitation:
    """An open invitation with a link of its own.

    Raises Conflict: works_here, already_invited (with `invitation_id`), too_many_invitations.
    """
    _hold(session, partner_id)
    _require_new(session, partner_id, asked.email, clock.now())
    now = clock.now()
    invitation = Invitation(
        partner_id=partner_id,
        email=asked.email,
        name=asked.name,
        role=asked.role.value,
        invited_by=by,
        created_at=now,
        sent_at=now,
        expires_at=now + lifetime,
    )
    links.renew(invitation)
    session.add(invitation)
    session.flush()
    _tell(session, clock, EventType.INVITATION_SENT, invitation, by=by, role=invitation.role)
    return invitation


def send_again(
    session: Session,
    clock: Clock,
    links: InvitationLinks,
    invitation_id: str,
    *,
    by: str,
    lifetime: timedelta,
) -> Invitation:
    """A new link and its whole time again; the link before is dead.

    Raises NotFound, Conflict: invitation_accepted, invitation_withdrawn, sent_too_often.
    """
    invitation, now = _held(session, invitation_id), clock.now()
    require_move(invitation, now, InvitationState.OPEN)
    if invitation.times_sent >= MOST_MAILS:
        raise Conflict(code="sent_too_often", invitation_id=invitation_id)
    links.renew(invitation)
    invitation.invited_by, invitation.sent_at = by, now
    invitation.expires_at = now + lifetime
    session.add(invitation)
    _tell(session, clock, EventType.INVITATION_SENT_AGAIN, invitation, by=by)
    return invitation


def withdraw(session: Session, clock: Clock, invitation_id: str, *, by: str) -> None:
    """Its link opens nothing any more, for good. Raises NotFound, Conflict
    (`invitation_accepted`, `invitation_withdrawn`)."""
    invitation = _held(session, invitation_id)
    require_move(invitation, clock.now(), InvitationState.WITHDRAWN)
    invitation.withdrawn_at = clock.now()
    session.add(invitation)
    _tell(session, clock, EventType.INVITATION_WITHDRAWN, invitation, by=by)


def view_of(invitation: Invitation, invited_by: str, now: datetime) -> InvitationView:
    """The row as the page shows it."""
    return InvitationView(
        id=invitation.id,
        name=invitation.name,
        email=invitation.email,
        role=Role(invitation.role),
        state=state_of(invitation, now),
        sent_at=invitation.sent_at or invitation.created_at,
        expires_at=invitation.expires_at,
        times_sent=invitation.times_sent,
        invited_by=invited_by,
    )


def _hold(session: Session, partner_id: str) -> None:
    """Of two owners who invite at the same time, the second sees what the first has done."""
    session.exec(select(Partner.id).where(Partner.id == partner_id).with_for_update()).one()


def _held(session: Session, invitation_id: str) -> Invitation:
    found = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    fresh = found.execution_options(populate_existing=True)
    invitation = session.exec(fresh).one_or_none()
    if invitation is None:
        raise NotFound(invitation_id=invitation_id)
    return invitation


def _require_new(session: Session, partner_id: str, email: str, now: datetime) -> None:
    """A help for whoever types an address twice. Nobody is let in or kept out by it: whose an
    address is, only the provider says."""
    if any(_is(email, member.email) for member in members(session, partner_id)):
        raise Conflict(code="works_here", field="email")
    known = session.exec(
        select(Invitation).where(*_waiting(partner_id), Invitation.email == email)
    ).first()
    if known is not None:
        state = state_of(known, now)
        raise Conflict(
            code="already_invited", field="email", invitation_id=known.id, state=state.value
        )
    count = select(func.count()).select_from(Invitation).where(*_waiting(partner_id))
    if session.exec(count).one() >= MOST_WAITING:
        raise Conflict(code="too_many_invitations")


def _is(email: str, shown: str) -> bool:
    try:
        return normalise_email(shown) == email
    except InvalidInput:
        return False


def _waiting(partner_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Invitation.partner_id) == partner_id,
        col(Invitation.accepted_at).is_(None),
        col(Invitation.withdrawn_at).is_(None),
    )


def _tell(
    session: Session, clock: Clock, type_: EventType, of: Invitation, *, by: str, **data: object
) -> None:
    subject = ("invitation", of.id)
    told = data | {"expires_at": of.expires_at.isoformat()}
    record(session, clock, type_, partner_id=of.partner_id, subject=subject, actor=by, data=told)
