"""Who acts, what that role may do, and the gate every service verb passes.

The gate reads session and membership from the database in the transaction of the act itself, so
a person who was removed, demoted or signed out a moment ago is refused, whatever page is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, select

from core.clock import Clock
from core.errors import Forbidden, NotSignedIn
from core.partners.entities import Membership, Partner, Role, UserSession
from core.ports import Database, Tenant


class Permission(StrEnum):
    """What a verb needs; finer than roles so that the table below is the only place to look."""

    ACCOUNTS = "accounts"  # WhatsApp accounts, templates, onboarding runs
    SETTINGS = "settings"  # integration, profile
    USERS = "users"
    BILLING = "billing"
    SUPPORT = "support"


_ALLOWED: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MEMBER: frozenset({Permission.ACCOUNTS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A signed-in person acting for one partner; made from a session, never from a request."""

    person_id: str
    name: str
    email: str
    session_hash: str
    partner_id: str | None
    role: str | None
    is_staff: bool = False

    @property
    def tenant(self) -> Tenant:
        """The partner's rows; raises Forbidden for somebody who works for no partner."""
        if self.partner_id is None:
            raise Forbidden(code="no_partner")
        return Tenant(self.partner_id)

    def may(self, permission: Permission) -> bool:
        """For showing and hiding only; the gate decides."""
        return permission in _ALLOWED.get(self.role or "", frozenset())


class Gate:
    """Opens a partner's transaction for a person who may do it, or raises."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @contextmanager
    def reading(self, who: Principal, permission: Permission) -> Iterator[Session]:
        """A reading session; raises NotSignedIn or Forbidden."""
        with self._database.reading(who.tenant) as session:
            authorize(session, self._clock, who, permission)
            yield session

    @contextmanager
    def writing(self, who: Principal, permission: Permission) -> Iterator[Session]:
        """A transaction; raises NotSignedIn or Forbidden before anything is written."""
        with self._database.transaction(who.tenant) as session:
            authorize(session, self._clock, who, permission)
            yield session


def authorize(session: Session, clock: Clock, who: Principal, permission: Permission) -> Membership:
    """Check the live session and membership; the role counts as it is now, not as it was.

    Raises NotSignedIn for a revoked or expired session, or one that was switched to another
    partner; Forbidden when the membership is gone or its role does not allow `permission`.
    """
    login = session.get(UserSession, who.session_hash)
    now = clock.now()
    if login is None or login.revoked_at is not None or login.expires_at <= now:
        raise NotSignedIn
    if login.person_id != who.person_id or login.partner_id != who.partner_id:
        raise NotSignedIn(code="partner_switched")
    membership = session.exec(
        select(Membership).where(
            Membership.partner_id == who.partner_id,
            Membership.person_id == who.person_id,
            col(Membership.removed_at).is_(None),
        )
    ).one_or_none()
    if membership is None:
        raise Forbidden(code="not_a_member")
    if permission not in _ALLOWED.get(membership.role, frozenset()):
        raise Forbidden(code="role_too_low", role=membership.role, permission=permission.value)
    return membership


def partner_of(session: Session, who: Principal) -> Partner:
    """The partner row behind a principal, inside an open gate."""
    partner = session.get(Partner, who.partner_id)
    if partner is None:
        raise Forbidden(code="no_partner")
    return partner
