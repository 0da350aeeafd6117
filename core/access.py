"""Who acts, what that role may do, and the gate every service verb passes.

The gate reads session and membership from the database in the transaction of the act itself, so
a person who was removed, demoted or signed out a moment ago is refused, whatever page is open.
Programs pass the same gate by their key or token, which it reads again in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, bindparam, select
from sqlmodel import Session, col

from core.clock import Clock
from core.errors import Forbidden, FreshSignInNeeded, HubError, NotSignedIn
from core.fresh import is_fresh
from core.partners.entities import Membership, Partner, Person, Role, UserSession
from core.ports import Database, Everything, Tenant
from core.programs import Credential, refusal_of


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
    """A signed-in person, or a program, acting for one partner; made from a session or key."""

    person_id: str
    name: str
    email: str
    session_hash: str
    partner_id: str | None
    role: str | None
    is_staff: bool = False
    # A program's; then `person_id` is the actor that events name, such as "key:<id>".
    credential: Credential | None = None

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
    """Opens a partner's transaction for a person who may do it, or raises.

    Staff have doors of their own: they are let in by the flag on the person, for one partner's
    rows or for the whole desk, and never by a membership.

    Verbs about money, secrets and roles open it with `fresh=True`: then the person must have
    signed in at the provider within `fresh_for`; without a limit nobody is asked.
    """

    def __init__(
        self, database: Database, clock: Clock, *, fresh_for: timedelta = timedelta()
    ) -> None:
        self._database = database
        self._clock = clock
        self._fresh_for = fresh_for

    @contextmanager
    def reading(
        self, who: Principal, permission: Permission, *, fresh: bool = False
    ) -> Iterator[Session]:
        """A reading session; raises NotSignedIn or Forbidden, FreshSignInNeeded for `fresh`."""
        with self._database.reading(who.tenant) as session:
            authorize(session, self._clock, who, permission)
            if fresh:
                self._require_fresh(session, who)
            yield session

    @contextmanager
    def reading_together(
        self, everybody: Collection[Principal], permission: Permission
    ) -> Iterator[tuple[Session, Mapping[str, HubError]]]:
        """One reading session for people who look at the same rows of one partner.

        Nobody is waved through: the mapping tells, by session hash, who is refused and why, as
        `reading` would. What was read is for the others only. Raises ValueError for people of
        more than one partner, and for nobody.
        """
        (tenant,) = {who.tenant for who in everybody}
        with self._database.reading(tenant) as session:
            yield session, refused(session, self._clock, everybody, permission)

    @contextmanager
    def writing(
        self, who: Principal, permission: Permission, *, fresh: bool = False
    ) -> Iterator[Session]:
        """A transaction; raises what `reading` does before anything is written."""
        with self._database.transaction(who.tenant) as session:
            authorize(session, self._clock, who, permission, writes=True)
            if fresh:
                self._require_fresh(session, who)
            yield session

    @contextmanager
    def staff_reading(self, who: Principal, partner_id: str) -> Iterator[Session]:
        """A reading session of the partner's rows; raises NotSignedIn or Forbidden (not_staff)."""
        with self._database.reading(Tenant(partner_id)) as session:
            authorize_staff(session, self._clock, who)
            yield session

    @contextmanager
    def staff_writing(
        self, who: Principal, partner_id: str, *, fresh: bool = False
    ) -> Iterator[Session]:
        """The same as a transaction; nothing is written before the checks."""
        with self._database.transaction(Tenant(partner_id)) as session:
            authorize_staff(session, self._clock, who)
            if fresh:
                self._require_fresh(session, who)
            yield session

    @contextmanager
    def desk_reading(self, who: Principal, reason: str) -> Iterator[Session]:
        """A reading session of all partners' rows, for what has no partner yet (`reason`)."""
        with self._database.reading(Everything(f"desk: {reason}")) as session:
            authorize_staff(session, self._clock, who)
            yield session

    @contextmanager
    def desk_writing(self, who: Principal, reason: str) -> Iterator[Session]:
        """The same as a transaction, for what belongs to the operator."""
        with self._database.transaction(Everything(f"desk: {reason}")) as session:
            authorize_staff(session, self._clock, who)
            yield session

    def _require_fresh(self, session: Session, who: Principal) -> None:
        """Programs are not asked: a key has no password to be typed again."""
        if who.credential is not None:
            return
        asked = {"asked": who.session_hash}
        signed_in_at = session.execute(_SIGNED_IN_AT, asked).scalar_one()
        if not is_fresh(signed_in_at, self._clock.now(), self._fresh_for):
            raise FreshSignInNeeded


def authorize_staff(session: Session, clock: Clock, who: Principal) -> None:
    """Check the live session and the person's flag, as they are now.

    Raises NotSignedIn for a session that is revoked, expired or somebody else's; Forbidden
    (`not_staff`) without the flag, whatever the principal was loaded with.
    """
    login = session.execute(_STAFF, {"asked": who.session_hash}).one_or_none()
    if login is None or login.revoked_at is not None or login.expires_at <= clock.now():
        raise NotSignedIn
    if login.person_id != who.person_id:
        raise NotSignedIn
    if not login.is_staff:
        raise Forbidden(code="not_staff")


def authorize(
    session: Session,
    clock: Clock,
    who: Principal,
    permission: Permission,
    *,
    writes: bool = False,
) -> None:
    """Check the live session and membership, or the program's key, as they are now.

    Raises NotSignedIn for a revoked or expired session, or one that was switched to another
    partner; Forbidden when the membership is gone or its role does not allow `permission`.
    """
    if who.credential is not None:
        refusal = refusal_of(
            session,
            clock.now(),
            who.credential,
            who.tenant,
            permission=permission.value,
            writes=writes,
        )
        if refusal is not None:
            raise refusal
        return
    for refusal in refused(session, clock, [who], permission).values():
        raise refusal


def refused(
    session: Session, clock: Clock, everybody: Collection[Principal], permission: Permission
) -> dict[str, HubError]:
    """Whom `authorize` refuses, by session hash, and why; one statement for all of them.

    For people only: programs have no open pages.
    """
    asked = {who.session_hash for who in everybody}
    found = {login.id_hash: login for login in session.execute(_AUTHORITIES, {"asked": asked})}
    refusals, now = {}, clock.now()
    for who in everybody:
        refusal = _refusal(who, found.get(who.session_hash), permission, now)
        if refusal is not None:
            refusals[who.session_hash] = refusal
    return refusals


def _refusal(
    who: Principal, login: Row[Any] | None, permission: Permission, now: datetime
) -> HubError | None:
    """Why the person may not, from their session and their role at the partner as they are now."""
    if login is None or login.revoked_at is not None or login.expires_at <= now:
        return NotSignedIn()
    if login.person_id != who.person_id or login.partner_id != who.partner_id:
        return NotSignedIn(code="partner_switched")
    if login.role is None:
        return Forbidden(code="not_a_member")
    if permission not in _ALLOWED.get(login.role, frozenset()):
        return Forbidden(code="role_too_low", role=login.role, permission=permission.value)
    return None


# Built once. The session's scope lets no membership of another partner in.
_AUTHORITIES = (
    select(
        col(UserSession.id_hash),
        col(UserSession.person_id),
        col(UserSession.partner_id),
        col(UserSession.expires_at),
        col(UserSession.revoked_at),
        col(Membership.role),
    )
    .outerjoin_from(
        UserSession,
        Membership,
        and_(
            col(Membership.person_id) == col(UserSession.person_id),
            col(Membership.partner_id) == col(UserSession.partner_id),
            col(Membership.removed_at).is_(None),
        ),
    )
    .where(col(UserSession.id_hash).in_(bindparam("asked", expanding=True)))
)

_SIGNED_IN_AT = select(col(UserSession.authenticated_at)).where(
    col(UserSession.id_hash) == bindparam("asked")
)

_STAFF = (
    select(
        col(UserSession.person_id),
        col(UserSession.expires_at),
        col(UserSession.revoked_at),
        col(Person.is_staff),
    )
    .join_from(UserSession, Person, col(Person.id) == col(UserSession.person_id))
    .where(col(UserSession.id_hash) == bindparam("asked"))
)


def partner_of(session: Session, who: Principal, *, is_locked: bool = False) -> Partner:
    """The partner row behind a principal, inside an open gate; locked until the end, if asked."""
    partner = session.get(Partner, who.tenant.partner_id, with_for_update=is_locked)
    if partner is None:
        raise Forbidden(code="no_partner")
    return partner
