"""What a number's values mean together: its state, what comes next and whose turn it is.

Pure. Precedence is what stops messages first: gone, disabled, disconnected, refused, then set-up
steps, then what is only worth knowing. Values nobody knows yet are never guessed at: they give
the state `unknown` with Meta's own word in `values`. Sentences are keys; `ui` owns the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from core.accounts.entities import ChannelStatus, ConsentState
from core.accounts.states import Severity, State, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """`sentence` is a key of the words in `ui`; `values` fill its gaps (raw words, dates)."""

    state: State
    sentence: str
    turn: Turn
    severity: Severity
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The values that decide, as the contract and Meta write them; '' = never told."""

    status: str = ChannelStatus.READY
    consent: str = ConsentState.GRANTED
    meta_status: str = ""
    quality: str = ""
    name_status: str = ""
    on_business_app: bool = False
    verification: str = ""
    review: str = ""
    ban_state: str = ""
    ban_date: str = ""
    violation: str = ""
    restrictions: tuple[Mapping[str, Any], ...] = ()
    removed: bool = False
    token_expires_at: datetime | None = None
    cancelled: bool = False
    ends_at: datetime | None = None  # a cancelled number's end, half-open
    terminated: bool = False


def next_action(it: Situation, now: datetime | None = None) -> NextAction:
    """The most urgent thing that is true of a number.

    `now` (aware UTC) lets expired tokens count and expired restrictions not; without it tokens
    count as good and restrictions as standing.
    """
    return (
        _ended(it)
        or _enforcement(it)
        or _connection(it, now)
        or _steps(it)
        or _limits(it, now)
        or _review_or_name(it)
        or _unknown(it)
        or _live(it)
    )


def _ended(it: Situation) -> NextAction | None:
    if it.terminated:
        return _say(State.CANCELLED, "cancelled", Turn.NOBODY, Severity.INFO)
    if it.meta_status == "MIGRATED":
        return _say(State.MIGRATED, "migrated_away", Turn.NOBODY, Severity.INFO)
    if it.meta_status == "DELETED":
        return _say(State.DELETED, "deleted_at_meta", Turn.NOBODY, Severity.INFO)
    return None


def _enforcement(it: Situation) -> NextAction | None:
    about = {"violation": it.violation, "date": it.ban_date}
    if it.ban_state == "DISABLE" or it.meta_status == "BANNED":
        return _say(State.BANNED, "banned", Turn.CLIENT, Severity.DANGER, **about)
    if it.ban_state == "SCHEDULE_FOR_DISABLE":
        key = "ban_scheduled" if it.ban_date else "ban_scheduled_undated"
        return _say(State.BAN_SCHEDULED, key, Turn.CLIENT, Severity.DANGER, **about)
    return None


def _connection(it: Situation, now: datetime | None) -> NextAction | None:
    if it.removed:
        return _say(State.REMOVED, "client_removed", Turn.PARTNER, Severity.DANGER)
    if it.review == "REJECTED":
        return _say(State.REJECTED, "review_rejected", Turn.CLIENT, Severity.DANGER)
    if it.status == ChannelStatus.ERROR:
        return _say(State.ERROR, "setup_error", Turn.PARTNER, Severity.DANGER)
    if now is not None and it.token_expires_at is not None and it.token_expires_at <= now:
        return _say(State.RECONNECT, "token_expired", Turn.PARTNER, Severity.DANGER)
    if it.meta_status == "DISCONNECTED":
        if it.on_business_app:
            key, turn = "disconnected_app", Turn.CLIENT
        else:
            key, turn = "disconnected", Turn.PARTNER
        return _say(State.DISCONNECTED, key, turn, Severity.DANGER)
    return None


def _steps(it: Situation) -> NextAction | None:
    """What is missing until the number works; nobody finishes one that is about to end."""
    missing = _set_up(it) or _permission(it)
    return _cancelling(it) if missing and it.cancelled else missing


_SETTING_UP: dict[str, tuple[State, str, Turn]] = {
    ChannelStatus.CREATED: (State.SETTING_UP, "created", Turn.CLIENT),
    ChannelStatus.UNVERIFIED: (State.UNVERIFIED, "verify_number", Turn.CLIENT),
    ChannelStatus.VERIFIED: (State.SETTING_UP, "registering", Turn.NOBODY),
    ChannelStatus.MODIFIED: (State.SETTING_UP, "applying_change", Turn.META),
    ChannelStatus.NEW_NAME_REQUESTED: (State.IN_REVIEW, "name_in_review", Turn.META),
    ChannelStatus.CONSENTS_SIGNED: (State.IN_REVIEW, "consents_signed", Turn.META),
    ChannelStatus.PORTING_READY: (State.MIGRATING, "porting_ready", Turn.CLIENT),
    ChannelStatus.READY_FOR_MIGRATION: (State.MIGRATING, "ready_for_migration", Turn.PARTNER),
    ChannelStatus.MIGRATION_CODE_REQUESTED: (State.MIGRATING, "code_requested", Turn.META),
    ChannelStatus.WAITING_FOR_MIGRATION_CODE: (State.MIGRATING, "enter_code", Turn.CLIENT),
}


def _set_up(it: Situation) -> NextAction | None:
    if it.status in (ChannelStatus.CERTIFICATE_DECLINED, ChannelStatus.NEW_NAME_REQUESTED):
        declined = _name_refused(it)
        if declined or it.status == ChannelStatus.CERTIFICATE_DECLINED:
            return declined or _say(
                State.NAME_DECLINED, "name_declined", Turn.CLIENT, Severity.WARNING
            )
    if it.status in _SETTING_UP:
        state, key, turn = _SETTING_UP[it.status]
        return _say(state, key, turn, Severity.INFO)
    return None


def _permission(it: Situation) -> NextAction | None:
    if it.consent == ConsentState.REVOKED:
        return _say(State.PERMISSION_REVOKED, "permission_revoked", Turn.CLIENT, Severity.WARNING)
    if it.consent == ConsentState.PENDING:
        return _say(State.PERMISSION_PENDING, "permission_pending", Turn.CLIENT, Severity.INFO)
    if it.status == ChannelStatus.IMPORTED and it.meta_status != "CONNECTED":
        return _say(State.SETTING_UP, "imported", Turn.NOBODY, Severity.INFO)
    return None


def _limits(it: Situation, now: datetime | None) -> NextAction | None:
    if it.meta_status == "RESTRICTED" or it.review in ("RESTRICTED", "LIMIT_REACHED"):
        return _say(State.RESTRICTED, "restricted", Turn.CLIENT, Severity.DANGER)
    standing = [r for r in it.restrictions if _stands(r, now)]
    if standing:
        kind = str(standing[0].get("restriction_type", ""))
        until = _date(standing[0].get("expiration"))
        key = "restricted_until" if until else "restricted_kind"
        turn = Turn.META if until else Turn.CLIENT
        return _say(State.RESTRICTED, key, turn, Severity.WARNING, kind=kind, date=until)
    if it.meta_status == "FLAGGED":
        return _say(State.FLAGGED, "flagged", Turn.PARTNER, Severity.WARNING)
    if it.meta_status == "RATE_LIMITED":
        return _say(State.RATE_LIMITED, "rate_limited", Turn.PARTNER, Severity.WARNING)
    if it.meta_status == "UNVERIFIED":
        return _say(State.UNVERIFIED, "verify_number", Turn.CLIENT, Severity.INFO)
    return None


def _review_or_name(it: Situation) -> NextAction | None:
    refused = _name_refused(it)
    if refused:
        return refused
    if it.meta_status != "PENDING":
        return None
    if it.name_status == "PENDING_REVIEW":
        return _say(State.IN_REVIEW, "name_in_review", Turn.META, Severity.INFO)
    if it.review in ("PENDING", "DEFERRED"):
        return _say(State.IN_REVIEW, "review_pending", Turn.META, Severity.INFO)
    return _say(State.SETTING_UP, "pending_at_meta", Turn.META, Severity.INFO)


def _name_refused(it: Situation) -> NextAction | None:
    keys = {"DECLINED": "name_declined", "EXPIRED": "name_expired"}
    if it.name_status not in keys:
        return None
    return _say(State.NAME_DECLINED, keys[it.name_status], Turn.CLIENT, Severity.WARNING)


def _unknown(it: Situation) -> NextAction | None:
    if it.status not in (ChannelStatus.READY, ChannelStatus.IMPORTED):
        return _say(State.UNKNOWN, "unknown_status", Turn.NOBODY, Severity.WARNING, value=it.status)
    if it.meta_status not in ("", "CONNECTED"):
        return _say(
            State.UNKNOWN, "unknown_meta", Turn.NOBODY, Severity.WARNING, value=it.meta_status
        )
    return None


_VERIFY = ("not_verified", "failed", "rejected", "revoked", "expired", "pending_submission")
_MORE_INFO = ("pending_need_more_info",)


def _live(it: Situation) -> NextAction:
    if it.cancelled:
        return _cancelling(it)
    key, turn, severity = "live", Turn.NOBODY, Severity.SUCCESS
    if it.quality == "RED":
        key, turn, severity = "live_quality_low", Turn.PARTNER, Severity.WARNING
    elif it.review in ("PENDING", "DEFERRED"):
        key, turn = "live_review_pending", Turn.META
    elif it.name_status == "PENDING_REVIEW":
        key, turn = "live_name_in_review", Turn.META
    elif it.verification in _MORE_INFO:
        key, turn = "live_verification_more_info", Turn.CLIENT
    elif it.verification in _VERIFY:
        key, turn = "live_verify_business", Turn.CLIENT
    elif it.verification == "pending":
        key, turn = "live_verification_pending", Turn.META
    return _say(State.LIVE, key, turn, severity)


def _cancelling(it: Situation) -> NextAction:
    if it.ends_at is None:
        return _say(State.CANCELLING, "cancelling", Turn.NOBODY, Severity.WARNING)
    last_day = (it.ends_at - timedelta.resolution).date().isoformat()
    return _say(State.CANCELLING, "cancelling_until", Turn.NOBODY, Severity.WARNING, date=last_day)


def _say(state: State, key: str, turn: Turn, severity: Severity, **values: str) -> NextAction:
    said = {name: value for name, value in values.items() if value}
    return NextAction(state=state, sentence=key, turn=turn, severity=severity, values=said)


def _stands(restriction: Mapping[str, Any], now: datetime | None) -> bool:
    ends = moment(restriction.get("expiration"))
    return now is None or ends is None or ends > now


def _date(value: Any) -> str:
    ends = moment(value)
    return ends.date().isoformat() if ends else ""


def moment(value: Any) -> datetime | None:
    """Meta's unix seconds, also as text; anything else is no date."""
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
