"""Partners: their profile, the brand that clients see, and who is invited.

Verbs that take a principal check it in the database; `create_partner` and `invite_first_owner`
are the operator's own (command line, demo data) and are not reachable from any page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select, update

from core.access import Gate, Permission, Principal, partner_of
from core.clock import Clock
from core.errors import InvalidInput, NotFound
from core.partners.entities import Identity, Invitation, Partner, Person, Role, UserSession
from core.partners.members import MemberView, members
from core.partners.rules import normalise_email
from core.ports import Database, Everything, Tenant

_OPERATOR = Everything("the operator sets up a partner or a staff member")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What anybody with a partner's link may see of the partner."""

    id: str
    brand_name: str
    logo_hash: str
    brand_color: str


class Partners:
    """What partners know and set about themselves."""

    def __init__(
        self,
        gate: Gate,
        database: Database,
        clock: Clock,
        *,
        invitation_lifetime: timedelta = timedelta(days=7),
    ) -> None:
        self._gate = gate
        self._database = database
        self._clock = clock
        self._invitation_lifetime = invitation_lifetime

    def profile(self, who: Principal) -> Partner:
        """The partner's row, detached; raises NotSignedIn or Forbidden (owners only)."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            partner = partner_of(session, who)
            session.expunge(partner)
        return partner

    def members(self, who: Principal) -> list[MemberView]:
        """Everybody who works for the partner, owners first. Raises NotSignedIn or Forbidden."""
        with self._gate.reading(who, Permission.USERS) as session:
            return members(session, who.tenant.partner_id)

    def public_brand(self, partner_id: str) -> Brand:
        """For pages without a login; raises NotFound. A blocked partner has a brand, too."""
        with self._database.reading(Tenant(partner_id)) as session:
            partner = session.get(Partner, partner_id)
            if partner is None:
                raise NotFound("no such partner", partner_id=partner_id)
            return Brand(
                id=partner.id,
                brand_name=partner.brand_name,
                logo_hash=partner.logo_hash,
                brand_color=partner.brand_color,
            )

    def ready(self) -> None:
        """Returns if the database answers; raises Unavailable."""
        with self._database.reading(Everything("readiness: does the database answer")) as session:
            session.exec(select(1)).one()

    def create_partner(self, *, brand_name: str, **values: Any) -> Partner:
        """A new partner without people; `values` are columns of `Partner`."""
        if not brand_name.strip():
            raise InvalidInput("a partner needs a name", field="brand_name")
        partner = Partner(brand_name=brand_name.strip(), created_at=self._clock.now(), **values)
        with self._database.transaction(_OPERATOR) as session:
            session.add(partner)
        return partner

    def invite_first_owner(
        self, partner_id: str, *, email: str, name: str = "", role: Role = Role.OWNER
    ) -> Invitation:
        """The operator's invitation into a partner that has nobody yet who could invite."""
        with self._database.transaction(Tenant(partner_id)) as session:
            if session.get(Partner, partner_id) is None:
                raise NotFound("no such partner", partner_id=partner_id)
            return self._invite(session, partner_id, email, name, role)

    def add_staff(self, *, issuer: str, subject: str, name: str, email: str) -> Person:
        """A member of the operator's staff, known by the provider's subject; no partner needed.

        Whoever signs in with it already, as a partner's owner or so, is staff as well from now on.
        """
        now = self._clock.now()
        with self._database.transaction(_OPERATOR) as session:
            person = _known_as(session, issuer, subject)
            if person is None:
                person = Person(name=name, email=email, created_at=now)
                session.add(person)
                session.flush()
                session.add(
                    Identity(issuer=issuer, subject=subject, person_id=person.id, created_at=now)
                )
            person.is_staff = True
            session.add(person)
        return person

    def remove_staff(self, *, issuer: str, subject: str) -> tuple[Person, list[str]]:
        """Not staff any more, and signed out everywhere; with the ids of the sessions that ended,
        for whoever tells their open pages. Raises NotFound.
        """
        with self._database.transaction(_OPERATOR) as session:
            person = _known_as(session, issuer, subject)
            if person is None or not person.is_staff:
                raise NotFound("no such member of staff", subject=subject)
            person.is_staff = False
            session.add(person)
            ended = session.exec(
                update(UserSession)
                .where(col(UserSession.person_id) == person.id)
                .where(col(UserSession.revoked_at).is_(None))
                .values(revoked_at=self._clock.now(), id_token="")
                .returning(col(UserSession.id_hash))
            ).all()
        return person, [id_hash for (id_hash,) in ended]

    def _invite(
        self, session: Session, partner_id: str, email: str, name: str, role: Role
    ) -> Invitation:
        now = self._clock.now()
        invitation = Invitation(
            partner_id=partner_id,
            email=normalise_email(email),
            name=name.strip()[:200],
            role=Role(role).value,
            created_at=now,
            expires_at=now + self._invitation_lifetime,
        )
        session.add(invitation)
        session.flush()
        return invitation


def _known_as(session: Session, issuer: str, subject: str) -> Person | None:
    found = select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    identity = session.exec(found).one_or_none()
    return session.get(Person, identity.person_id) if identity else None
