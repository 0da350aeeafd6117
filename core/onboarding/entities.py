"""One client's way to a live number, as a row that every page is only a view of.

The run remembers what the browser told, what Meta answered and where it stands; a closed browser
or a killed process loses nothing. Its flight record is the events about it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field

from core.columns import PartnerOwned, new_key, utc_field


class RunStep(StrEnum):
    """Where the client stands; the six steps of product.md, payment only for direct-paid."""

    SIGN_UP = "sign_up"
    CODE = "code"  # the mailed one-time code is awaited
    PAYMENT = "payment"
    META = "meta"  # Embedded Signup in Meta's popup
    REGISTER = "register"  # the server sequence, live
    PERMISSION = "permission"
    DONE = "done"


class RunStatus(StrEnum):
    """Who moves next; `stopped` waits for a person with the reason in `error_code`."""

    OPEN = "open"
    WORKING = "working"
    STOPPED = "stopped"
    FINISHED = "finished"
    ABANDONED = "abandoned"


class Ending(StrEnum):
    """How Embedded Signup ended (meta.md section 2)."""

    FINISH = "FINISH"
    ONLY_WABA = "FINISH_ONLY_WABA"
    COEXISTENCE = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    OBO_MIGRATION = "FINISH_OBO_MIGRATION"
    GRANT_ONLY = "FINISH_GRANT_ONLY_API_ACCESS"
    CANCEL = "CANCEL"
    ERROR = "ERROR"


class OnboardingRun(PartnerOwned, table=True):
    """One attempt of one client at one partner."""

    __tablename__ = "onboarding_run"
    __table_args__ = (
        CheckConstraint(
            "status IN ('open', 'working', 'stopped', 'finished', 'abandoned')", name="status"
        ),
        Index("ix_onboarding_run_partner", "partner_id", "updated_at", "id"),
        Index("ix_onboarding_run_waba", "waba_external_id"),
        Index("ix_onboarding_run_client", "client_id"),
        # The list's filters, and the search for runs that nobody touches.
        Index("ix_onboarding_run_status", "partner_id", "status", "updated_at", "id"),
        Index("ix_onboarding_run_idle", "status", "updated_at"),
    )

    id: str = Field(default_factory=lambda: new_key(16), primary_key=True, max_length=16)
    client_id: str | None = Field(default=None, foreign_key="client.id", max_length=10)
    status: str = Field(default=RunStatus.OPEN.value, max_length=16)
    step: str = Field(default=RunStep.SIGN_UP.value, max_length=16)
    language: str = Field(default="en", max_length=8)

    # What the link brought; frozen at the start so that a later change cannot mix two worlds.
    redirect_url: str = Field(default="", max_length=2000)
    state: str = Field(default="", max_length=2000)
    partner_payload: str = Field(default="", max_length=2000)
    number_hint: str = Field(default="", max_length=32)
    link: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # the other known parameters

    company: str = Field(default="", max_length=200)
    full_name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=320)
    email_verified_at: datetime | None = utc_field(nullable=True)
    code_hash: str = Field(default="", max_length=64)
    code_expires_at: datetime | None = utc_field(nullable=True)
    code_tries: int = 0
    codes_sent: int = 0

    # Direct-paid: what the client has agreed to, and where it is between us and the card page.
    prices_seen_at: datetime | None = utc_field(nullable=True)
    terms_version: str = Field(default="", max_length=40)
    terms_accepted_at: datetime | None = utc_field(nullable=True)
    terms_ip_hash: str = Field(default="", max_length=64)  # keyed: it proves, but tells nobody
    card_visit: str = Field(default="", max_length=22)  # on its way, '' once it is known how
    credit_payment: str = Field(default="", max_length=22)  # of the first top-up
    credit_answered_at: datetime | None = utc_field(nullable=True)  # bought, or not now

    # Secrets of the client's browsers and of the mailed resume link, stored hashed.
    browser_hash: str = Field(default="", max_length=64, index=True)
    # Browsers that had the run before, newest first: they are told that it goes on elsewhere.
    former_browsers: list[str] = Field(default_factory=list, sa_type=JSON)
    resume_hash: str = Field(default="", max_length=64, index=True)
    resume_expires_at: datetime | None = utc_field(nullable=True)

    # The two browser signals of Embedded Signup, in any order.
    meta_code: str = Field(default="", max_length=2000)  # sealed
    meta_code_at: datetime | None = utc_field(nullable=True)
    ending: str = Field(default="", max_length=64)
    waba_external_id: str = Field(default="", max_length=32)
    phone_external_id: str = Field(default="", max_length=32)
    business_external_id: str = Field(default="", max_length=32)
    signup_at: datetime | None = utc_field(nullable=True)  # the popup was opened
    attempt: int = 0  # how many times Embedded Signup was begun; part of the workflow's key

    # The server sequence.
    token: str = Field(default="", max_length=2000)  # sealed business token
    token_expires_at: datetime | None = utc_field(nullable=True)
    pin: str = Field(default="", max_length=400)  # sealed
    progress: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # step -> done at
    error_code: str = Field(default="", max_length=64)
    error: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

    channel_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    granted_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    revoked_ids: list[str] = Field(default_factory=list, sa_type=JSON)

    created_at: datetime = utc_field()
    updated_at: datetime = utc_field()
    # A person was here. Previews and bots fetch links, too; their rows are nobody's business.
    visited_at: datetime | None = utc_field(nullable=True)
    finished_at: datetime | None = utc_field(nullable=True)

    @property
    def is_shared(self) -> bool:
        """The partner's program brought it: no client is on a page of the hub's."""
        return self.link.get("origin") == "account_sharing"
