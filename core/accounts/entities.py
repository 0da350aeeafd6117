"""Clients, their WhatsApp Business Accounts, channels (phone numbers) and templates.

Values that Meta owns are kept as Meta writes them, unknown ones too; `meta_stamps` remembers at
what time each was last told, so that webhooks may come twice and in any order.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from core.columns import PartnerOwned, new_id, new_key, utc_field


class ChannelStatus(StrEnum):
    """The contract's words (partner-api.md section 2); a working channel is `ready`."""

    CREATED = "created"
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    READY = "ready"
    MODIFIED = "modified"
    IMPORTED = "imported"
    NEW_NAME_REQUESTED = "new_name_requested"
    CERTIFICATE_DECLINED = "certificate_declined"
    CONSENTS_SIGNED = "consents_signed"
    ERROR = "error"
    PORTING_READY = "porting_ready"
    READY_FOR_MIGRATION = "ready_for_migration"
    WAITING_FOR_MIGRATION_CODE = "waiting_for_migration_code"
    MIGRATION_CODE_REQUESTED = "migration_code_requested"


class ConsentState(StrEnum):
    """Whether the client lets the partner work with the number."""

    PENDING = "pending"
    GRANTED = "granted"
    REVOKED = "revoked"


class ClientStatus(StrEnum):
    """`pending` pays for itself and has not given a card yet: no account before that."""

    ACTIVE = "active"
    PENDING = "pending"


class Client(PartnerOwned, table=True):
    """A business that the partner brought onto WhatsApp."""

    __tablename__ = "client"
    __table_args__ = (
        UniqueConstraint("partner_id", "email", name="uq_client_partner_email"),
        Index("ix_client_partner", "partner_id", "id"),
        Index("ix_client_partner_created", "partner_id", "created_at", "id"),
    )

    id: str = Field(default_factory=lambda: new_id("CL"), primary_key=True, max_length=10)
    name: str = Field(max_length=200)
    organisation: str = Field(default="", max_length=200)
    status: str = Field(default=ClientStatus.ACTIVE.value, max_length=32)
    email: str = Field(max_length=320)  # normalised
    full_name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=32)
    country: str = Field(default="", max_length=2)
    language: str = Field(default="en", max_length=8)
    contact: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    max_channels: int | None = None
    partner_payload: str = Field(default="", max_length=2000)
    suspicious: bool = False
    created_at: datetime = utc_field()
    modified_at: datetime = utc_field()
    # Whose hand it was, with the name of that day; '' for the client's own.
    modified_by: str = Field(default="", max_length=64)
    modified_by_name: str = Field(default="", max_length=200)


class WabaAccount(PartnerOwned, table=True):
    """A WhatsApp Business Account; `external_id` is Meta's, one hub knows it once."""

    __tablename__ = "waba_account"
    __table_args__ = (
        UniqueConstraint("external_id", name="uq_waba_account_external_id"),
        Index("ix_waba_account_partner", "partner_id", "id"),
        Index("ix_waba_account_client", "client_id"),
        Index("ix_waba_account_business", "owner_business_id"),
    )

    id: str = Field(default_factory=lambda: new_id("WA"), primary_key=True, max_length=10)
    client_id: str = Field(foreign_key="client.id", max_length=10)
    external_id: str = Field(max_length=32)
    name: str = Field(default="", max_length=200)
    namespace: str = Field(default="", max_length=64)
    currency: str = Field(default="", max_length=3)
    country: str = Field(default="", max_length=2)
    timezone_id: str = Field(default="", max_length=16)
    owner_business_id: str = Field(default="", max_length=32)
    owner_business_name: str = Field(default="", max_length=200)
    ownership_type: str = Field(default="", max_length=32)
    status: str = Field(default="", max_length=64)
    review_status: str = Field(default="", max_length=64)
    business_verification: str = Field(default="", max_length=64)
    ban_state: str = Field(default="", max_length=64)
    ban_date: str = Field(default="", max_length=64)
    restrictions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    violation_type: str = Field(default="", max_length=64)
    max_phone_numbers: int | None = None
    removed: bool = False  # the client unshared it (PARTNER_REMOVED and its kin)
    token: str = Field(default="", max_length=2000)  # sealed business token
    token_expires_at: datetime | None = utc_field(nullable=True)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # other values Meta told
    meta_stamps: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = utc_field()
    modified_at: datetime = utc_field()


_ABOUT_TO_END = text("ends_at IS NOT NULL AND terminated_at IS NULL")


class Channel(PartnerOwned, table=True):
    """One phone number; the columns the list shows, sorts and searches by stand here."""

    __tablename__ = "channel"
    __table_args__ = (
        UniqueConstraint("external_id", name="uq_channel_external_id"),
        # Keyset paging: every sortable column ends in the id.
        Index("ix_channel_partner_name", "partner_id", "name_key", "id"),
        Index("ix_channel_partner_phone", "partner_id", "phone_number", "id"),
        Index("ix_channel_partner_client", "partner_id", "client_key", "id"),
        Index("ix_channel_partner_status", "partner_id", "state_rank", "id"),
        Index("ix_channel_partner_quality", "partner_id", "quality_rank", "id"),
        Index("ix_channel_partner_limit", "partner_id", "limit_rank", "id"),
        Index("ix_channel_partner_verification", "partner_id", "verification", "id"),
        Index("ix_channel_partner_modified", "partner_id", "modified_at", "id"),
        Index("ix_channel_partner_created", "partner_id", "created_at", "id"),
        Index("ix_channel_waba", "waba_account_id"),
        Index("ix_channel_client", "client_id"),
        Index("ix_channel_phone", "phone_number"),
        Index(
            "ix_channel_ends",
            "ends_at",
            "id",
            sqlite_where=_ABOUT_TO_END,
            postgresql_where=_ABOUT_TO_END,
        ),
    )

    id: str = Field(default_factory=lambda: new_id("CH"), primary_key=True, max_length=10)
    client_id: str = Field(foreign_key="client.id", max_length=10)
    waba_account_id: str = Field(foreign_key="waba_account.id", max_length=10)
    external_id: str | None = Field(default=None, max_length=32)
    phone_number: str = Field(default="", max_length=32)  # digits only
    display_phone_number: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=200)
    status: str = Field(default=ChannelStatus.CREATED.value, max_length=32)
    account_mode: str = Field(default="live", max_length=16)
    consent: str = Field(default=ConsentState.PENDING.value, max_length=16)

    # As Meta says it; '' = never told.
    meta_status: str = Field(default="", max_length=64)
    quality: str = Field(default="", max_length=32)
    messaging_limit: str = Field(default="", max_length=32)
    name_status: str = Field(default="", max_length=64)
    requested_name: str = Field(default="", max_length=200)
    code_verification: str = Field(default="", max_length=32)
    verification: str = Field(default="", max_length=64)  # the business's, told by its WABA
    platform_type: str = Field(default="", max_length=32)
    throughput: str = Field(default="", max_length=32)
    is_on_biz_app: bool = False
    is_oba: bool | None = None
    region: str = Field(default="", max_length=2)
    pin: str = Field(default="", max_length=400)  # sealed
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    meta_stamps: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

    # Derived by `accounts.listing` whenever the row changes, never by hand.
    name_key: str = Field(default="", max_length=200)
    client_name: str = Field(default="", max_length=200)
    client_key: str = Field(default="", max_length=200)
    state: str = Field(default="", max_length=32)
    state_rank: int = 0
    quality_rank: int = 0
    limit_rank: int = 0
    search_text: str = Field(default="", max_length=2000)

    created_at: datetime = utc_field()
    modified_at: datetime = utc_field()
    live_at: datetime | None = utc_field(nullable=True)
    cancelled_at: datetime | None = utc_field(nullable=True)  # when it was asked for
    ends_at: datetime | None = utc_field(nullable=True)  # until when a cancelled number works
    billing_started_at: datetime | None = utc_field(nullable=True)
    terminated_at: datetime | None = utc_field(nullable=True)


class Template(PartnerOwned, table=True):
    """A message template; `external_id` is Meta's."""

    __tablename__ = "template"
    __table_args__ = (
        UniqueConstraint("waba_account_id", "external_id", name="uq_template_waba_external"),
        Index("ix_template_partner_waba", "partner_id", "waba_account_id", "name", "id"),
    )

    id: str = Field(default_factory=new_key, primary_key=True, max_length=22)
    waba_account_id: str = Field(foreign_key="waba_account.id", max_length=10)
    external_id: str = Field(max_length=32)
    name: str = Field(max_length=512)
    language: str = Field(max_length=16)
    category: str = Field(default="", max_length=32)
    status: str = Field(default="", max_length=32)
    rejected_reason: str = Field(default="", max_length=200)
    quality: str = Field(default="", max_length=32)
    components: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    meta_stamps: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = utc_field()
    modified_at: datetime = utc_field()
    # Whose hand it was here, with the name of that day; '' for what Meta told.
    created_by: str = Field(default="", max_length=64)
    created_by_name: str = Field(default="", max_length=200)
    modified_by: str = Field(default="", max_length=64)
    modified_by_name: str = Field(default="", max_length=200)


class SavedView(PartnerOwned, table=True):
    """A person's named filters for a list; `query` is the list's URL query."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_person", "partner_id", "person_id", "page"),)

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16)
    page: str = Field(max_length=32)
    name: str = Field(max_length=80)
    query: str = Field(max_length=2000)
    created_at: datetime = utc_field()
