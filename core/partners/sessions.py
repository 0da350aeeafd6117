"""Sessions of signed-in browsers: who is it, for which partner, until when.

The cookie's secret is known to the browser only; the table has its hash. Whoever reads a session
here gets a `Principal`; what that one may do is checked again at every act (`core.access`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from core.access import Principal
from core.clock import Clock
from core.errors import NotFound, NotSignedIn
from core.events import EventType, record
from core.partners.entities import Membership, Partner, Person, UserSession
from core.partners.memberships import home_of, membership_of
from core.partners.rules import session_has_ended
from core.ports import Database, Everything, Vault
from core.secret_hash import hash_secret
from core.settings import Settings

# One write a minute and session is enough to tell idle from used, and cheap for busy pages.
_SEEN_EVERY = timedelta(minutes=1)
_AT_ONCE = 500
_WHOSE = Everything("sign-in: whose session is this")
_WHICH = Everything("sign-in: which partners does this person work for")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSummary:
    """A partner as the switcher shows it."""

    id: str
    brand_name: str
    logo_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """One of a person's signed-in browsers; `id` is the hash, good for revoking only."""

    id: str
    user_agent: str
    ip: str
    created_at: datetime
    last_seen_at: datetime
    is_this_one: bool


class Sessions:
    """Reads, ends and moves sessions."""

    def __init__(self, database: Database, clock: Clock, vault: Vault, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._settings = settings

    def principal(self, session_secret: str) -> Principal:
        """Who the cookie's secret belongs to; raises NotSignedIn for an unknown or ended session.

        Somebody who was removed from the session's partner goes on with another one of theirs.
        """
        id_hash = hash_secret(session_secret)
        with self._database.reading(_WHOSE) as session:
            login, person = self._live(session, id_hash)
            membership = membership_of(session, person.id, login.partner_id)
            is_at_home = membership is not None or (login.partner_id is None and person.is_staff)
            if is_at_home and self._clock.now() - login.last_seen_at < _SEEN_EVERY:
                return principal_of(login, person, membership)
        return self._seen(id_hash)

    def memberships(self, who: Principal) -> list[tuple[PartnerSummary, str]]:
        """The partners the person works for, with the role there, by brand name."""
        with self._database.reading(_WHICH) as session:
            self._live(session, who.session_hash)
            rows = session.exec(
                select(Partner, Membership.role)
                .join(Membership, col(Membership.partner_id) == Partner.id)
                .where(Membership.person_id == who.person_id, col(Membership.removed_at).is_(None))
                .order_by(col(Partner.brand_name), col(Partner.id))
            ).all()
        return [(_summary(partner), role) for partner, role in rows]

    def switch_partner(self, who: Principal, partner_id: str) -> Principal:
        """The session, in all its tabs, works for another partner now.

        Raises NotSignedIn, or NotFound for a partner that is unknown or not the person's.
        """
        with self._database.transaction(_WHICH) as session:
            login, person = self._live(session, who.session_hash)
            membership = membership_of(session, person.id, partner_id)
            if membership is None:
                raise NotFound("no such partner", partner_id=partner_id)
            login.partner_id = partner_id
            self._touch(session, login, membership)
            self._note(session, EventType.PARTNER_SWITCHED, login)
            return principal_of(login, person, membership)

    def sign_out(self, who: Principal) -> str:
        """The session is over; returns the id_token as a hint for the provider, or ""."""
        with self._database.transaction(_WHOSE) as session:
            login, _ = self._live(session, who.session_hash)
            login.revoked_at = self._clock.now()
            self._note(session, EventType.SIGNED_OUT, login)
            sealed = login.id_token
            login.id_token = ""
        return self._open_hint(sealed, who.session_hash)

    def sessions(self, who: Principal) -> list[SessionSummary]:
        """The person's live sessions, the last used one first."""
        now = self._clock.now()
        with self._database.reading(_WHOSE) as session:
            self._live(session, who.session_hash)
            logins = session.exec(
                select(UserSession)
                .where(
                    UserSession.person_id == who.person_id, col(UserSession.revoked_at).is_(None)
                )
                .order_by(col(UserSession.last_seen_at).desc())
            ).all()
        return [_session_summary(x, who) for x in logins if not self._has_ended(x, now)]

    def sign_out_elsewhere(self, who: Principal) -> list[str]:
        """Every other session of the person is over, with its open pages; returns their ids."""
        with self._database.transaction(_WHOSE) as session:
            self._live(session, who.session_hash)
            return self._revoke(session, who, col(UserSession.id_hash) != who.session_hash)

    def revoke(self, who: Principal, session_id: str) -> list[str]:
        """One session of the person's own is over, with its open pages; raises NotFound for any
        other id."""
        with self._database.transaction(_WHOSE) as session:
            self._live(session, who.session_hash)
            ended = self._revoke(session, who, col(UserSession.id_hash) == session_id)
        if not ended:
            raise NotFound("no such session")
        return ended

    def look_after(self, opened: Sequence[str], used: Collection[str]) -> list[str]:
        """The sessions in `used` were seen now; returns which of `opened` are over (ids)."""
        now = self._clock.now()
        over: list[str] = []
        for start in range(0, len(opened), _AT_ONCE):
            some = opened[start : start + _AT_ONCE]
            with self._database.transaction(_WHOSE) as session:
                logins = session.exec(
                    select(UserSession).where(col(UserSession.id_hash).in_(some))
                ).all()
                live = {x.id_hash: x for x in logins if not self._has_ended(x, now)}
                for id_hash in live.keys() & used:
                    login = live[id_hash]
                    self._touch(
                        session, login, membership_of(session, login.person_id, login.partner_id)
                    )
            over += [id_hash for id_hash in some if id_hash not in live]
        return over

    def _revoke(self, session: Session, who: Principal, which: ColumnElement[bool]) -> list[str]:
        ended = session.exec(
            update(UserSession)
            .where(_is_own(who), col(UserSession.revoked_at).is_(None), which)
            .values(revoked_at=self._clock.now(), id_token="")
            .returning(col(UserSession.id_hash), col(UserSession.partner_id))
        ).all()
        for id_hash, partner_id in ended:
            if partner_id is not None:
                self._tell_revoked(session, who, id_hash, partner_id)
        return [id_hash for id_hash, _ in ended]

    def _tell_revoked(self, session: Session, who: Principal, id_hash: str, partner: str) -> None:
        """Told of a session, not of a person: this is what ends its pages (`ui.sessions`)."""
        record(
            session,
            self._clock,
            EventType.SESSION_REVOKED,
            partner_id=partner,
            subject=("session", id_hash),
            actor=who.person_id,
        )

    def _live(self, session: Session, id_hash: str) -> tuple[UserSession, Person]:
        login = session.get(UserSession, id_hash)
        if login is None or self._has_ended(login, self._clock.now()):
            raise NotSignedIn
        person = session.get(Person, login.person_id)
        if person is None:
            raise NotSignedIn
        return login, person

    def _has_ended(self, login: UserSession, now: datetime) -> bool:
        return session_has_ended(
            now,
            last_seen_at=login.last_seen_at,
            expires_at=login.expires_at,
            revoked_at=login.revoked_at,
            idle=self._settings.session_idle,
        )

    def _seen(self, id_hash: str) -> Principal:
        with self._database.transaction(_WHOSE) as session:
            login, person = self._live(session, id_hash)
            membership = membership_of(session, person.id, login.partner_id)
            if membership is None:
                membership = home_of(session, person.id)
                login.partner_id = membership.partner_id if membership else None
            if membership is None and not person.is_staff:
                raise NotSignedIn(code="no_membership")
            self._touch(session, login, membership)
            return principal_of(login, person, membership)

    def _touch(self, session: Session, login: UserSession, membership: Membership | None) -> None:
        login.last_seen_at = self._clock.now()
        if membership is not None:
            membership.last_seen_at = login.last_seen_at
            session.add(membership)
        session.add(login)

    def _note(self, session: Session, type_: EventType, login: UserSession) -> None:
        """The partner's audit; a session without a partner has none to tell."""
        if login.partner_id is not None:
            record(
                session,
                self._clock,
                type_,
                partner_id=login.partner_id,
                subject=("person", login.person_id),
                actor=login.person_id,
            )

    def _open_hint(self, sealed: str, id_hash: str) -> str:
        if not sealed:
            return ""
        try:
            return self._vault.open(sealed, context=hint_context(id_hash))
        except ValueError:
            return ""  # the key is gone: the provider asks the person instead


def _is_own(who: Principal) -> ColumnElement[bool]:
    return col(UserSession.person_id) == who.person_id


def principal_of(login: UserSession, person: Person, membership: Membership | None) -> Principal:
    """The value that pages carry around."""
    return Principal(
        person_id=person.id,
        name=person.name,
        email=person.email,
        session_hash=login.id_hash,
        partner_id=membership.partner_id if membership else None,
        role=membership.role if membership else None,
        is_staff=person.is_staff,
    )


def hint_context(id_hash: str) -> str:
    """Where the sealed id_token belongs."""
    return f"user_session.id_token.{id_hash}"


def _summary(partner: Partner) -> PartnerSummary:
    return PartnerSummary(id=partner.id, brand_name=partner.brand_name, logo_hash=partner.logo_hash)


def _session_summary(login: UserSession, who: Principal) -> SessionSummary:
    return SessionSummary(
        id=login.id_hash,
        user_agent=login.user_agent,
        ip=login.ip,
        created_at=login.created_at,
        last_seen_at=login.last_seen_at,
        is_this_one=login.id_hash == who.session_hash,
    )
