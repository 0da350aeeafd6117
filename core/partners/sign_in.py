"""From the trip to the OpenID provider to a session: begin, claim, complete.

An attempt is a row that works once, for ten minutes, in the browser that began it. A person is
(issuer, subject); a verified e-mail opens invitations and nothing else. The HTTP is in `ui.login`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete, update

from core.access import Principal
from core.errors import Forbidden, InvalidInput
from core.events import EventType
from core.fresh import auth_time_of
from core.partners.confirming import Confirming
from core.partners.entities import LoginAttempt, Membership, Person, UserSession
from core.partners.following import followed
from core.partners.memberships import admit, home_of, membership_of
from core.partners.rules import safe_next
from core.partners.sessions import principal_of
from core.ports import Everything
from core.secret_hash import hash_secret

_LOGIN = Everything("sign-in: nobody is signed in yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStart:
    """What goes to the provider; `verifier` stays with us until the code is exchanged."""

    state: str
    nonce: str
    verifier: str
    challenge: str  # S256 of the verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLogin:
    """An attempt that has come back; nobody else can claim it any more."""

    nonce: str
    verifier: str
    next_path: str
    confirms: str = ""  # the session that is to be fresh again; then nobody new is signed in
    invitation_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a session lives; `old_secret` is the cookie it had before, whose session ends."""

    user_agent: str = ""
    ip: str = ""
    old_secret: str = ""


class SignIn(Confirming):
    """Sessions, and the way to one."""

    def begin(
        self,
        next_path: str | None,
        browser_secret: str,
        *,
        confirms: str = "",
        invitation: str = "",
    ) -> LoginStart:
        """An open attempt of this browser; where it leads is made safe here.

        `confirms` is a session that is to be fresh again, `invitation` the token of a link.
        """
        now = self._clock.now()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        attempt = LoginAttempt(
            state_hash=hash_secret(state),
            browser_hash=hash_secret(browser_secret),
            nonce=nonce,
            verifier=verifier,
            next_path=safe_next(next_path),
            confirms=confirms,
            invitation_hash=hash_secret(invitation) if invitation else "",
            created_at=now,
        )
        with self._database.transaction(_LOGIN) as session:
            # Old rows go when new ones come, so the table stays as small as an hour's logins.
            old = now - 6 * self._settings.login_lifetime
            session.exec(delete(LoginAttempt).where(col(LoginAttempt.created_at) < old))
            session.add(attempt)
        return LoginStart(state=state, nonce=nonce, verifier=verifier, challenge=_s256(verifier))

    def claim(self, state: str, browser_secret: str) -> ClaimedLogin:
        """The attempt behind an answer, used up by this.

        Raises InvalidInput (`login_not_open`) for a missing, unknown, used or expired state and
        for one of another browser: from outside they are the same.
        """
        if not state or not browser_secret:
            raise InvalidInput(code="login_not_open")
        now = self._clock.now()
        with self._database.transaction(_LOGIN) as session:
            # One guarded UPDATE decides: of twenty equal answers at once, one gets the row.
            claimed = session.exec(
                update(LoginAttempt)
                .where(
                    col(LoginAttempt.state_hash) == hash_secret(state),
                    col(LoginAttempt.browser_hash) == hash_secret(browser_secret),
                    col(LoginAttempt.used_at).is_(None),
                    col(LoginAttempt.created_at) > now - self._settings.login_lifetime,
                )
                .values(used_at=now)
                .returning(*(getattr(LoginAttempt, name) for name in _CLAIMED))
            ).one_or_none()
        if claimed is None:
            raise InvalidInput(code="login_not_open")
        return ClaimedLogin(**dict(zip(_CLAIMED, claimed, strict=True)))

    def complete(
        self,
        claims: Mapping[str, Any],
        id_token: str,
        browser: Browser,
        *,
        invitation_hash: str = "",
    ) -> tuple[str, Principal]:
        """A new session of the person whom the checked claims name: (cookie secret, principal).

        It works for the partner of the invitation whose link was followed. Raises as `followed`,
        and Forbidden (`not_invited`) for a person with neither a membership nor an open
        invitation; nothing is kept of them then.
        """
        now = self._clock.now()
        # Always a new id: a cookie planted before the login is worth nothing after it.
        secret = secrets.token_urlsafe(32)
        id_hash = hash_secret(secret)
        with self._database.transaction(_LOGIN) as session:
            person, membership = self._admitted(session, claims, invitation_hash)
            if membership is None and not person.is_staff:
                raise Forbidden(code="not_invited", email=person.email)
            login = UserSession(
                id_hash=id_hash,
                person_id=person.id,
                partner_id=membership.partner_id if membership else None,
                id_token=self._seal_hint(id_token, id_hash),
                user_agent=_printable(browser.user_agent)[:300],
                ip=browser.ip[:45],
                created_at=now,
                authenticated_at=auth_time_of(claims, now),
                last_seen_at=now,
                expires_at=now + self._settings.session_lifetime,
            )
            self._touch(session, login, membership)
            self._note(session, EventType.SIGNED_IN, login)
            self._end_replaced(session, browser.old_secret)
            return secret, principal_of(login, person, membership)

    def _admitted(
        self, session: Session, claims: Mapping[str, Any], invitation_hash: str
    ) -> tuple[Person, Membership | None]:
        if not invitation_hash:
            person = admit(session, self._clock, claims)
            return person, home_of(session, person.id)
        partner_id = followed(session, self._clock, invitation_hash, claims).partner_id
        person = admit(session, self._clock, claims, link=invitation_hash)
        return person, membership_of(session, person.id, partner_id)

    def _end_replaced(self, session: Session, secret: str) -> None:
        if secret:
            session.exec(
                update(UserSession)
                .where(
                    col(UserSession.id_hash) == hash_secret(secret),
                    col(UserSession.revoked_at).is_(None),
                )
                .values(revoked_at=self._clock.now(), id_token="")
            )


# Of the attempt's row, by the names that `ClaimedLogin` has for them.
_CLAIMED = ("nonce", "verifier", "next_path", "confirms", "invitation_hash")


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
