"""What owners see of their programs' credentials; a secret is in a `New...` value only, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One API key; `prefix` are its first letters."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_by: str  # a person's name, or an actor such as "hub"
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made; `secret` is never told again."""

    row: KeyRow
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUserRow:
    """One system user."""

    id: str
    username: str
    name: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    password_at: datetime  # when the password was made
    last_used_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A system user with a password just made, which is never told again."""

    row: SystemUserRow
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a token login gives; `expires_in` in *seconds*."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
