"""Owners make and end the credentials of their programs: API keys, system users, token login.

A secret is told once, by the verb that made it. What is revoked, disabled or removed is refused
at the program's next act.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from core.access import Gate, Permission, Principal, partner_of
from core.clock import Clock
from core.errors import Conflict, NotFound
from core.events import EventType, record
from core.integration.credentials import rules, secret_forms
from core.integration.credentials.views import KeyRow, NewKey, NewPassword, SystemUserRow
from core.partners.api_entities import EVERYTHING, ApiKey, ApiToken, SystemUser
from core.partners.entities import Person
from core.secret_hash import hash_secret

_MAY = Permission.SETTINGS


class Credentials:
    """All verbs of the Integration page about keys and system users; owners only."""

    def __init__(self, gate: Gate, clock: Clock) -> None:
        self._gate = gate
        self._clock = clock

    def keys(self, who: Principal) -> list[KeyRow]:
        """The partner's keys, the newest first; revoked ones as well."""
        with self._gate.reading(who, _MAY) as session:
            newest = (col(ApiKey.created_at).desc(), col(ApiKey.id))
            rows = session.exec(
                select(ApiKey).where(ApiKey.partner_id == who.tenant.partner_id).order_by(*newest)
            ).all()
            names = _names(session, rows)
            return [_key_row(row, names) for row in rows]

    def create_key(self, who: Principal, name: str, scopes: Iterable[str] = EVERYTHING) -> NewKey:
        """A key that works at once. Raises InvalidInput (name, scopes)."""
        secret = secret_forms.new_secret(secret_forms.Kind.API_KEY)
        with self._gate.writing(who, _MAY, fresh=True) as session:
            key = ApiKey(
                partner_id=who.tenant.partner_id,
                name=rules.name_of(name),
                key_hash=hash_secret(secret),
                prefix=secret_forms.shown(secret),
                scopes=rules.scopes_of(scopes),
                created_by=who.person_id,
                created_at=self._clock.now(),
            )
            session.add(key)
            session.flush()
            self._tell(session, EventType.API_KEY_MADE, who, ("api_key", key.id), name=key.name)
            return NewKey(row=_key_row(key, _names(session, [key])), secret=secret)

    def revoke_key(self, who: Principal, key_id: str) -> None:
        """The key opens nothing any more, for good. Raises NotFound."""
        with self._gate.writing(who, _MAY) as session:
            key = session.get(ApiKey, key_id)
            if key is None:
                raise NotFound("no such key", key_id=key_id)
            if key.revoked_at is None:
                key.revoked_at = self._clock.now()
                self._tell(
                    session, EventType.API_KEY_REVOKED, who, ("api_key", key.id), name=key.name
                )

    def system_users(self, who: Principal) -> list[SystemUserRow]:
        """The partner's system users by user name."""
        with self._gate.reading(who, _MAY) as session:
            own = SystemUser.partner_id == who.tenant.partner_id
            rows = session.exec(select(SystemUser).where(own).order_by(SystemUser.username)).all()
            names = _names(session, rows)
            return [_user_row(row, names) for row in rows]

    def create_system_user(
        self, who: Principal, username: str, name: str = "", scopes: Iterable[str] = EVERYTHING
    ) -> NewPassword:
        """A user with a password.

        Raises InvalidInput (username, scopes), Conflict (username_taken):
        user names are unique in the whole hub, for a token is asked for without naming a partner.
        """
        password = secret_forms.new_password()
        password_hash = secret_forms.hash_password(password)  # slow: outside the transaction
        now = self._clock.now()
        user = SystemUser(
            partner_id=who.tenant.partner_id,
            username=rules.username_of(username),
            name=name.strip()[:120],
            password_hash=password_hash,
            scopes=rules.scopes_of(scopes),
            created_by=who.person_id,
            created_at=now,
            password_at=now,
        )
        try:
            with self._gate.writing(who, _MAY, fresh=True) as session:
                session.add(user)
                session.flush()
                self._tell_user(session, EventType.SYSTEM_USER_MADE, who, user)
                return NewPassword(row=_user_row(user, _names(session, [user])), password=password)
        except IntegrityError as error:
            raise Conflict(code="username_taken", field="username") from error

    def reset_password(self, who: Principal, user_id: str) -> NewPassword:
        """A new password; the old one and all tokens are good for nothing. Raises NotFound."""
        password = secret_forms.new_password()
        password_hash = secret_forms.hash_password(password)
        with self._gate.writing(who, _MAY, fresh=True) as session:
            user = self._user(session, user_id)
            user.password_hash, user.password_at = password_hash, self._clock.now()
            _end_tokens(session, user)
            self._tell_user(session, EventType.SYSTEM_USER_CHANGED, who, user, password="new")  # noqa: S106
            return NewPassword(row=_user_row(user, _names(session, [user])), password=password)

    def disable_system_user(self, who: Principal, user_id: str) -> None:
        """Its password and tokens open nothing until it is enabled again. Raises NotFound."""
        with self._gate.writing(who, _MAY) as session:
            user = self._user(session, user_id)
            if user.disabled_at is None:
                user.disabled_at = self._clock.now()
                self._tell_user(session, EventType.SYSTEM_USER_CHANGED, who, user, disabled=True)

    def enable_system_user(self, who: Principal, user_id: str) -> None:
        """Its password is good again. Raises NotFound."""
        with self._gate.writing(who, _MAY, fresh=True) as session:
            user = self._user(session, user_id)
            if user.disabled_at is not None:
                user.disabled_at = None
                self._tell_user(session, EventType.SYSTEM_USER_CHANGED, who, user, disabled=False)

    def delete_system_user(self, who: Principal, user_id: str) -> None:
        """The user is gone with its tokens, and the name is free again. Raises NotFound."""
        with self._gate.writing(who, _MAY) as session:
            user = self._user(session, user_id)
            _end_tokens(session, user)
            self._tell_user(session, EventType.SYSTEM_USER_REMOVED, who, user)
            session.delete(user)

    def token_login(self, who: Principal) -> bool:
        """Whether system users may ask for tokens."""
        with self._gate.reading(who, _MAY) as session:
            return partner_of(session, who).token_login

    def set_token_login(self, who: Principal, is_on: bool) -> None:
        """Off: nobody gets a token, and those given are refused until it is on again."""
        # Off is for an emergency: nothing stands in its way.
        with self._gate.writing(who, _MAY, fresh=is_on) as session:
            partner = partner_of(session, who)
            if partner.token_login == is_on:
                return
            partner.token_login = is_on
            subject = ("integration", partner.id)
            told: dict[str, Any] = {"field": "token_login", "before": not is_on, "after": is_on}
            self._tell(session, EventType.INTEGRATION_CHANGED, who, subject, **told)

    def _user(self, session: Session, user_id: str) -> SystemUser:
        user = session.get(SystemUser, user_id)
        if user is None:
            raise NotFound("no such system user", user_id=user_id)
        return user

    def _tell_user(
        self, session: Session, type_: EventType, who: Principal, user: SystemUser, **data: Any
    ) -> None:
        subject = ("system_user", user.id)
        self._tell(session, type_, who, subject, username=user.username, **data)

    def _tell(
        self,
        session: Session,
        type_: EventType,
        who: Principal,
        subject: tuple[str, str],
        **data: Any,
    ) -> None:
        record(
            session,
            self._clock,
            type_,
            partner_id=who.tenant.partner_id,
            subject=subject,
            actor=who.person_id,
            data=data,
        )


def _end_tokens(session: Session, user: SystemUser) -> None:
    session.execute(delete(ApiToken).where(col(ApiToken.system_user_id) == user.id))


def _names(session: Session, rows: Iterable[ApiKey | SystemUser]) -> dict[str, str]:
    ids = {row.created_by for row in rows}
    found = select(Person.id, Person.name).where(col(Person.id).in_(ids))
    return dict(session.exec(found).all()) if ids else {}


def _key_row(key: ApiKey, names: dict[str, str]) -> KeyRow:
    return KeyRow(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=tuple(key.scopes),
        created_by=names.get(key.created_by, key.created_by),
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )


def _user_row(user: SystemUser, names: dict[str, str]) -> SystemUserRow:
    return SystemUserRow(
        id=user.id,
        username=user.username,
        name=user.name,
        scopes=tuple(user.scopes),
        created_by=names.get(user.created_by, user.created_by),
        created_at=user.created_at,
        password_at=user.password_at,
        last_used_at=user.last_used_at,
        disabled_at=user.disabled_at,
    )
