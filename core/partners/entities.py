"""Partners and the people who work for them.

A partner is the tenant. A person signs in by an identity (issuer, subject) and belongs to one
or more partners by memberships; e-mail matches an invitation once and is never a key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import PartnerOwned, new_id, new_key, utc_field


class BillingModel(StrEnum):
    """Who prepays conversations: the partner's shared balance, or each client itself."""

    PARTNER_PAID = "partner_paid"
    DIRECT_PAID = "direct_paid"


class Role(StrEnum):
    """What a membership allows; the table of permissions stands in `core.access`."""

    OWNER = "owner"
    MEMBER = "member"


class SolutionStatus(StrEnum):
    """State of the Multi-Partner Solution at Meta; only ACTIVE may issue onboarding links."""

    NONE = "NONE"
    DRAFT = "DRAFT"
    INITIATED = "INITIATED"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    DEACTIVATED = "DEACTIVATED"


class Partner(SQLModel, table=True):
    """An agency or software house; owns everything that carries its id."""

    __tablename__ = "partner"
    __table_args__ = (CheckConstraint("currency IN ('EUR', 'USD')", name="currency"),)

    id: str = Field(default_factory=lambda: new_id("PA"), primary_key=True, max_length=10)
    brand_name: str = Field(max_length=120)
    logo_hash: str = Field(default="", max_length=64)
    brand_color: str = Field(default="", max_length=7)
    country: str = Field(default="", max_length=2)
    billing_model: str = Field(default=BillingModel.PARTNER_PAID.value, max_length=16)
    currency: str = Field(default="EUR", max_length=3)
    redirect_url: str = Field(default="", max_length=2000)
    extra_origins: list[str] = Field(default_factory=list, sa_type=JSON)
    solution_id: str = Field(default="", max_length=18)
    solution_status: str = Field(default=SolutionStatus.NONE.value, max_length=24)
    region_default: str = Field(default="", max_length=2)
    io_signature: bool = False
    token_login: bool = True  # system users may ask for tokens
    platform_secret: str = Field(default="", max_length=400)  # sealed
    platform_secret_previous: str = Field(default="", max_length=400)  # sealed; see its module
    platform_secret_previous_until: datetime | None = utc_field(nullable=True)
    clients_may_add_numbers: bool = True
    # Clients who ask to come over from another partner are taken without being looked at.
    partner_change_auto_approve: bool = False
    blocked: bool = False
    plan_unpaid: bool = False
    plan_ended: bool = False  # its subscription was cancelled and is over
    created_at: datetime = utc_field()


class Person(SQLModel, table=True):
    """Somebody who signs in; `is_staff` opens the operator's desk."""

    __tablename__ = "person"

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    name: str = Field(max_length=200)
    email: str = Field(max_length=320)  # as last told by the provider; shown, never matched
    is_staff: bool = False
    preferences: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = utc_field()


class Identity(SQLModel, table=True):
    """A person as an OpenID provider knows them; (issuer, subject) never changes hands."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="uq_identity_issuer_subject"),)

    id: int | None = Field(default=None, primary_key=True)
    issuer: str = Field(max_length=400)
    subject: str = Field(max_length=255)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=16)
    created_at: datetime = utc_field()


class Membership(PartnerOwned, table=True):
    """A person's role at a partner; `removed_at` ends it at once, the row stays for the audit."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("partner_id", "person_id", name="uq_membership_partner_person"),
        CheckConstraint("role IN ('owner', 'member')", name="role"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=16)
    role: str = Field(max_length=16)
    created_at: datetime = utc_field()
    last_seen_at: datetime | None = utc_field(nullable=True)
    removed_at: datetime | None = utc_field(nullable=True)


class Invitation(PartnerOwned, table=True):
    """An open door for one verified e-mail address; good once and for seven days."""

    __tablename__ = "invitation"

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    email: str = Field(max_length=320, index=True)  # normalised: see `partners.rules`
    name: str = Field(default="", max_length=200)
    role: str = Field(max_length=16)
    token_hash: str = Field(default="", max_length=64, index=True)  # of the mailed link
    invited_by: str = Field(default="", max_length=16)  # a person's id; empty: the operator
    times_sent: int = 0  # each mail has a link of its own, and ends the one before
    created_at: datetime = utc_field()
    sent_at: datetime | None = utc_field(nullable=True)
    expires_at: datetime = utc_field()
    accepted_at: datetime | None = utc_field(nullable=True)
    accepted_by: str = Field(default="", max_length=16)
    withdrawn_at: datetime | None = utc_field(nullable=True)


class LoginAttempt(SQLModel, table=True):
    """One trip to the OpenID provider: single use, ten minutes, bound to one browser."""

    __tablename__ = "login_attempt"

    state_hash: str = Field(primary_key=True, max_length=64)
    browser_hash: str = Field(max_length=64)
    nonce: str = Field(max_length=64)
    verifier: str = Field(max_length=128)
    next_path: str = Field(default="/", max_length=2000)
    confirms: str = Field(default="", max_length=64)  # the session that is to be fresh again
    invitation_hash: str = Field(default="", max_length=64)  # of the link that was followed
    created_at: datetime = utc_field(index=True)
    used_at: datetime | None = utc_field(nullable=True)


class UserSession(SQLModel, table=True):
    """A signed-in browser; the cookie's id is stored hashed only."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_person", "person_id", "revoked_at"),)

    id_hash: str = Field(primary_key=True, max_length=64)
    person_id: str = Field(foreign_key="person.id", max_length=16)
    partner_id: str | None = Field(default=None, foreign_key="partner.id", max_length=10)
    id_token: str = Field(default="", max_length=8000)  # sealed; hint for the provider's logout
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)
    created_at: datetime = utc_field()
    authenticated_at: datetime = utc_field()
    last_seen_at: datetime = utc_field()
    expires_at: datetime = utc_field(index=True)
    revoked_at: datetime | None = utc_field(nullable=True)
