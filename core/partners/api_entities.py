"""How a partner's programs sign in: API keys, system users and the tokens those are given.

Secrets are stored hashed only. A key or user that is revoked, disabled or gone is refused at the
next act, whatever was looked up before (`core.access` reads these rows again).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from core.columns import PartnerOwned, new_key, utc_field


class ApiScope(StrEnum):
    """What a program may do, named like the permissions; `:read` may look and not change."""

    ACCOUNTS = "accounts"
    ACCOUNTS_READ = "accounts:read"
    SETTINGS = "settings"
    SETTINGS_READ = "settings:read"
    USERS = "users"
    USERS_READ = "users:read"
    BILLING = "billing"
    BILLING_READ = "billing:read"


# What a program of a partner's own may do when nobody narrows it.
EVERYTHING = (ApiScope.ACCOUNTS, ApiScope.SETTINGS, ApiScope.USERS, ApiScope.BILLING)


class ApiKey(PartnerOwned, table=True):
    """A named key of the partner; `prefix` is what is still shown of it."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("key_hash", name="uq_api_key_hash"),
        Index("ix_api_key_partner", "partner_id", "created_at", "id"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    name: str = Field(max_length=120)
    key_hash: str = Field(max_length=64)
    prefix: str = Field(max_length=16)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_by: str = Field(max_length=64)  # an actor, as events name it
    created_at: datetime = utc_field()
    last_used_at: datetime | None = utc_field(nullable=True)
    revoked_at: datetime | None = utc_field(nullable=True)


class SystemUser(PartnerOwned, table=True):
    """A user name and password for programs that ask for tokens; never a person."""

    __tablename__ = "api_user"
    __table_args__ = (
        UniqueConstraint("username", name="uq_api_user_username"),
        Index("ix_api_user_partner", "partner_id", "created_at", "id"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    username: str = Field(max_length=320)  # normalised as an e-mail address is
    name: str = Field(default="", max_length=120)
    password_hash: str = Field(max_length=200)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_by: str = Field(max_length=64)
    created_at: datetime = utc_field()
    password_at: datetime = utc_field()
    last_used_at: datetime | None = utc_field(nullable=True)
    disabled_at: datetime | None = utc_field(nullable=True)


class ApiToken(PartnerOwned, table=True):
    """One token login: an access token and the refresh token that brings the next one."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("refresh_hash", name="uq_api_token_refresh"),
        Index("ix_api_token_user", "system_user_id", "expires_at"),
        Index("ix_api_token_end", "refresh_expires_at"),
    )

    id_hash: str = Field(primary_key=True, max_length=64)
    refresh_hash: str = Field(max_length=64)
    system_user_id: str = Field(foreign_key="api_user.id", max_length=16)
    created_at: datetime = utc_field()
    expires_at: datetime = utc_field()
    refresh_expires_at: datetime = utc_field()
    revoked_at: datetime | None = utc_field(nullable=True)
