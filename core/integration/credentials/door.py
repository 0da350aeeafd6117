"""Where programs come in: a key or token becomes a principal, a password becomes tokens.

Finding out whose secret it is decides nothing: the gate reads key, user and token again in the
transaction of every act. So what was found is kept for a minute, and each minute's first use is
noted on the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, delete, select, update

from core.access import Principal
from core.clock import Clock
from core.errors import NotSignedIn
from core.integration.credentials import rules, secret_forms
from core.integration.credentials.secret_forms import Kind
from core.integration.credentials.views import Tokens
from core.partners.api_entities import ApiKey, ApiToken, SystemUser
from core.partners.entities import Partner
from core.ports import Database, Everything, Tenant
from core.programs import Credential
from core.secret_hash import hash_secret
from core.settings import Settings

_WHOSE = Everything("partner API: whose key, token or user name is this")
_KNOWN_FOR = timedelta(minutes=1)
_MOST_KNOWN = 10_000  # secrets; a thousand busy partners have fewer


@dataclass(frozen=True, slots=True)
class _Known:
    principal: Principal
    at: datetime


class ApiDoor:
    """One per process, for the partner API's routes."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._known: dict[str, _Known] = {}
        # What a login with an unknown name is compared with, so that it takes as long.
        self._nobody = secret_forms.hash_password(secret_forms.new_password())

    def principal(self, secret: str) -> Principal:
        """Whose key or access token it is; raises NotSignedIn for one nobody has."""
        hashed, now = hash_secret(secret), self._clock.now()
        known = self._known.get(hashed)
        if known is not None and timedelta() <= now - known.at < _KNOWN_FOR:
            return known.principal
        self._known.pop(hashed, None)
        found = self._find(secret, hashed, now)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[hashed] = _Known(found, now)
        return found

    def log_in(self, username: str, password: str) -> Tokens:
        """Tokens for a system user.

        Raises NotSignedIn: `invalid_credentials`, the same whatever is wrong, or
        `token_login_off` for a right password where the partner has switched it off.
        """
        with self._database.reading(_WHOSE) as session:
            name = SystemUser.username == rules.folded(username)
            user = session.exec(select(SystemUser).where(name)).one_or_none()
        stored = user.password_hash if user else self._nobody
        is_right = secret_forms.is_password(password, stored)
        if user is None or not is_right:
            raise NotSignedIn(code="invalid_credentials")
        return self._give(user.partner_id, user.id)

    def refresh(self, refresh_token: str) -> Tokens:
        """The next pair of tokens, once; the pair before ends. Raises NotSignedIn."""
        hashed, now = hash_secret(refresh_token), self._clock.now()
        with self._database.reading(_WHOSE) as session:
            token = session.exec(
                select(ApiToken).where(ApiToken.refresh_hash == hashed)
            ).one_or_none()
        if token is None or token.refresh_expires_at <= now or token.revoked_at is not None:
            raise NotSignedIn(code="invalid_credentials")
        return self._give(token.partner_id, token.system_user_id, instead_of=token.id_hash)

    def forget_expired(self) -> int:
        """Tokens that can bring nothing any more are deleted; how many."""
        over = col(ApiToken.refresh_expires_at) <= self._clock.now()
        with self._database.transaction(_WHOSE) as session:
            return int(session.execute(delete(ApiToken).where(over)).rowcount)  # type: ignore[attr-defined]

    def _find(self, secret: str, hashed: str, now: datetime) -> Principal:
        with self._database.reading(_WHOSE) as session:
            if secret.startswith(Kind.API_KEY):
                key = session.exec(select(ApiKey).where(ApiKey.key_hash == hashed)).one_or_none()
                if key is None or key.revoked_at is not None:
                    raise NotSignedIn(code="invalid_credentials")
                used: ApiKey | SystemUser = key
                who = _principal("key", key.id, key, key.name)
            elif secret.startswith(Kind.ACCESS):
                token, user = self._token(session, hashed, now)
                used = user
                who = _principal("token", token.id_hash, user, user.name or user.username)
            else:
                raise NotSignedIn(code="invalid_credentials")
        self._note_use(used, now)
        return who

    def _token(self, session: Session, hashed: str, now: datetime) -> tuple[ApiToken, SystemUser]:
        found = session.exec(
            select(ApiToken, SystemUser)
            .join(SystemUser, col(SystemUser.id) == ApiToken.system_user_id)
            .where(ApiToken.id_hash == hashed)
        ).one_or_none()
        if found is None:
            raise NotSignedIn(code="invalid_credentials")
        if found[0].expires_at <= now:
            raise NotSignedIn(code="token_expired")
        return found

    def _note_use(self, used: ApiKey | SystemUser, now: datetime) -> None:
        if used.last_used_at is not None and now - used.last_used_at < _KNOWN_FOR:
            return
        table = type(used)
        noted = update(table).where(col(table.id) == used.id).values(last_used_at=now)
        with self._database.transaction(Tenant(used.partner_id), waits_for_disk=False) as session:
            session.execute(noted)

    def _give(self, partner_id: str, user_id: str, instead_of: str = "") -> Tokens:
        access = secret_forms.new_secret(Kind.ACCESS)
        refresh = secret_forms.new_secret(Kind.REFRESH)
        now, settings = self._clock.now(), self._settings
        with self._database.transaction(Tenant(partner_id)) as session:
            self._require_allowed(session, partner_id, user_id)
            if instead_of:
                before = session.get(ApiToken, instead_of, with_for_update=True)
                if before is None:  # used by somebody else in the meantime
                    raise NotSignedIn(code="invalid_credentials")
                session.delete(before)
            session.add(
                ApiToken(
                    partner_id=partner_id,
                    id_hash=hash_secret(access),
                    refresh_hash=hash_secret(refresh),
                    system_user_id=user_id,
                    created_at=now,
                    expires_at=now + settings.api_token_lifetime,
                    refresh_expires_at=now + settings.api_refresh_lifetime,
                )
            )
        seconds = int(settings.api_token_lifetime.total_seconds())
        return Tokens(access_token=access, refresh_token=refresh, expires_in=seconds)

    def _require_allowed(self, session: Session, partner_id: str, user_id: str) -> None:
        user = session.get(SystemUser, user_id)
        if user is None or user.disabled_at is not None:
            raise NotSignedIn(code="invalid_credentials")
        if not session.get_one(Partner, partner_id).token_login:
            raise NotSignedIn(code="token_login_off")


def _principal(
    kind: Literal["key", "token"], id_: str, owner: ApiKey | SystemUser, name: str
) -> Principal:
    actor = "key" if kind == "key" else "user"
    return Principal(
        person_id=f"{actor}:{owner.id}",
        name=name,
        email="",
        session_hash=f"{kind}:{id_}",
        partner_id=owner.partner_id,
        role=None,
        credential=Credential(kind=kind, id=id_),
    )
