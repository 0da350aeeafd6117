"""The people of a partner as sentences: who works here, who is invited, in which role.

Owners only (`Permission.USERS`); what changes roles wants a fresh sign-in as well. The page behind
an invitation's link is for whoever holds the link, and tells but does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.access import Gate, Permission, Principal
from core.clock import Clock
from core.errors import Forbidden
from core.partners import invitations, members
from core.partners.entities import Partner, Person, Role
from core.partners.invitation_links import InvitationLinks, known
from core.partners.invitation_mails import InvitationMails
from core.partners.invitation_rules import InvitationState, address_of, name_of, role_of, state_of
from core.partners.invitations import Asked, InvitationView
from core.partners.members import MemberView
from core.ports import Database, Everything, Jobs, Mailer
from core.secret_hash import hash_secret
from core.settings import Settings

_BY_LINK = Everything("invitations: whose link is this")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersView:
    """Everything on the page."""

    members: tuple[MemberView, ...]
    invitations: tuple[InvitationView, ...]
    owners_may_remove: bool  # otherwise Support does


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What the link of an invitation says; an end of it tells less."""

    state: InvitationState
    partner_name: str
    logo_hash: str
    invited_by: str
    role: Role
    email: str
    expires_at: datetime


class Users:
    """All verbs of the Users page."""

    def __init__(
        self,
        *,
        gate: Gate,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        mailer: Mailer,
        settings: Settings,
    ) -> None:
        """Makes its durable work known to the jobs, which must not have been started yet."""
        self._gate = gate
        self._database = database
        self._clock = clock
        self._lifetime = settings.invitation_lifetime
        self._owners_may_remove = settings.owners_may_remove_users
        self._links = InvitationLinks(settings)
        self._mails = InvitationMails(
            database=database,
            clock=clock,
            jobs=jobs,
            mailer=mailer,
            links=self._links,
            settings=settings,
        )

    def everybody(self, who: Principal) -> UsersView:
        """Owners first; below them who is invited."""
        with self._gate.reading(who, Permission.USERS) as session:
            partner_id = who.tenant.partner_id
            return UsersView(
                members=tuple(members.members(session, partner_id)),
                invitations=tuple(invitations.waiting(session, partner_id, self._clock.now())),
                owners_may_remove=self._owners_may_remove,
            )

    def invite(self, who: Principal, *, name: str, email: str, role: str) -> InvitationView:
        """A mail with a link is on its way, good for seven days.

        Raises InvalidInput (name, email, role), Conflict: works_here, already_invited,
        too_many_invitations.
        """
        asked = Asked(name=name_of(name), email=address_of(email), role=role_of(role))
        with self._changing(who) as session:
            invitation = invitations.invite(
                session,
                self._clock,
                self._links,
                partner_id=who.tenant.partner_id,
                asked=asked,
                by=who.person_id,
                lifetime=self._lifetime,
            )
            self._mails.enqueue(session, invitation)
            return invitations.view_of(invitation, who.name, self._clock.now())

    def send_again(self, who: Principal, invitation_id: str) -> InvitationView:
        """A new mail, whose link is the only good one. Raises NotFound, Conflict:
        invitation_accepted, invitation_withdrawn, sent_too_often."""
        with self._changing(who) as session:
            invitation = invitations.send_again(
                session,
                self._clock,
                self._links,
                invitation_id,
                by=who.person_id,
                lifetime=self._lifetime,
            )
            self._mails.enqueue(session, invitation)
            return invitations.view_of(invitation, who.name, self._clock.now())

    def withdraw(self, who: Principal, invitation_id: str) -> None:
        """Its link is dead; less is allowed than before, so nobody has to sign in anew for it.
        Raises NotFound, Conflict: invitation_accepted, invitation_withdrawn."""
        with self._gate.writing(who, Permission.USERS) as session:
            invitations.withdraw(session, self._clock, invitation_id, by=who.person_id)

    def change_role(self, who: Principal, person_id: str, role: str) -> None:
        """Their open pages start again. Raises NotFound, InvalidInput, Conflict (`last_owner`)."""
        wanted = role_of(role)
        with self._changing(who) as session:
            members.change_member_role(
                session,
                self._clock,
                who.tenant.partner_id,
                person_id,
                wanted,
                by=who.person_id,
            )

    def remove(self, who: Principal, person_id: str) -> None:
        """Their open pages stop. Raises Forbidden (`removal_by_support`) unless the operator lets
        owners do it, NotFound, Conflict (`last_owner`)."""
        with self._changing(who) as session:
            self._require_removal_by_owners()
            partner_id = who.tenant.partner_id
            members.remove_member(session, self._clock, partner_id, person_id, by=who.person_id)

    def landing(self, token: str) -> Landing:
        """What the holder of a link may know. Raises NotFound (`invitation_unknown`)."""
        with self._database.reading(_BY_LINK) as session:
            invitation = known(session, hash_secret(token))
            partner = session.get_one(Partner, invitation.partner_id)
            inviter = session.get(Person, invitation.invited_by)
            return Landing(
                state=state_of(invitation, self._clock.now()),
                partner_name=partner.brand_name,
                logo_hash=partner.logo_hash,
                invited_by=inviter.name if inviter else "",
                role=Role(invitation.role),
                email=invitation.email,
                expires_at=invitation.expires_at,
            )

    @contextmanager
    def _changing(self, who: Principal) -> Iterator[Session]:
        with self._gate.writing(who, Permission.USERS, fresh=True) as session:
            yield session

    def _require_removal_by_owners(self) -> None:
        if not self._owners_may_remove:
            raise Forbidden(code="removal_by_support")
