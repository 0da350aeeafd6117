"""What happened, once and for good: the one table that feeds pushes, webhooks, audit, timelines.

An event is written in the transaction of the change it tells of and is never changed after that
(a trigger refuses it). Work that must follow is enqueued in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer
from sqlmodel import Field, Session

from core.clock import Clock
from core.columns import PartnerOwned, utc_field
from core.origin import origin_of
from core.ports import Notice
from core.request_id import current_request_id


class EventType(StrEnum):
    """Names partners know from the webhook catalogue, plus the hub's own steps."""

    CLIENT_CREATED = "client_created"
    CHANNEL_CREATED = "channel_created"
    CHANNEL_SUBMITTED = "channel_submitted"
    CHANNEL_PERMISSION_GRANTED = "channel_permission_granted"
    CHANNEL_PERMISSION_REVOKED = "channel_permission_revoked"
    CHANNEL_READY = "channel_ready"
    CHANNEL_RUNNING = "channel_running"
    CHANNEL_LIVE = "channel_live"
    CANCELLATION_REQUESTED = "cancellation_request"
    CANCELLATION_REVOKED = "cancellation_revoke"
    CANCELLATION_PROCESSED = "cancellation_processed"
    CHANNEL_DEREGISTERED = "channel_deregistered"  # what became of an ended number at Meta
    CHANNEL_REGION_CHANGE = "channel_region_change"  # a guided run: begun, done or stopped
    CHANNEL_STATUS_CHANGED = "channel_status_changed"
    PHONE_NUMBER_QUALITY_CHANGED = "phone_number_quality_changed"
    MESSAGING_LIMIT_CHANGED = "messaging_limit_changed"
    DISPLAY_NAME_CHANGED = "display_name_changed"
    BUSINESS_VERIFICATION_CHANGED = "business_verification_changed"
    ACCOUNT_VIOLATION = "account_violation"
    ACCOUNT_RESTRICTION = "account_restriction"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_REINSTATED = "account_reinstated"
    ACCOUNT_REVIEW_CHANGED = "account_review_changed"
    ACCOUNT_UPDATE = "account_update"  # an account_update the hub only keeps and shows
    ACCOUNT_ALERT = "account_alert"
    CAPABILITY_CHANGED = "capability_changed"
    PARTNER_ADDED = "partner_added"
    PARTNER_REMOVED = "partner_removed"
    TEMPLATE_STATUS_CHANGED = "waba_template_status_changed"
    TEMPLATE_QUALITY_CHANGED = "waba_template_quality_changed"
    TEMPLATE_CATEGORY_CHANGED = "waba_template_category_changed"
    # The onboarding flight record.
    RUN_STARTED = "onboarding_started"
    RUN_STEP = "onboarding_step"
    RUN_META_CALL = "onboarding_meta_call"
    RUN_ERROR = "onboarding_error"
    RUN_LINK_SENT = "onboarding_link_sent"
    RUN_FINISHED = "onboarding_finished"
    # Money.
    BALANCE_CHANGED = "balance_changed"
    BALANCE_LOW = "balance_low"
    BALANCE_EXHAUSTED = "balance_exhausted"
    OUTBOUND_STOPPED = "template_messaging_disabled"
    OUTBOUND_RESUMED = "template_messaging_enabled"
    CAP_CHANGED = "client_cap_changed"
    CAP_REACHED = "client_cap_reached"
    ALERT_LEVELS_CHANGED = "alert_levels_changed"
    TOP_UP_STARTED = "top_up_started"
    TOP_UP_SETTLED = "top_up_settled"
    TOP_UP_FAILED = "top_up_failed"
    PAYMENT_CONFIRMATION_NEEDED = "payment_confirmation_needed"
    PAYMENT_REFUNDED = "payment_refunded"
    PAYMENT_DISPUTED = "payment_disputed"
    CARD_ADDED = "card_added"
    CARD_REMOVED = "card_removed"
    CARD_MADE_PRIMARY = "card_made_primary"
    CARD_EXPIRING = "card_expiring"
    AUTO_RENEWAL_CHANGED = "auto_renewal_changed"
    AUTO_RENEWAL_SUCCEEDED = "auto_renewal_succeeded"
    AUTO_RENEWAL_FAILED = "auto_renewal_failed"
    AUTO_RENEWAL_STOPPED = "auto_renewal_stopped"
    INVOICE_ISSUED = "invoice_issued"
    INVOICE_PAID = "invoice_paid"
    INVOICE_PAYMENT_FAILED = "invoice_payment_failed"
    CREDIT_NOTE_ISSUED = "credit_note_issued"
    MONTH_NOT_CLOSED = "month_not_closed"
    BILLING_DETAILS_CHANGED = "billing_details_changed"
    PLAN_CHANGED = "plan_changed"
    PLAN_CHANGE_PLANNED = "plan_change_planned"
    PLAN_CHANGE_WITHDRAWN = "plan_change_withdrawn"
    PLAN_CANCELLED = "plan_cancelled"
    PLAN_CANCEL_WITHDRAWN = "plan_cancel_withdrawn"
    PLAN_ENDED = "plan_ended"
    UPGRADE_STARTED = "upgrade_started"
    UPGRADE_FAILED = "upgrade_failed"
    LICENCE_CHANGED = "licence_changed"
    # Support.
    CONVERSATION_OPENED = "support_conversation_opened"
    MESSAGE_WRITTEN = "support_message_written"
    NOTE_WRITTEN = "support_note_written"
    CONVERSATION_ASSIGNED = "support_conversation_assigned"
    CONVERSATION_CLOSED = "support_conversation_closed"
    CONVERSATION_REOPENED = "support_conversation_reopened"
    REQUEST_MADE = "support_request_made"
    REQUEST_ACCEPTED = "support_request_accepted"
    REQUEST_REFUSED = "support_request_refused"
    REQUEST_WITHDRAWN = "support_request_withdrawn"
    # Integration.
    INTEGRATION_CHANGED = "integration_changed"
    PLATFORM_SECRET_MADE = "platform_secret_made"  # noqa: S105
    PLATFORM_SECRET_SHOWN = "platform_secret_shown"  # noqa: S105
    PLATFORM_SECRET_OVERLAP_ENDED = "platform_secret_overlap_ended"  # noqa: S105
    # The brand that clients see.
    PROFILE_CHANGED = "profile_changed"
    # Webhooks.
    WEBHOOK_ADDED = "webhook_endpoint_added"
    WEBHOOK_CHANGED = "webhook_endpoint_changed"
    WEBHOOK_REMOVED = "webhook_endpoint_removed"
    WEBHOOK_PAUSED = "webhook_endpoint_paused"
    WEBHOOK_RESUMED = "webhook_endpoint_resumed"
    WEBHOOK_OFF = "webhook_endpoint_switched_off"
    WEBHOOK_ON = "webhook_endpoint_switched_on"
    WEBHOOK_TESTED = "webhook_tested"
    WEBHOOKS_REPLAYED = "webhooks_replayed"
    # Programs.
    API_KEY_MADE = "api_key_made"
    API_KEY_REVOKED = "api_key_revoked"
    SYSTEM_USER_MADE = "system_user_made"
    SYSTEM_USER_CHANGED = "system_user_changed"
    SYSTEM_USER_REMOVED = "system_user_removed"
    CHANNEL_KEY_MADE = "channel_key_made"
    CHANNEL_KEY_REMOVED = "channel_key_removed"
    CLIENT_CHANGED = "client_changed"  # what the partner set about it
    # People.
    INVITATION_SENT = "invitation_sent"
    INVITATION_SENT_AGAIN = "invitation_sent_again"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    INVITATION_ACCEPTED = "invitation_accepted"
    MEMBER_JOINED = "member_joined"
    MEMBER_REMOVED = "member_removed"
    ROLE_CHANGED = "role_changed"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SESSION_REVOKED = "session_revoked"  # by its person, in another browser; ends open pages
    SIGN_IN_CONFIRMED = "sign_in_confirmed"
    PARTNER_SWITCHED = "partner_switched"
    # By the operator, at somebody's own wish.
    PERSON_EXPORTED = "person_exported"
    PERSON_ERASED = "person_erased"


# What staff do among themselves: kept for the operator, never shown to the partner.
STAFF_ONLY = frozenset({EventType.NOTE_WRITTEN.value})

# Actors that come from nowhere outside.
_OWN = frozenset({"hub", "meta"})
# Where a session keeps the origins of what it records, for `storage.origins`.
ORIGINS = "origins"


class Event(PartnerOwned, table=True):
    """One thing that happened; `data` holds what changed, never a secret."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "partner_id", "subject_type", "subject_id", "id"),
        Index("ix_event_partner", "partner_id", "id"),
        Index("ix_event_type", "partner_id", "type", "id"),
        Index("ix_event_actor", "partner_id", "actor", "id"),
    )

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    type: str = Field(max_length=64)
    subject_type: str = Field(max_length=32)
    subject_id: str = Field(max_length=64)
    at: datetime = utc_field()
    actor: str = Field(default="hub", max_length=64)  # a person's id, "client", "meta" or "hub"
    # The same fact told twice is one event: Meta repeats itself for up to seven days.
    key: str | None = Field(default=None, max_length=80, unique=True)
    # Ids and values of things, never of people: names and addresses lie in rows that can be erased.
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    origin: str | None = Field(default=None, max_length=32)  # see `core.origin`
    request_id: str | None = Field(default=None, max_length=32)


def record(
    session: Session,
    clock: Clock,
    type_: EventType,
    *,
    partner_id: str,
    subject: tuple[str, str],
    actor: str = "hub",
    data: dict[str, Any] | None = None,
    key: str | None = None,
) -> Event:
    """Write an event in the caller's transaction; `subject` is (type, id) such as ("channel", id).

    Open pages of the partner are told after the commit (`storage.database` collects the notices).
    """
    at = clock.now()
    origin = None if actor in _OWN else origin_of(partner_id, actor, at)
    if origin is not None:
        session.info.setdefault(ORIGINS, {})[origin.id] = origin
    event = Event(
        partner_id=partner_id,
        type=type_.value,
        subject_type=subject[0],
        subject_id=subject[1],
        at=at,
        actor=actor,
        data=data or {},
        key=key,
        origin=origin.id if origin else None,
        request_id=current_request_id() or None,
    )
    session.add(event)
    return event


def notices_of(session: Session) -> list[Notice]:
    """What the session will tell after its commit; whoever writes in bulk adds here."""
    notices: list[Notice] = session.info.setdefault("notices", [])
    return notices
