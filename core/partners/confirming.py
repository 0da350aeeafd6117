"""A session is made fresh again: the same person has just signed in at the provider once more.

The session stays the one it was, so nothing that is open in its tabs is lost. Somebody else's
answer is refused, and so is one for which the provider asked nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from core.access import Principal
from core.errors import Forbidden, InvalidInput
from core.events import EventType
from core.fresh import auth_time_of, is_fresh
from core.partners.entities import Identity, UserSession
from core.partners.memberships import membership_of
from core.partners.sessions import Sessions, hint_context, principal_of
from core.ports import Everything

_WHOSE = Everything("sign-in: is it the same person")
_ID_TOKEN_LENGTH = 8000


class Confirming(Sessions):
    """Sessions, and how one becomes fresh."""

    def is_fresh(self, who: Principal) -> bool:
        """Whether money, secrets and roles may be changed without signing in again now.

        Raises NotSignedIn.
        """
        with self._database.reading(_WHOSE) as session:
            login, _ = self._live(session, who.session_hash)
            return self._is_fresh(login)

    def confirm(self, claims: Mapping[str, Any], id_token: str, session_hash: str) -> Principal:
        """The session is fresh, as of the moment at which the provider asked its person.

        Raises NotSignedIn, Forbidden (`confirm_other_person`), InvalidInput (`confirm_stale`).
        """
        now = self._clock.now()
        with self._database.transaction(_WHOSE) as session:
            login, person = self._live(session, session_hash)
            _require_same(session, claims, person.id)
            login.authenticated_at = auth_time_of(claims, now)
            if not self._is_fresh(login):
                raise InvalidInput(code="confirm_stale")
            login.id_token = self._seal_hint(id_token, session_hash)
            membership = membership_of(session, person.id, login.partner_id)
            self._touch(session, login, membership)
            self._note(session, EventType.SIGN_IN_CONFIRMED, login)
            return principal_of(login, person, membership)

    def _is_fresh(self, login: UserSession) -> bool:
        limit = self._settings.fresh_sign_in
        return is_fresh(login.authenticated_at, self._clock.now(), limit)

    def _seal_hint(self, id_token: str, id_hash: str) -> str:
        if not id_token:
            return ""
        sealed = self._vault.seal(id_token, context=hint_context(id_hash))
        return sealed if len(sealed) <= _ID_TOKEN_LENGTH else ""


def _require_same(session: Session, claims: Mapping[str, Any], person_id: str) -> None:
    """Whose answer this is, the identity says; the address may be anybody's by now."""
    found = select(Identity.person_id).where(
        Identity.issuer == str(claims["iss"]), Identity.subject == str(claims["sub"])
    )
    if session.exec(found).one_or_none() != person_id:
        raise Forbidden(code="confirm_other_person")
