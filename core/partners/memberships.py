"""Who works where: memberships inside an open transaction, and how a person gets the first one.

Functions on the caller's session; they decide nothing about sessions or cookies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from core.clock import Clock
from core.errors import Forbidden, InvalidInput
from core.events import EventType, record
from core.partners.entities import Identity, Invitation, Membership, Person
from core.partners.rules import normalise_email


def membership_of(session: Session, person_id: str, partner_id: str | None) -> Membership | None:
    """The live membership, or None."""
    if partner_id is None:
        return None
    return session.exec(
        select(Membership).where(
            Membership.partner_id == partner_id,
            Membership.person_id == person_id,
            col(Membership.removed_at).is_(None),
        )
    ).one_or_none()


def home_of(session: Session, person_id: str) -> Membership | None:
    """The membership a person starts with: the one used last, else the oldest."""
    memberships = session.exec(
        select(Membership).where(
            Membership.person_id == person_id, col(Membership.removed_at).is_(None)
        )
    ).all()
    used = [(m.last_seen_at, m.partner_id, m) for m in memberships if m.last_seen_at is not None]
    if used:
        return max(used)[2]
    return min(memberships, key=lambda m: (m.created_at, m.partner_id), default=None)


def admit(session: Session, clock: Clock, claims: Mapping[str, Any], *, link: str = "") -> Person:
    """Whom the checked claims name, with the invitations accepted that they have agreed to.

    `link` is the hash of the link that was followed. A person is (issuer, subject). Raises
    Forbidden (`not_invited`) for somebody unknown whom nobody invited.
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    # The invitations first: they are locked, and whoever waited here for the same person's other
    # browser must see the identity that it has made meanwhile.
    invitations = _open_invitations(session, clock, claims)
    identity = session.exec(
        select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    ).one_or_none()
    if identity is None and not invitations:
        raise Forbidden(code="not_invited", email=str(claims.get("email") or ""))
    person = session.get(Person, identity.person_id) if identity else None
    if person is None:
        name = next((i.name for i in invitations if i.name), str(claims.get("email") or ""))
        person = _new_person(session, clock, (issuer, subject), name)
    _take_over_names(person, claims)
    session.add(person)
    is_at_home = person.is_staff or home_of(session, person.id) is not None
    for invitation in _agreed(invitations, link, is_at_home=is_at_home):
        _accept(session, clock, invitation, person)
    return person


def _agreed(invitations: list[Invitation], link: str, *, is_at_home: bool) -> list[Invitation]:
    """Those that signing in accepts: the one whose link was followed, and the operator's, which
    have none. Who has nowhere else to go agrees by signing in at all, as the mail says."""
    if not link and not is_at_home:
        return invitations
    return [each for each in invitations if each.token_hash in ("", link)]


def verified_address(claims: Mapping[str, Any]) -> str:
    """The address as invitations have it; empty when the provider has not verified one."""
    # Only `true` itself: a provider that says "true", 1 or nothing has verified nothing.
    if claims.get("email_verified") is not True:
        return ""
    try:
        return normalise_email(str(claims.get("email") or ""))
    except InvalidInput:
        return ""


def _open_invitations(
    session: Session, clock: Clock, claims: Mapping[str, Any]
) -> list[Invitation]:
    email = verified_address(claims)
    if not email:
        return []
    return list(
        session.exec(
            select(Invitation)
            .where(
                Invitation.email == email,
                col(Invitation.accepted_at).is_(None),
                col(Invitation.withdrawn_at).is_(None),
                Invitation.expires_at > clock.now(),
            )
            .with_for_update()
        ).all()
    )


def _new_person(session: Session, clock: Clock, identity: tuple[str, str], name: str) -> Person:
    person = Person(name=name[:200], email="", created_at=clock.now())
    session.add(person)
    session.flush()
    issuer, subject = identity
    session.add(
        Identity(issuer=issuer, subject=subject, person_id=person.id, created_at=person.created_at)
    )
    session.flush()
    return person


def _take_over_names(person: Person, claims: Mapping[str, Any]) -> None:
    """The provider's current name and address are shown; neither is ever matched."""
    if email := str(claims.get("email") or ""):
        person.email = email[:320]
    if name := str(claims.get("name") or "").strip():
        person.name = name[:200]


def _accept(session: Session, clock: Clock, invitation: Invitation, person: Person) -> None:
    """The invitation is used up and the person works for its partner; a live role stays."""
    invitation.accepted_at, invitation.accepted_by = clock.now(), person.id
    session.add(invitation)
    record(
        session,
        clock,
        EventType.INVITATION_ACCEPTED,
        partner_id=invitation.partner_id,
        subject=("invitation", invitation.id),
        actor=person.id,
        data={"role": invitation.role, "invited_by": invitation.invited_by},
    )
    membership = session.exec(
        select(Membership).where(
            Membership.partner_id == invitation.partner_id, Membership.person_id == person.id
        )
    ).one_or_none()
    is_there = membership is not None and membership.removed_at is None
    if membership is None:
        membership = Membership(
            partner_id=invitation.partner_id,
            person_id=person.id,
            role=invitation.role,
            created_at=clock.now(),
        )
    elif membership.removed_at is not None:
        membership.removed_at, membership.role = None, invitation.role
    session.add(membership)
    session.flush()
    if is_there:
        return  # invited twice: nothing has changed
    record(
        session,
        clock,
        EventType.MEMBER_JOINED,
        partner_id=invitation.partner_id,
        subject=("person", person.id),
        actor=person.id,
        data={"invitation": invitation.id, "role": membership.role},
    )
